package auth

import (
	"bytes"
	"cmp"
	"net/http"

	"github.com/torii-go/torii/internal/pages"
	"github.com/torii-go/torii/mail"
)

// Page is a page of Torii's, behind a mailed link: it says what is about to happen to
// which account, and has one form at most. It works without JavaScript, in the browser's
// language if that is German, and in English otherwise.
type Page struct {
	// Kind is the mail that leads here. The host may have a page of its own for it.
	Kind mail.Kind
	// Name says which of Torii's own words the page has: "reset", "invalid".
	Name string
	// Words are those of a provider whose pages Torii has no words for. Their Title makes
	// them count in place of Name.
	Words PageWords
	// Account is the address of the account that the page is about.
	Account string
	// Address is the account's other address, on pages about two.
	Address string
	// Provider is what people call the provider of identities that the page is about.
	Provider string
	// Leaves says that the answer to the form sends the browser to other sites, which it
	// would else be kept from.
	Leaves bool
	// Action is the route that the form is posted to, below Config.Path. Without one the
	// page has no form, only a link to the application.
	Action string
	// Secret is the link's; it is posted as "token", unseen.
	Secret string
	// Fields are to be filled in.
	Fields []PageField
	// Problem is the code of what was wrong with what was sent before: "weak_password". A
	// code without words says that something was; nothing else of it is shown.
	Problem string
	// Minimum is the least number of characters of a new password; 0 does not tell.
	Minimum int
}

// PageField is one field of a page's form.
type PageField struct {
	// Name is the member that the route reads.
	Name string
	// Type is that of the input; defaults to "text".
	Type string
	// Autocomplete tells the browser what belongs there: "new-password".
	Autocomplete string
}

// PageWords are what a page says that Torii has no words for. In all of them {app} is
// Config.AppName. They are plain text.
type PageWords struct {
	// Language is the tag of the language that they are in; defaults to "en".
	Language string
	// Title says what the page is for. Required.
	Title string
	// Text says what will happen, and what to do for who did not ask for it.
	Text string
	// Button says what pressing it does. Without it the page has no form.
	Button string
	// Labels are those of the fields, by name. Each field needs one.
	Labels map[string]string
}

// Page answers with a page, or sends the browser to the host's own, with the secret in
// the fragment. A page that nobody has words for is an error.
func (c *Call) Page(p Page) error {
	if own := c.a.cfg.Mail.Pages[p.Kind]; own != "" && p.Secret != "" {
		c.w.Header().Set("Referrer-Policy", "strict-origin")
		return c.See(own + "#token=" + p.Secret) // a secret has no character that means something there
	}
	drawn := pages.Page{
		Name: p.Name, Account: p.Account, Address: p.Address, Secret: p.Secret, Problem: p.Problem, Minimum: p.Minimum,
		Provider: p.Provider, Next: cmp.Or(c.a.cfg.LoginURL, "/"),
	}
	if p.Words.Title != "" {
		words := pages.Words(p.Words)
		drawn.Words = &words
	}
	if p.Action != "" {
		drawn.Action = c.Route(p.Action)
	}
	for _, f := range p.Fields {
		drawn.Fields = append(drawn.Fields, pages.Field(f))
	}
	targets := []string{pages.Self}
	if p.Leaves {
		targets = append(targets, pages.Anywhere...)
	}
	return c.draw(drawn, targets...)
}

// draw answers with a page, whole or not at all.
func (c *Call) draw(p pages.Page, targets ...string) error {
	p.App = c.a.cfg.AppName
	var body bytes.Buffer
	if err := pages.Render(&body, pages.Locale(c.client.Language), p); err != nil {
		return err
	}
	pages.SetHeaders(c.w.Header(), targets...)
	c.answered = true
	c.w.WriteHeader(http.StatusOK)
	_, err := body.WriteTo(c.w)
	return err
}

// Query is a parameter of the request's query.
func (c *Call) Query(name string) string { return c.r.URL.Query().Get(name) }
