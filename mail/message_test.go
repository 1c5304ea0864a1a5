package mail_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/mail"
)

// reread writes a message and reads it again as a mail program would.
func reread(t *testing.T, m mail.Message) (*netmail.Message, []string) {
	t.Helper()
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(b.String(), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("not a line of a mail: %q", line)
		}
	}
	got, err := netmail.ReadMessage(&b)
	if err != nil {
		t.Fatal(err)
	}
	media, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if media != "multipart/alternative" {
		text, err := io.ReadAll(quotedprintable.NewReader(got.Body))
		if err != nil {
			t.Fatal(err)
		}
		return got, []string{media, string(text)}
	}
	parts := []string{media}
	for r := multipart.NewReader(got.Body, params["boundary"]); ; {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return got, parts
		}
		text, readErr := io.ReadAll(part)
		if err != nil || readErr != nil {
			t.Fatal(err, readErr)
		}
		parts = append(parts, part.Header.Get("Content-Type"), strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
}

func TestMessageTravels(t *testing.T) {
	m := sample()
	m.From.Name, m.To.Name = `Märkte "Süd", 東京`, "Ann  O'Neill (Sales) <x@y.z>"
	m.Subject = "Anmeldung für 東京 – " + strings.Repeat("lange Wörter ", 20)
	m.Text, m.HTML = "Grüße\n.\nFrom here\n"+strings.Repeat("ä", 2000)+"\n", "<p>Grüße</p>\n"
	m.Date = time.Date(2026, 11, 22, 8, 0, 0, 0, time.FixedZone("", 3600))
	got, parts := reread(t, m)
	want := []string{"multipart/alternative", "text/plain; charset=UTF-8", m.Text, "text/html; charset=UTF-8", m.HTML}
	if fmt.Sprintf("%q", parts) != fmt.Sprintf("%q", want) {
		t.Errorf("got\n%q\nwant\n%q", parts, want)
	}
	from, err := got.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != m.From.Name || from[0].Address != m.From.Address {
		t.Errorf("From: %v %v", from, err)
	}
	to, err := got.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Name != "Ann O'Neill (Sales) <x@y.z>" || to[0].Address != m.To.Address {
		t.Errorf("To: %v %v", to, err)
	}
	if subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject")); err != nil || subject != strings.TrimSpace(m.Subject) {
		t.Errorf("Subject: %q %v", subject, err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<mail_1@example.com>", "Date": "Sun, 22 Nov 2026 07:00:00 +0000", "Content-Language": "en",
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply", "Mime-Version": "1.0",
	} {
		if got := got.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if len(got.Header) != 10 { // these, From, To, Subject and Content-Type
		t.Errorf("there are other headers: %v", got.Header)
	}
}

func TestMessageOfTextAlone(t *testing.T) {
	m := sample()
	m.HTML, m.Locale, m.ID = "", "", ""
	first, parts := reread(t, m)
	if parts[0] != "text/plain" || strings.ReplaceAll(parts[1], "\r\n", "\n") != m.Text {
		t.Errorf("got %q", parts)
	}
	second, _ := reread(t, m)
	a, b := first.Header.Get("Message-Id"), second.Header.Get("Message-Id")
	if a == b || !strings.HasSuffix(a, "@example.com>") || len(a) < 30 {
		t.Errorf("the random IDs are %s and %s", a, b)
	}
	if _, ok := first.Header["Content-Language"]; ok {
		t.Error("no locale makes a header")
	}
}

func TestNoFieldBreaksOut(t *testing.T) {
	fields := map[string]func(*mail.Message, string){
		"From.Name":    func(m *mail.Message, s string) { m.From.Name += s },
		"From.Address": func(m *mail.Message, s string) { m.From.Address = "a" + s + "@example.com" },
		"To.Name":      func(m *mail.Message, s string) { m.To.Name += s },
		"To.Address":   func(m *mail.Message, s string) { m.To.Address += s },
		"Subject":      func(m *mail.Message, s string) { m.Subject += s },
		"Locale":       func(m *mail.Message, s string) { m.Locale += s },
		"ID":           func(m *mail.Message, s string) { m.ID += s },
		"Text":         func(m *mail.Message, s string) { m.Text += s },
		"HTML":         func(m *mail.Message, s string) { m.HTML += s },
	}
	controls := []string{"\x00", "\x1b[2J", "\x7f", "\u0085", "\xff"}
	lines := append([]string{"\r\nBcc: evil@example.net", "\nX: y", "\r", "\u2028x", "\u202e", "\r\n\r\n<b>"}, controls...)
	for field, set := range fields {
		attacks := lines
		if field == "Text" || field == "HTML" { // where line breaks are content
			attacks = controls
		}
		for _, attack := range attacks {
			m := sample()
			set(&m, attack)
			var b bytes.Buffer
			_, err := m.WriteTo(&b)
			if !errors.Is(err, mail.ErrInvalidMessage) || !mail.IsPermanent(err) || !strings.Contains(err.Error(), field) || b.Len() > 0 {
				t.Errorf("%s with %q: %v, %d bytes written", field, attack, err, b.Len())
			}
		}
	}
}

func TestMessageValidates(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*mail.Message)
		want   string // the field, "" is fine
	}{
		{"as it is", func(*mail.Message) {}, ""},
		{"line breaks and tabs in bodies", func(m *mail.Message) { m.Text, m.HTML = "a\r\n\tb", "a\n\tb" }, ""},
		{"no sender", func(m *mail.Message) { m.From = mail.Address{} }, "From.Address"},
		{"no recipient", func(m *mail.Message) { m.To.Address = "" }, "To.Address"},
		{"no subject", func(m *mail.Message) { m.Subject = " " }, "Subject"},
		{"a long subject", func(m *mail.Message) { m.Subject = strings.Repeat("a", 501) }, "Subject"},
		{"no text", func(m *mail.Message) { m.Text = "\n" }, "Text"},
		{"no HTML", func(m *mail.Message) { m.HTML = "" }, ""},
		{"a huge text", func(m *mail.Message) { m.Text = strings.Repeat("a", 1<<20+1) }, "Text"},
		{"a huge page", func(m *mail.Message) { m.HTML = strings.Repeat("a", 1<<20+1) }, "HTML"},
		{"a long name", func(m *mail.Message) { m.To.Name = strings.Repeat("a", 201) }, "To.Name"},
		{"a locale that is none", func(m *mail.Message) { m.Locale = "de;q=1" }, "Locale"},
		{"an ID that is none", func(m *mail.Message) { m.ID = "a@b" }, "ID"},
		{"an ID with brackets", func(m *mail.Message) { m.ID = "a>" }, "ID"},
		{"an ID that ends in a dot", func(m *mail.Message) { m.ID = "a." }, "ID"},
		{"an ID beyond ASCII", func(m *mail.Message) { m.ID = "ä" }, "ID"},
	} {
		m := sample()
		tt.change(&m)
		err := m.Validate()
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, mail.ErrInvalidMessage) || !strings.Contains(err.Error(), tt.want+" ")) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		name, address string
		ok            bool
	}{
		{"a plain one", "ann@example.org", true},
		{"tags and dots", "a.n+n!#@sub.example.org", true},
		{"a single label", "ann@localhost", true},
		{"a domain in punycode", "ann@xn--mrkte-jua.example", true},
		{"an international local part", "jörg@example.org", true},
		{"an international domain", "ann@märkte.example", false},
		{"a name around it", "Ann <ann@example.org>", false},
		{"brackets", "<ann@example.org>", false},
		{"two", "ann@example.org,bob@example.org", false},
		{"two @", "ann@evil.example@example.org", false},
		{"quotes", `"ann"@example.org`, false},
		{"a comment", "ann(x)@example.org", false},
		{"a domain literal", "ann@[127.0.0.1]", false},
		{"a space", "an n@example.org", false},
		{"a space of Unicode", "an\u00a0n@example.org", false},
		{"an invisible character", "an\u200bn@example.org", false},
		{"no local part", "@example.org", false},
		{"no domain", "ann@", false},
		{"no @", "ann", false},
		{"a dot too many", "ann@example..org", false},
		{"a dot at the end", "ann@example.org.", false},
		{"a dot in front", ".ann@example.org", false},
		{"a hyphen in front", "ann@-example.org", false},
		{"a long local part", strings.Repeat("a", 65) + "@example.org", false},
		{"a long label", "ann@" + strings.Repeat("a", 64) + ".org", false},
		{"a long address", "ann@" + strings.Repeat("a.", 126) + "org", false},
		{"parameters of SMTP", "ann@example.org> NOTIFY=SUCCESS <b@example.org", false},
	} {
		m := sample()
		m.To.Address = tt.address
		if err := m.Validate(); (err == nil) != tt.ok || err != nil && !errors.Is(err, mail.ErrInvalidMessage) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestParseAddress(t *testing.T) {
	got, err := mail.ParseAddress("Märkte Süd <no-reply@example.com>")
	if err != nil || got != (mail.Address{Name: "Märkte Süd", Address: "no-reply@example.com"}) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if again, err := mail.ParseAddress(got.String()); err != nil || again != got {
		t.Errorf("%s gives %+v, %v", got, again, err)
	}
	for _, s := range []string{"", "no-reply", "a@b, c@d", `"a@evil.example"@b.example`, "a@b\r\nBcc: c@d", "Ä <ä>"} {
		if got, err := mail.ParseAddress(s); !errors.Is(err, mail.ErrInvalidMessage) {
			t.Errorf("%q gives %+v, %v", s, got, err)
		}
	}
}

func TestMessageHidesItsContent(t *testing.T) {
	m := sample()
	text := fmt.Sprintf("%v %+v %#v %s %q %x", m, m, &m, m, []mail.Message{m}, m)
	for _, secret := range []string{"SECRET", "ann@", "5345435245"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in %s", secret, text)
		}
	}
}

func TestPermanent(t *testing.T) {
	cause := errors.New("no such mailbox")
	err := fmt.Errorf("sending: %w", mail.Permanent(cause))
	if !mail.IsPermanent(err) || !errors.Is(err, cause) || err.Error() != "sending: no such mailbox" {
		t.Errorf("got %v", err)
	}
	if mail.IsPermanent(cause) || mail.IsPermanent(nil) || mail.Permanent(nil) != nil {
		t.Error("what nobody has called permanent is so")
	}
}
