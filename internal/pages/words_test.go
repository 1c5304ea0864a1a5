package pages_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/pages"
	"github.com/torii-go/torii/mail"
)

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// flat are the words of a language by their path: "pages.reset.text.0". A name that
// stands twice is refused: the second would silently win.
func flat(t *testing.T, locale string) map[string]string {
	t.Helper()
	source, err := os.ReadFile("words/" + locale + ".json")
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	d := json.NewDecoder(bytes.NewReader(source))
	var read func(path string)
	read = func(path string) {
		token, err := d.Token()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		switch token {
		case json.Delim('{'):
			seen := map[string]bool{}
			for d.More() {
				name, _ := d.Token()
				key := fmt.Sprint(name)
				if seen[key] {
					t.Errorf("%s: %s has %s twice", locale, path, key)
				}
				seen[key] = true
				read(strings.TrimPrefix(path+"."+key, "."))
			}
			_, _ = d.Token()
		case json.Delim('['):
			for i := 0; d.More(); i++ {
				read(fmt.Sprint(path, ".", i))
			}
			_, _ = d.Token()
		default:
			list[path] = fmt.Sprint(token)
		}
	}
	read("")
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("%s: there is more after the end", locale)
	}
	return list
}

// locales are the languages that have a file.
func locales(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("words/*.json")
	if err != nil || len(names) < 2 {
		t.Fatalf("words in %q, %v", names, err)
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(filepath.Base(name), ".json")
	}
	return names
}

// Every language says everything, of the same things.
func TestLanguagesAreComplete(t *testing.T) {
	english := flat(t, "en")
	for _, locale := range locales(t) {
		words := flat(t, locale)
		for path, text := range english {
			other, ok := words[path]
			a, b := placeholder.FindAllString(text, -1), placeholder.FindAllString(other, -1)
			slices.Sort(a)
			slices.Sort(b)
			switch {
			case !ok:
				t.Errorf("%s has no %s", locale, path)
			case strings.TrimSpace(other) != other || other == "":
				t.Errorf("%s, %s: %q", locale, path, other)
			case !slices.Equal(a, b):
				t.Errorf("%s, %s: placeholders %q, in English %q", locale, path, b, a)
			case locale != "en" && other == text && len(text) > 12:
				t.Errorf("%s, %s is not translated: %q", locale, path, other)
			}
			for _, p := range b {
				if p != "{app}" && p != "{minimum}" && p != "{provider}" {
					t.Errorf("%s, %s: nothing fills %s", locale, path, p)
				}
			}
		}
		for path := range words {
			if _, ok := english[path]; !ok {
				t.Errorf("%s has %s, which English has not", locale, path)
			}
		}
	}
}

// forms are the pages that have one, with its fields.
var forms = map[string][]pages.Field{
	"reset":           {{Name: "new_password", Type: "password", Autocomplete: "new-password"}},
	"verify_password": {{Name: "password", Type: "password", Autocomplete: "current-password"}},
	"sign_in":         nil, "verify": nil, "verify_account": nil, "verify_reclaim": nil, "change_email": nil, "undo": nil, "oauth": nil,
	"sent": {{Name: "code", Autocomplete: "one-time-code"}},
}

// plain are the pages that only tell.
var plain = []string{"reset_done", "sign_in_elsewhere", "verify_elsewhere", "change_email_elsewhere", "change_email_done", "undo_done", "invalid"}

// Every page that is wanted, and every problem and error, can be drawn in every language,
// with nothing left to fill in.
func TestEveryPageIsDrawn(t *testing.T) {
	for _, locale := range locales(t) {
		words := flat(t, locale)
		names := slices.Concat(plain, slices.Collect(maps.Keys(forms)))
		for path := range words {
			room, rest, _ := strings.Cut(path, ".")
			name, _, _ := strings.Cut(rest, ".")
			if room == "pages" && !slices.Contains(names, name) {
				t.Errorf("%s has the page %s, which no test draws", locale, name)
			}
		}
		draws := func(p pages.Page, want ...string) {
			t.Helper()
			p.App, p.Account, p.Address, p.Minimum, p.Next, p.Provider = "Kiri Books", "ada@example.org", "new@example.org", 8, "/login", "Example ID"
			page := draw(t, locale, p)
			if left := placeholder.FindString(styleElement.ReplaceAllString(page, "")); left != "" {
				t.Errorf("%s, %s: %s is not filled in", locale, p.Name, left)
			}
			for _, part := range append(want, `<html lang="`+locale+`">`, "- Kiri Books</title>", "ada@example.org") {
				if !strings.Contains(page, part) {
					t.Errorf("%s, %s: %q is not in\n%s", locale, p.Name, part, page)
				}
			}
			if _, form := forms[p.Name]; strings.Contains(page, "<form") != form {
				t.Errorf("%s, %s: a form? %v\n%s", locale, p.Name, form, page)
			}
		}
		for _, name := range names {
			draws(pages.Page{Name: name, Action: "/auth/x", Secret: "s", Fields: forms[name]}, "</h1>")
		}
		draws(pages.Page{Name: "change_email", Action: "/auth/x"}, "new@example.org")
		draws(pages.Page{Name: "undo", Action: "/auth/x"}, "new@example.org")
		for path, text := range words {
			room, code, _ := strings.Cut(path, ".")
			text = strings.ReplaceAll(text, "{minimum}", "8")
			switch room {
			case "errors":
				draws(pages.Page{Name: "error." + code}, text, "<code>"+code+"</code>")
			case "problems":
				draws(pages.Page{Name: "reset", Action: "/auth/x", Problem: code, Fields: forms["reset"]}, text)
			}
		}
	}
}

// The language is the one that a mail to the same browser has.
func TestLocale(t *testing.T) {
	mails := mail.DefaultCatalogue()
	if got := slices.Sorted(slices.Values(locales(t))); !slices.Equal(got, slices.Sorted(slices.Values(mails.Languages()))) {
		t.Errorf("pages in %q, mails in %q", got, mails.Languages())
	}
	for accept, want := range map[string]string{
		"": "en", "de": "de", "de-AT,de;q=0.9,en;q=0.5": "de", "gsw-CH": "de", "en-GB,de;q=0.9": "en", "fr,de;q=0.5": "de", "fr": "en", "*": "en",
		"de;q=0": "en", "de;q=NaN": "de", ";;;,,,": "en", "\xff\xfe": "en", "../../etc/passwd": "en", "{{.}}": "en",
		strings.Repeat("de,", 50_000): "de", strings.Repeat("a-", 2000): "en", strings.Repeat("fr,", 100) + "de": "en",
	} {
		if got, mailed := pages.Locale(accept), mails.MatchLocale(accept); got != want || mailed != want {
			t.Errorf("%.40q: %q, a mail has %q, want %q", accept, got, mailed, want)
		}
	}
}
