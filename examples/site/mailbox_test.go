package main

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/migrate"
)

const (
	someMail  = "20260731T120000.000000000Z-ABCDEFGH.eml"
	laterMail = "20260731T120001.000000000Z-ABCDEFGH.eml"
	oddMail   = "From: <demo@localhost.localdomain>\r\nTo: <ada@example.org>\r\nSubject: =?UTF-8?q?M=C3=A4rkte_<b>?=\r\n" +
		"Date: Fri, 31 Jul 2026 12:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n<script>alert(1)</script>\r\n"
)

// What the mailbox is not for: it is as if it were not there.
func TestMailboxIsForThisMachine(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, someMail, oddMail)
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/box.db", "-mail", dir, "-trusted-proxies", "127.0.0.0/8"))
	port := b.base[strings.LastIndex(b.base, ":"):]
	for _, row := range []struct {
		name, header, value string
		status              int
	}{
		{"straight", "X-Something", "else", 200},
		{"foreign host", "Host", "evil.example" + port, 404},
		{"another name of this machine", "Host", "127.0.0.1" + port, 404},
		{"no port", "Host", "localhost", 404},
		{"for somebody", "X-Forwarded-For", "203.0.113.9", 404},
		{"for this machine", "X-Forwarded-For", "127.0.0.1", 404},
		{"by another name", "X-Forwarded-Host", "site.example", 404},
		{"for somebody, by the RFC", "Forwarded", "for=203.0.113.9", 404},
		{"for a real address", "X-Real-IP", "203.0.113.9", 404},
		{"through a proxy", "Via", "1.1 proxy", 404},
	} {
		t.Run(row.name, func(t *testing.T) {
			who := newBrowser(t, b.base)
			who.head[row.header] = row.value
			for _, path := range []string{"/dev/mail", "/dev/mail/" + someMail} {
				got := who.get(path)
				want(t, path, got, row.status)
				if strings.Contains(got.body, "Märkte") != (row.status == 200) {
					t.Errorf("%s: %d with\n%s", path, got.status, got.body)
				}
			}
			if got := who.get("/forgot/sent"); strings.Contains(got.body, "/dev/mail") != (row.status == 200) {
				t.Errorf("the mailbox is spoken of, or not, in\n%s", got.body)
			}
		})
	}
}

// Whom a connection says it is from, and to.
func TestMailboxSockets(t *testing.T) {
	box := &mailbox{dir: t.TempDir(), origin: "http://localhost:8080"}
	for _, row := range []struct {
		name, local, remote string
		box                 *mailbox
		want                bool
	}{
		{"loopback", "127.0.0.1:8080", "127.0.0.1:5000", box, true},
		{"loopback of IPv6", "[::1]:8080", "[::1]:5000", box, true},
		{"loopback in the clothes of IPv6", "[::ffff:127.0.0.1]:8080", "[::ffff:127.0.0.1]:5000", box, true},
		{"from the network", "127.0.0.1:8080", "192.0.2.1:5000", box, false},
		{"to the network", "192.0.2.2:8080", "127.0.0.1:5000", box, false},
		{"from nowhere", "127.0.0.1:8080", "", box, false},
		{"no mailbox", "127.0.0.1:8080", "127.0.0.1:5000", nil, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			local, err := net.ResolveTCPAddr("tcp", row.local)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local), http.MethodGet, "http://localhost:8080/dev/mail", nil)
			r.RemoteAddr = row.remote
			if got := row.box.admits(r); got != row.want {
				t.Errorf("admitted: %v, want %v", got, row.want)
			}
		})
	}
}

// The mailbox serves mails, escaped, and nothing else of the folder.
func TestMailboxFiles(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	b := newBrowser(t, start(t, "-dsn", "file:"+outside+"/box.db", "-mail", dir))
	want(t, "empty", b.get("/dev/mail"), http.StatusOK, "No mail yet.", dir)

	write(t, dir, laterMail, strings.Replace(oddMail, "=?UTF-8?q?M=C3=A4rkte_<b>?=", "Later", 1))
	write(t, dir, someMail, oddMail)
	list := b.get("/dev/mail")
	want(t, "list", list, http.StatusOK, "Märkte &lt;b&gt;", "Later", "ada@example.org", "31 July 2026, 12:00:00 UTC")
	if strings.Index(list.body, "Later") > strings.Index(list.body, "Märkte") {
		t.Error("the older mail is above the newer")
	}
	want(t, "mail", b.get("/dev/mail/"+someMail), http.StatusOK, "Märkte &lt;b&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;")

	link := strings.Replace(someMail, "ABCDEFGH", "LINKLINK", 1)
	folder := strings.Replace(someMail, "ABCDEFGH", "FOLDERAA", 1)
	broken := strings.Replace(someMail, "ABCDEFGH", "BRQKENAA", 1)
	write(t, outside, someMail, oddMail)
	write(t, dir, "."+someMail, oddMail)
	write(t, dir, "notes.eml", oddMail)
	write(t, dir, "key.pem", oddMail)
	write(t, dir, broken, "this is no mail")
	if err := os.Symlink(filepath.Join(outside, someMail), filepath.Join(dir, link)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.get("/dev/mail").body, `href="/dev/mail/`); n != 2 {
		t.Errorf("%d mails in the list, want 2", n)
	}
	for _, name := range []string{
		"." + someMail, "notes.eml", "key.pem", link, folder, "20260731T120002.000000000Z-ABCDEFGH.eml",
		"..%2f" + filepath.Base(outside) + "%2f" + someMail, "%2e%2e", someMail + "%00", "",
	} {
		want(t, name, b.get("/dev/mail/"+name), http.StatusNotFound, "There is nothing here")
	}
	want(t, "what is no mail", b.get("/dev/mail/"+broken), http.StatusInternalServerError, "Something went wrong")
}

// Away from development there is no mailbox, and without a folder nothing to ask for.
func TestMailsInProduction(t *testing.T) {
	t.Setenv("TORII_SECRET", rand.Text()+rand.Text())
	for _, row := range []struct {
		name   string
		dir    string
		status int
	}{
		{"with a folder", t.TempDir(), http.StatusOK},
		{"without one", "", http.StatusNotFound},
	} {
		t.Run(row.name, func(t *testing.T) {
			client, err := migrate.Open(t.Context(), "sqlite3", "file:"+t.TempDir()+"/x.db")
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			o := options{mailDir: row.dir}
			ways := o.ways("https://site.example")
			a, err := auth.New(client, o.config("https://site.example", ways.providers()...))
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := a.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}()
			h, err := newServer(client, a, ways, "https://site.example", row.dir)
			if err != nil {
				t.Fatal(err)
			}
			srv := httptest.NewServer(h)
			defer srv.Close()
			b := newBrowser(t, srv.URL)
			b.head["Host"] = "site.example"
			want(t, "forgot", b.get("/forgot"), row.status)
			if got := b.get("/login"); strings.Contains(got.body, "/forgot") != (row.status == http.StatusOK) {
				t.Errorf("the page is linked, or not, in\n%s", got.body)
			}
			want(t, "the mailbox", b.get("/dev/mail"), http.StatusNotFound)
		})
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
