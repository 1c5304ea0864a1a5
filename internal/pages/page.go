// Package pages draws the pages that Torii serves itself: those behind mailed links, and
// the one that explains an error. They are in English and German, work without
// JavaScript, and show nothing that came with the request but the secret of the link,
// unseen.
package pages

import (
	"fmt"
	"io"
)

// Page is what one page shows.
type Page struct {
	// Name is which words of the catalogue it has: "reset", "verify_elsewhere". A name
	// "error.CODE" explains the code; one that nobody has words for reads "internal".
	Name string
	// Words stand in place of those of Name; nil takes Name's.
	Words *Words
	// App is what people call the application. It is a part of every title.
	App string
	// Account is the address of the account that the page is about; "" says nothing.
	Account string
	// Address is the other address of a page about two; "" says nothing.
	Address string
	// Provider is what people call the provider of identities that the page is about.
	Provider string
	// Action is the path that the form is posted to. Without one there is no form, but a
	// link to Next; so it is without a word for the button.
	Action string
	// Secret is posted with the form, as "token".
	Secret string
	// Fields are to be filled in. Each needs a label among the words.
	Fields []Field
	// Problem is the code of what was wrong with what was sent before. A code without
	// words says no more than that something was.
	Problem string
	// Minimum is the least number of characters of a new password; 0 does not tell.
	Minimum int
	// Next is where the link on a page without a form leads.
	Next string
}

// Field is one field of a form.
type Field struct {
	// Name is the member that the route reads.
	Name string
	// Type is the input's; defaults to "text".
	Type string
	// Autocomplete is the input's: "new-password".
	Autocomplete string
}

// Words are those of a page that is not in the catalogue; {app} in them is Page.App.
type Words struct {
	// Language is the tag of the language that they are in; defaults to "en".
	Language string
	// Title says what the page is for, Text what will happen.
	Title, Text string
	// Button says what pressing it does; without it the page has no form.
	Button string
	// Labels are those of the fields, by name.
	Labels map[string]string
}

// Render writes a page in a language that Locale returned; any other is English. Nothing
// is written when it fails, which it does for a name, or a field, that has no words.
func Render(w io.Writer, locale string, p Page) error {
	v, err := compose(locale, p)
	if err != nil {
		return fmt.Errorf("pages: %q: %w", p.Name, err)
	}
	return write(w, v)
}
