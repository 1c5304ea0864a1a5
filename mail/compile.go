package mail

import (
	htmltemplate "html/template"
	"maps"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"

	"golang.org/x/text/language"
)

// functions are open to the words of mails.
var functions = texttemplate.FuncMap{"button": button, "code": code}

// compile reads the templates of a catalogue. It goes on after a problem, to find all.
func compile(sources map[string]string) (*Catalogue, []error) {
	c := &Catalogue{sources: sources, languages: map[string]*phrases{}}
	var problems []error
	note := func(name string, err error) {
		if err != nil {
			problems = append(problems, broken(name, err.Error()))
		}
	}
	var err error
	c.text, err = texttemplate.New(textLayout).Parse(sources[textLayout])
	note(textLayout, err)
	c.html, err = htmltemplate.New(htmlLayout).Parse(sources[htmlLayout])
	note(htmlLayout, err)
	names := slices.Sorted(maps.Keys(sources))
	for _, name := range names {
		tag, file, ok := strings.Cut(name, "/")
		if !ok || file == wordsFile {
			continue
		}
		l := c.languages[tag]
		if l == nil {
			l = &phrases{messages: map[Kind]message{}}
			c.languages[tag] = l
			words := tag + "/" + wordsFile
			l.words, err = parseWords(words, sources[words])
			note(words, err)
		}
		if l.words == nil {
			continue // has been said
		}
		m, err := parseMessage(l.words, name, sources[name])
		note(name, err)
		l.messages[Kind(strings.TrimSuffix(file, ".tmpl"))] = m
	}
	for _, name := range names {
		if tag, file, _ := strings.Cut(name, "/"); file == wordsFile && c.languages[tag] == nil {
			problems = append(problems, broken(name, "the language has no mail"))
		}
	}
	c.setTags()
	return c, problems
}

func (c *Catalogue) setTags() {
	c.tags = []string{fallback}
	for _, tag := range slices.Sorted(maps.Keys(c.languages)) {
		if tag != fallback {
			c.tags = append(c.tags, tag)
		}
	}
	var tags []language.Tag
	for _, tag := range c.tags {
		tags = append(tags, language.Make(tag))
	}
	c.matcher = language.NewMatcher(tags)
}

type reason string

func (r reason) Error() string { return string(r) }

func parseWords(name, source string) (*texttemplate.Template, error) {
	if source == "" {
		return nil, reason("missing; a language needs it")
	}
	words, err := texttemplate.New(name).Funcs(functions).Option("missingkey=error").Parse(source)
	if err != nil {
		return nil, err
	}
	for _, want := range []string{"duration", "time", "link", "footer"} {
		if words.Lookup(want) == nil {
			return nil, reason("does not define " + want)
		}
	}
	return words, nil
}

func parseMessage(words *texttemplate.Template, name, source string) (m message, err error) {
	head, body, ok := strings.Cut(source, "\n\n")
	subject, isSubject := strings.CutPrefix(head, "Subject: ")
	if !ok || !isSubject || strings.Contains(subject, "\n") {
		return message{}, reason(`does not begin with a line "Subject: …" and an empty line`)
	}
	// A clone each, so that what one mail defines is not open to another.
	own, err := words.Clone()
	if err != nil {
		return message{}, err
	}
	if m.subject, err = own.New(name + ":subject").Parse(subject); err != nil {
		return message{}, err
	}
	m.body, err = own.New(name).Parse(body)
	return m, err
}

// samples are data to try a kind's templates with: all there can be, and no more than
// there must.
func samples(k Kind) []Data {
	n := k.needs()
	full := Data{
		AppName: "Sample & Sons", Link: "https://link.example.com/a", ExpiresIn: 10 * time.Minute,
		SignInURL: "https://sign-in.example.com/b", ResetURL: "https://reset.example.com/c",
		When: time.Unix(0, 0).UTC(), Provider: "Provider",
	}
	least := Data{AppName: full.AppName, ExpiresIn: 7 * 24 * time.Hour}
	if n.link {
		least.Link = full.Link
	}
	if n.signIn {
		least.SignInURL = full.SignInURL
	}
	if n.provider {
		least.Provider = full.Provider
	}
	if !n.code {
		return []Data{full, least}
	}
	full.Code = "CODE-1234"
	codeOnly := least
	codeOnly.Link, codeOnly.Code = "", full.Code
	return []Data{full, least, codeOnly}
}

// try renders everything.
func (c *Catalogue) try() (problems []error) {
	for _, tag := range c.tags {
		for _, kind := range Kinds() {
			m, ok := c.languages[tag].messages[kind]
			if !ok {
				continue
			}
			name := tag + "/" + string(kind) + ".tmpl"
			if err := c.tryMessage(tag, m, kind); err != nil {
				problems = append(problems, broken(name, err.Error()))
			}
		}
	}
	return problems
}

func (c *Catalogue) tryMessage(tag string, m message, kind Kind) error {
	n := kind.needs()
	for _, data := range samples(kind) {
		got, err := c.render(tag, m, data)
		if err != nil {
			return err
		}
		for _, part := range []string{got.Text, got.HTML} {
			switch {
			case n.link && !strings.Contains(part, data.Link):
				return reason("the mail does not show .Link")
			case n.code && !strings.Contains(part, data.Code):
				return reason("the mail does not show .Code")
			case n.signIn && !strings.Contains(part, data.SignInURL):
				return reason("the mail does not show .SignInURL")
			}
		}
	}
	return nil
}
