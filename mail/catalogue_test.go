package mail_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/torii-go/torii/mail"
)

// files makes a file system of names and texts in turn.
func files(pairs ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fs[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fs
}

const frenchWords = `{{define "duration"}}{{.N}} {{.Unit}}{{end}}{{define "time"}}{{.Year}}{{end}}` +
	`{{define "link"}}Ou :{{end}}{{define "footer"}}{{.AppName}} vous écrit.{{end}}`

func TestHostsChangeWords(t *testing.T) {
	base := mail.DefaultCatalogue()
	c, err := base.With(files(
		"de/reset.tmpl", "Subject: Passwort, {{.AppName}}\r\n\r\nHier geht\r\nes weiter:\r\n\r\n{{button \"Los\" .Link}}\r\n",
		"fr/words.tmpl", frenchWords,
		"fr/sign_in.tmpl", "Subject: Connexion\n\nBonjour :\n\n{{button \"Entrer\" .Link}}\n\n{{code .Code}}\n",
		"layout.txt.tmpl", "{{range .Blocks}}[{{.Text}}{{.Label}} {{.URL}}{{.Code}}]\n{{end}}{{.Footer}}",
		".gitkeep", "", ".git/config", "x",
	))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Languages(); !slices.Equal(got, []string{"en", "de", "fr"}) {
		t.Errorf("languages %q", got)
	}
	for _, tt := range []struct {
		name    string
		kind    mail.Kind
		locale  string
		subject string
		text    string // a part
	}{
		{"a changed text", mail.Reset, "de", "Passwort, Example", "[Hier geht es weiter: ]\n[Los https://example.com/auth/go?token=abc]\n"},
		{"a text that was not changed", mail.PasswordChanged, "de", "Ihr Passwort bei Example wurde geändert", "[Wenn Sie das waren, ist nichts zu tun. ]"},
		{"a new language", mail.SignIn, "fr-CA", "Connexion", "[ K7QW-3M9X]\nExample vous écrit."},
		{"what a new language lacks is English", mail.Reset, "fr", "Set a new password for Example", "within 10 minutes"},
	} {
		m, err := c.Render(tt.kind, tt.locale, full(tt.kind))
		if err != nil || m.Subject != tt.subject || !strings.Contains(m.Text, tt.text) {
			t.Errorf("%s: %v\n%s\n%s", tt.name, err, m.Subject, m.Text)
		}
	}
	if m, err := c.Render(mail.Reset, "fr", full(mail.Reset)); err != nil || m.Locale != "en" || !strings.Contains(m.HTML, `lang="en"`) {
		t.Errorf("the locale of what is English is %q, %v", m.Locale, err)
	}
	if got := c.Missing("fr"); len(got) != len(mail.Kinds())-1 || slices.Contains(got, mail.SignIn) {
		t.Errorf("fr lacks %q", got)
	}
	if got := c.Missing("es"); len(got) != len(mail.Kinds()) {
		t.Errorf("an unknown language lacks %q", got)
	}
	if m, err := base.Render(mail.Reset, "de", full(mail.Reset)); err != nil || m.Subject != "Neues Passwort für Example" {
		t.Errorf("the catalogue that was built on has changed: %q, %v", m.Subject, err)
	}
	if other, err := base.With(files()); err != nil || len(other.Languages()) != 2 {
		t.Errorf("what was built on the same catalogue before shows: %v", err)
	}
	again, err := c.With(files("fr/reset.tmpl", "Subject: x\n\n{{button \"y\" .Link}}"))
	if err != nil || len(again.Missing("fr")) != len(mail.Kinds())-2 {
		t.Errorf("a second layer: %v", err)
	}
}

func TestHostsMistakes(t *testing.T) {
	const good = "Subject: x\n\n{{button \"y\" .Link}}\n"
	for _, tt := range []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"unknown mail", files("de/welcome.tmpl", good), "de/welcome.tmpl: no mail"},
		{"unknown ending", files("de/reset.txt", good), "de/reset.txt: no mail"},
		{"unknown file", files("README.md", ""), "README.md: unknown file"},
		{"unknown depth", files("mails/de/reset.tmpl", good), "unknown file"},
		{"folder that is no language", files("german/reset.tmpl", good), "not named for a language"},
		{"language in other words", files("pt-br/reset.tmpl", good), "written pt-BR"},
		{"language without words", files("fr/reset.tmpl", good), "fr/words.tmpl: missing"},
		{"language without mails", files("fr/words.tmpl", frenchWords), "no mail"},
		{"words that are not all", files("de/words.tmpl", `{{define "duration"}}x{{end}}`), "does not define time"},
		{"words that others used", files("de/words.tmpl", frenchWords), "de/passkey_added.tmpl"},
		{"no subject", files("de/reset.tmpl", "Hallo\n\n{{button \"y\" .Link}}"), "Subject"},
		{"subject of two lines", files("de/reset.tmpl", "Subject: a\nb\n\n{{button \"y\" .Link}}"), "Subject"},
		{"subject alone", files("de/reset.tmpl", "Subject: a\n"), "Subject"},
		{"not a template", files("de/reset.tmpl", "Subject: x\n\n{{.Link"), "unclosed action"},
		{"not a template for a subject", files("de/reset.tmpl", "Subject: {{.x\n\n{{button \"y\" .Link}}"), "de/reset.tmpl"},
		{"unknown field", files("de/reset.tmpl", "Subject: x\n\n{{.Name}} {{.Link}}"), "can't evaluate field Name"},
		{"unknown function", files("de/reset.tmpl", "Subject: x\n\n{{html5 .Link}}"), "html5"},
		{"template of another mail", files("de/change_email.tmpl", good+`{{define "mine"}}x{{end}}`, "de/reset.tmpl", good+"\n{{template \"mine\"}}"), `"mine"`},
		{"button within a paragraph", files("de/reset.tmpl", "Subject: x\n\nHere: {{button \"y\" .Link}}"), "paragraph of its own"},
		{"no link", files("de/reset.tmpl", "Subject: x\n\nHallo"), "does not show .Link"},
		{"no code", files("de/sign_in.tmpl", good), "does not show .Code"},
		{"no page to sign in", files("de/address_taken.tmpl", "Subject: x\n\nHallo"), "does not show .SignInURL"},
		{"layout that is no template", files("layout.html.tmpl", "{{"), "layout.html.tmpl"},
		{"layout without links", files("layout.html.tmpl", "<p>{{.Subject}}</p>"), "does not show .Link"},
		{"layout with an unknown field", files("layout.txt.tmpl", "{{.Logo}}"), "Logo"},
		{"layout that HTML forbids", files("layout.html.tmpl", "<a href='{{.Subject}}"), "html/template"},
	} {
		c, err := mail.DefaultCatalogue().With(tt.files)
		if !errors.Is(err, mail.ErrInvalidTemplate) || !strings.Contains(err.Error(), tt.want) || c != nil {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	_, err := mail.DefaultCatalogue().With(files("README.md", "", "de/welcome.tmpl", "", "de/reset.tmpl", "", "fr/reset.tmpl", good))
	for _, want := range []string{"README.md", "de/welcome.tmpl", "de/reset.tmpl", "fr/words.tmpl"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestMatchLocale(t *testing.T) {
	c, err := mail.DefaultCatalogue().With(files(
		"pt-BR/words.tmpl", frenchWords, "pt-BR/reset.tmpl", "Subject: x\n\n{{button \"y\" .Link}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for accept, want := range map[string]string{
		"":                                 "en",
		"de":                               "de",
		"de-AT,de;q=0.9,en;q=0.8":          "de",
		"en-GB,en;q=0.9,de;q=0.5":          "en",
		"fr,de;q=0.5":                      "de",
		"fr":                               "en",
		"pt-BR":                            "pt-BR",
		"pt":                               "pt-BR",
		"DE":                               "de",
		"*":                                "en",
		"de;q=0":                           "en",
		"\x00\xff":                         "en",
		"de\r\nX: y":                       "en",
		"../../etc":                        "en",
		strings.Repeat("fr;q=0.1,", 5000):  "en",
		"de," + strings.Repeat("x", 10000): "de",
		strings.Repeat("-", 100000):        "en",
	} {
		if got := c.MatchLocale(accept); got != want {
			t.Errorf("%.40q: got %s, want %s", accept, got, want)
		}
	}
}

func FuzzMatchLocale(f *testing.F) {
	for _, s := range []string{"", "de", "de-AT,de;q=0.9", "x-y", "zh-Hant-TW;q=1", "en_US"} {
		f.Add(s)
	}
	c := mail.DefaultCatalogue()
	f.Fuzz(func(t *testing.T, accept string) {
		if got := c.MatchLocale(accept); got != "en" && got != "de" {
			t.Errorf("%q gives %q", accept, got)
		}
	})
}

func TestCatalogueIsConcurrent(t *testing.T) {
	c := mail.DefaultCatalogue()
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			kind := mail.Kinds()[i%len(mail.Kinds())]
			data := full(kind)
			data.AppName = fmt.Sprintf("App %d.", i)
			m, err := c.Render(kind, c.Languages()[i%2], data)
			if err != nil || !strings.Contains(m.Text, data.AppName) || !strings.Contains(m.HTML, data.AppName) {
				t.Errorf("%s: %v", kind, err)
			}
		})
	}
	all.Wait()
}
