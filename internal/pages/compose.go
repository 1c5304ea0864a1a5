package pages

import (
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// view is a page whose words have been chosen.
type view struct {
	Language       string
	App, Title     string
	Mark           string // before the title, if there is a Problem
	Text           []string
	Rows           []row
	Problem        string
	Form           bool
	Action, Secret string
	Username       string // for password managers; "" where no password is typed
	UsernameLabel  string
	Fields         []field
	Button         string
	Next, Continue string
	Code           string // small, below an error
	Style          template.CSS
}

// row is something that the page is about, and its name.
type row struct{ Label, Value string }

// field is a Field with its words. Described are the ids of what explains it.
type field struct {
	Field
	Label, Hint, Described string
	Focus                  bool
}

var (
	errNoWords = errors.New("there are no words for this page")
	errNoLabel = errors.New("there is no label for a field")
)

// compose chooses the words of a page.
func compose(locale string, p Page) (view, error) {
	if p.Words != nil {
		locale = cmp.Or(p.Words.Language, tags[0])
	}
	w, ok := catalogue()[locale]
	if !ok {
		w = catalogue()[tags[0]]
	}
	if !ok && p.Words == nil {
		locale = tags[0]
	}
	v := view{Language: locale, App: p.App, Next: p.Next}
	own, code, err := w.of(p)
	if err != nil {
		return view{}, err
	}
	fill := filler(p)
	v.Title, v.Code, v.Continue = fill.Replace(own.Title), code, fill.Replace(w.Common.Continue)
	for _, paragraph := range own.Text {
		v.Text = append(v.Text, fill.Replace(paragraph))
	}
	if p.Account != "" {
		v.Rows = append(v.Rows, row{cmp.Or(own.Account, w.Common.Account), p.Account})
	}
	if p.Address != "" && own.Address != "" {
		v.Rows = append(v.Rows, row{own.Address, p.Address})
	}
	if p.Problem != "" {
		v.Mark, v.Problem = w.Common.Error, w.problem(p)
	}
	if v.Form = own.Button != "" && p.Action != ""; v.Form {
		v.Action, v.Secret, v.Button = p.Action, p.Secret, fill.Replace(own.Button)
		if err := v.addFields(p, own, fill); err != nil {
			return view{}, err
		}
	}
	return v, nil
}

func (v *view) addFields(p Page, own pageWords, fill *strings.Replacer) error {
	for i, f := range p.Fields {
		f.Type = cmp.Or(f.Type, "text")
		x := field{Field: f, Label: fill.Replace(own.Labels[f.Name]), Focus: i == 0 && v.Problem != ""}
		if x.Label == "" {
			return fmt.Errorf("%w: %q", errNoLabel, f.Name)
		}
		if hint := own.Hints[f.Name]; answerable(hint, p) {
			x.Hint = fill.Replace(hint)
		}
		var ids []string
		if v.Problem != "" {
			ids = append(ids, "problem")
		}
		if x.Hint != "" {
			ids = append(ids, f.Name+"-hint")
		}
		x.Described = strings.Join(ids, " ")
		v.Fields = append(v.Fields, x)
		if f.Type == "password" && p.Account != "" {
			v.Username, v.UsernameLabel = p.Account, v.Rows[0].Label
		}
	}
	return nil
}

// of returns the words of a page, and the code that it explains, if it does.
func (w *words) of(p Page) (own pageWords, code string, err error) {
	if p.Words != nil {
		own = pageWords{Title: p.Words.Title, Button: p.Words.Button, Labels: p.Words.Labels}
		if p.Words.Text != "" {
			own.Text = []string{p.Words.Text}
		}
		if own.Title == "" {
			return own, "", errNoWords
		}
		return own, "", nil
	}
	if code, ok := strings.CutPrefix(p.Name, "error."); ok {
		text, ok := w.Errors[code]
		if !ok {
			code = "internal"
			text = w.Errors[code]
		}
		return pageWords{Title: w.Common.Failed, Text: []string{text}}, code, nil
	}
	own, ok := w.Pages[p.Name]
	if !ok {
		return own, "", errNoWords
	}
	return own, "", nil
}

// problem says what was wrong. The code may come out of an address that anybody wrote, so
// whatever it is, what is shown are words of the catalogue.
func (w *words) problem(p Page) string {
	for _, text := range []string{w.Problems[p.Problem], w.Errors[p.Problem]} {
		if answerable(text, p) {
			return filler(p).Replace(text)
		}
	}
	return w.Common.Problem
}

// answerable tells whether there is a text, and the page has what it speaks of.
func answerable(text string, p Page) bool {
	return text != "" && (p.Minimum > 0 || !strings.Contains(text, "{minimum}"))
}

// filler puts what a page is about into its words, in one pass: what it puts in is not
// looked at again.
func filler(p Page) *strings.Replacer {
	return strings.NewReplacer("{app}", p.App, "{minimum}", strconv.Itoa(p.Minimum), "{provider}", p.Provider)
}
