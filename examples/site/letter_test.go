package main

import (
	"strings"
	"testing"
)

func TestReadLetter(t *testing.T) {
	const head = "From: \"Torii\" <demo@example.org>\r\nTo: <ada@example.org>\r\nSubject: x\r\nDate: Fri, 31 Jul 2026 12:00:00 +0000\r\n"
	for _, row := range []struct{ name, mail, want string }{
		{"plain", head + "Content-Type: text/plain\r\n\r\none\r\ntwo", "one\ntwo"},
		{"quoted", head + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db =\r\nM=C3=A4rkte", "a=b Märkte"},
		{"base64", head + "Content-Type: text/plain\r\nContent-Transfer-Encoding: BASE64\r\n\r\nTcOkcmt0\r\nZQ==", "Märkte"},
		{"alternatives", head + "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n" +
			"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\r\n--b--\r\n", "a=b"},
	} {
		t.Run(row.name, func(t *testing.T) {
			l, err := readLetter(strings.NewReader(row.mail), "http://localhost")
			if err != nil || len(l.Text) != 1 || l.Text[0].Text != row.want {
				t.Errorf("%+v, %v; want %q", l.Text, err, row.want)
			}
			if l.From != "Torii <demo@example.org>" || l.Subject != "x" || l.When() != "31 July 2026, 12:00:00 UTC" || l.To != "ada@example.org" {
				t.Errorf("%q, %q, %q: not what the mail says", l.From, l.Subject, l.When())
			}
		})
	}
	for name, text := range map[string]string{
		"nothing":        "",
		"no date":        "Content-Type: text/plain\r\n\r\nx",
		"no recipient":   strings.Replace(head, "To:", "No:", 1) + "Content-Type: text/plain\r\n\r\nx",
		"no type":        head + "\r\nx",
		"HTML alone":     head + "Content-Type: text/html\r\n\r\nx",
		"no text inside": head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\nx\r\n--b--\r\n",
		"no boundary":    head + "Content-Type: multipart/mixed\r\n\r\n--b\r\n",
		"bad base64":     head + "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!",
	} {
		if l, err := readLetter(strings.NewReader(text), ""); err == nil {
			t.Errorf("%s: %+v, want an error", name, l)
		}
	}
}

// Only this site's own addresses are links.
func TestPieces(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"", ""},
		{"no link", "no link"},
		{"http://localhost:1/a?b=c", "[http://localhost:1/a?b=c]"},
		{"See http://localhost:1/a. Then", "See |[http://localhost:1/a]|. Then"},
		{"(http://localhost:1/a)", "(|[http://localhost:1/a]|)"},
		{"<http://localhost:1/a> http://localhost:1/b", "<|[http://localhost:1/a]|> |[http://localhost:1/b]"},
		{"https://evil.example/ http://localhost:1/b", "https://evil.example/ |[http://localhost:1/b]"},
		{"http://localhost:1.evil.example/", "http://localhost:1.evil.example/"},
		{"http://localhost:12/", "http://localhost:12/"},
		{"javascript:alert(1)", "javascript:alert(1)"},
	} {
		var got []string
		for _, p := range pieces(row.text, "http://localhost:1") {
			if p.Link {
				p.Text = "[" + p.Text + "]"
			}
			got = append(got, p.Text)
		}
		if s := strings.Join(got, "|"); s != row.want {
			t.Errorf("pieces(%q) = %q, want %q", row.text, s, row.want)
		}
	}
}
