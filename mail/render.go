package mail

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	texttemplate "text/template"
	"time"
)

// page is what a layout knows.
type page struct {
	Locale, AppName, Subject, LinkHint, Footer string
	Blocks                                     []block
}

// block is a paragraph of a mail: Text, or Label and URL of a button, or a Code.
type block struct{ Text, Label, URL, Code string }

// view is Data as the words of a mail know it: in words.
type view struct {
	AppName, Link, Code, ExpiresIn, SignInURL, ResetURL, When, Provider string
}

// Render writes a mail: a Message with Subject, Text, HTML and Locale, to which From, To
// and ID are to be added. The locale is any language tag; the one that is used is the
// nearest that has this mail, English in the end. Errors wrap [ErrInvalidMessage] if the
// kind is unknown or data lacks what it needs.
func (c *Catalogue) Render(kind Kind, locale string, data Data) (Message, error) {
	tag := c.MatchLocale(locale)
	m, ok := c.languages[tag].messages[kind]
	if !ok {
		tag = fallback
		m, ok = c.languages[tag].messages[kind]
	}
	if !ok {
		return Message{}, invalid("Kind", "is unknown")
	}
	if err := data.validate(kind); err != nil {
		return Message{}, err
	}
	got, err := c.render(tag, m, data)
	if err != nil {
		return Message{}, fmt.Errorf("mail: rendering %s/%s: %w", tag, kind, err)
	}
	return got, nil
}

func (c *Catalogue) render(tag string, m message, data Data) (Message, error) {
	words := c.languages[tag].words
	// After the first error nothing is executed; the last line looks at it.
	var err error
	run := func(t *texttemplate.Template, data any) string {
		var b strings.Builder
		if err == nil {
			err = t.Execute(&b, data)
		}
		return strings.TrimSpace(b.String())
	}
	v := view{
		AppName: data.AppName, Link: data.Link, Code: data.Code,
		SignInURL: data.SignInURL, ResetURL: data.ResetURL, Provider: data.Provider,
	}
	if data.ExpiresIn > 0 {
		v.ExpiresIn = run(words.Lookup("duration"), span(data.ExpiresIn))
	}
	if !data.When.IsZero() {
		v.When = run(words.Lookup("time"), data.When.UTC())
	}
	p := page{
		Locale: tag, AppName: data.AppName, Subject: run(m.subject, v),
		LinkHint: run(words.Lookup("link"), v), Footer: run(words.Lookup("footer"), v),
	}
	body := run(m.body, v)
	if err != nil {
		return Message{}, err
	}
	if p.Blocks, err = blocks(body); err != nil {
		return Message{}, err
	}
	var text, html strings.Builder
	if err := errors.Join(c.text.Execute(&text, p), c.html.Execute(&html, p)); err != nil {
		return Message{}, err
	}
	got := Message{Locale: tag, Subject: p.Subject, Text: strings.TrimSpace(text.String()) + "\n", HTML: html.String()}
	return got, errors.Join(validateLine("Subject", got.Subject, maxSubject), validateBody("Text", got.Text), validateBody("HTML", got.HTML))
}

// Marks of what the functions below return. No data can hold them: it has no control
// characters.
const (
	markButton = "\x01"
	markCode   = "\x02"
	markNext   = "\x03"
)

func button(label, url string) string {
	if url == "" {
		return ""
	}
	return markButton + label + markNext + url + markButton
}

func code(code string) string {
	if code == "" {
		return ""
	}
	return markCode + code + markCode
}

var (
	blankLines  = regexp.MustCompile(`\n[ \t]*\n`)
	buttonBlock = regexp.MustCompile("^" + markButton + "([^\x01-\x03]+)" + markNext + "([^\x01-\x03]+)" + markButton + "$")
	codeBlock   = regexp.MustCompile("^" + markCode + "([^\x01-\x03]+)" + markCode + "$")
)

// blocks takes a mail's words apart into paragraphs.
func blocks(body string) (list []block, err error) {
	for _, paragraph := range blankLines.Split(body, -1) {
		// ASCII only: a language may have use for other spaces.
		paragraph = strings.Join(strings.FieldsFunc(paragraph, func(r rune) bool { return strings.ContainsRune(" \t\n", r) }), " ")
		if paragraph == "" {
			continue
		}
		if found := buttonBlock.FindStringSubmatch(paragraph); found != nil {
			list = append(list, block{Label: found[1], URL: found[2]})
		} else if found := codeBlock.FindStringSubmatch(paragraph); found != nil {
			list = append(list, block{Code: found[1]})
		} else if strings.ContainsAny(paragraph, markButton+markCode+markNext) {
			return nil, errors.New("a button or a code must be a paragraph of its own")
		} else {
			list = append(list, block{Text: paragraph})
		}
	}
	return list, nil
}

// duration is a length of time as words.tmpl knows it.
type duration struct {
	N    int
	Unit string // minute, hour or day
}

// span chooses the unit: the largest that leaves nothing over, where one day reads
// better as 24 hours.
func span(d time.Duration) duration {
	minutes := max(1, int(d/time.Minute))
	switch {
	case minutes%(24*60) == 0 && minutes > 24*60:
		return duration{minutes / (24 * 60), "day"}
	case minutes%60 == 0:
		return duration{minutes / 60, "hour"}
	}
	return duration{minutes, "minute"}
}
