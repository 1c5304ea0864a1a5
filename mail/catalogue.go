package mail

import (
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	texttemplate "text/template"

	"golang.org/x/text/language"
)

//go:embed templates
var embedded embed.FS

const (
	fallback   = "en"
	htmlLayout = "layout.html.tmpl"
	textLayout = "layout.txt.tmpl"
	wordsFile  = "words.tmpl"
)

// Catalogue has the words and the looks of the mails. It never changes and is safe for
// concurrent use.
type Catalogue struct {
	sources   map[string]string // by path, what With was given and what it began with
	text      *texttemplate.Template
	html      *htmltemplate.Template
	languages map[string]*phrases
	tags      []string // of languages, fallback first
	matcher   language.Matcher
}

// phrases are the words of one language.
type phrases struct {
	words    *texttemplate.Template
	messages map[Kind]message
}

// message is the words of one mail.
type message struct{ subject, body *texttemplate.Template }

// DefaultCatalogue returns the built-in mails, every kind in English ("en") and German
// ("de"). It reads its templates on every call: call it once.
func DefaultCatalogue() *Catalogue {
	files, err := fs.Sub(embedded, "templates")
	if err == nil {
		var c *Catalogue
		if c, err = (&Catalogue{}).With(files); err == nil {
			return c
		}
	}
	panic(err) // a release with broken templates, which no test has let through
}

// With returns a catalogue in which files stand before those of c. All are templates of
// package text/template, unless said otherwise, and every one may be left out:
//
//	layout.txt.tmpl        how every mail looks as text
//	layout.html.tmpl       how every mail looks as HTML (html/template)
//	LANGUAGE/words.tmpl    what the mails of a language share
//	LANGUAGE/KIND.tmpl     one mail: de/verify.tmpl, pt-BR/sign_in.tmpl
//
// To change one text is to give its file; to add a language is to give its words.tmpl
// and what mails it has. A mail that a language lacks is sent in English, whole;
// [Catalogue.Missing] lists them. Names that begin with a dot are ignored.
//
// A mail begins with the line "Subject: …" and an empty line. Paragraphs follow, set
// apart by empty lines; within one, line breaks count as spaces. They are plain text,
// which the HTML layout escapes. They know {{.AppName}}, {{.Link}}, {{.Code}},
// {{.ExpiresIn}} ("10 minutes"), {{.When}}, {{.SignInURL}}, {{.ResetURL}} and
// {{.Provider}}, each "" where [Data] has none, and two functions whose results are a
// paragraph each, and vanish if the second argument is "":
//
//	{{button "Sign in" .Link}}    a button, and the bare link
//	{{code .Code}}                a code to type
//
// words.tmpl defines the templates "duration" (of .N and .Unit, which is minute, hour or
// day), "time" (of a time.Time in UTC), "link" (says that the bare link is an alternative
// to the button) and "footer" (of the fields above). Others that it defines are open to
// all mails of its language.
//
// Layouts know .Locale, .AppName, .Subject, .LinkHint, .Footer and .Blocks, of which each
// has .Text, or .Label and .URL, or .Code.
//
// Every template is tried, with much data and with little. The error wraps
// [ErrInvalidTemplate] once for every file with an unknown name, that does not parse, that
// fails, or whose mail does not show the link or the code which it is for.
func (c *Catalogue) With(files fs.FS) (*Catalogue, error) {
	sources := maps.Clone(c.sources)
	if sources == nil {
		sources = map[string]string{}
	}
	var problems []error
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(path.Base(name), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		}
		if err := checkName(name); err != nil {
			problems = append(problems, err)
			return nil
		}
		source, err := fs.ReadFile(files, name)
		sources[name] = strings.ReplaceAll(string(source), "\r\n", "\n")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidTemplate, err)
	}
	next, more := compile(sources)
	problems = append(problems, more...)
	if len(problems) == 0 {
		problems = next.try()
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return next, nil
}

// checkName refuses files that nothing would ever read: most are misspelt.
func checkName(name string) error {
	if name == htmlLayout || name == textLayout {
		return nil
	}
	dir, file := path.Split(name)
	dir = strings.TrimSuffix(dir, "/")
	tag, err := language.Parse(dir)
	switch {
	case dir == "" || strings.Contains(dir, "/"):
		return broken(name, "unknown file; there are "+htmlLayout+", "+textLayout+" and LANGUAGE/…")
	case err != nil:
		return broken(name, "the folder is not named for a language, such as de or pt-BR")
	case tag.String() != dir:
		return broken(name, "the language is written "+tag.String())
	case file != wordsFile && !slices.Contains(Kinds(), Kind(strings.TrimSuffix(file, ".tmpl"))) || path.Ext(file) != ".tmpl":
		return broken(name, "no mail is called so; see mail.Kinds")
	}
	return nil
}

func broken(name, why string) error { return fmt.Errorf("%w: %s: %s", ErrInvalidTemplate, name, why) }

// Languages returns the tags of the languages, "en" first and the others sorted.
func (c *Catalogue) Languages() []string { return slices.Clone(c.tags) }

// Missing returns the mails that a language lacks, and which are sent in English in its
// place; for an unknown language, all.
func (c *Catalogue) Missing(locale string) []Kind {
	l, ok := c.languages[locale]
	return slices.DeleteFunc(Kinds(), func(k Kind) bool {
		if !ok {
			return false
		}
		_, has := l.messages[k]
		return has
	})
}
