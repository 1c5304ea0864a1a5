package auth

import (
	"cmp"
	"html/template"
	"net/http"

	"github.com/torii-go/torii/mail"
)

// Page is a page of Torii's, behind a mailed link: it says what is about to happen to
// which account, and has one form. It works without JavaScript.
type Page struct {
	// Kind is the mail that leads here. The host may have a page of its own for it.
	Kind mail.Kind
	// Title and Text say what this is about.
	Title, Text string
	// Account is the address of the account that the form acts on.
	Account string
	// Action is the route that the form is posted to, below Config.Path.
	Action string
	// Secret is the link's; it goes along, unseen.
	Secret string
	// Fields are to be filled in.
	Fields []PageField
	// Button says what pressing it does.
	Button string
	// Problem says what was wrong with what was sent before.
	Problem string
}

// PageField is one field of a page's form.
type PageField struct {
	Name, Label, Type, Autocomplete string
}

var linkPage = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{{if .Problem}}Error: {{end}}{{.Title}} - {{.App}}</title>
<style>` + pageStyle + `</style>
<main>
<h1>{{.Title}}</h1>
{{with .Account}}<p>The account of <strong>{{.}}</strong></p>{{end}}
{{with .Text}}<p>{{.}}</p>{{end}}
{{with .Problem}}<p class="problem" id="problem" role="alert">{{.}}</p>{{end}}
{{if .Button}}<form method="post" action="{{.Action}}">
<input type="hidden" name="token" value="{{.Secret}}">
{{if and .Fields .Account}}<input hidden type="email" autocomplete="username" value="{{.Account}}" aria-label="E-mail address" readonly>
{{end}}{{range .Fields}}<p><label for="{{.Name}}">{{.Label}}</label>
<input id="{{.Name}}" name="{{.Name}}" type="{{.Type}}" autocomplete="{{.Autocomplete}}" required{{if $.Problem}} aria-invalid="true" aria-describedby="problem"{{end}}></p>
{{end}}<button>{{.Button}}</button>
</form>{{else}}<p><a href="{{.Next}}">Go on to {{.App}}</a></p>{{end}}
</main>
`))

// pageStyle is the look of Torii's own pages.
const pageStyle = `
body { font: 1.05rem/1.5 system-ui, sans-serif; margin: 0; padding: 10vh 1.5rem; color: #1c1b1a; background: #fbfaf8 }
main { max-width: 28rem; margin: 0 auto; overflow-wrap: anywhere }
h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2rem); line-height: 1.2; text-wrap: balance }
strong { display: block }
a { color: #b3361b }
label { display: block; margin-bottom: .3rem; font-weight: 600 }
:focus-visible { outline: 3px solid #1a5fb4; outline-offset: 2px }
input { box-sizing: border-box; width: 100%; font: inherit; padding: .5rem .7rem; color: inherit; background: #fff; border: 1px solid #8d867d; border-radius: .4rem }
button { width: 100%; font: inherit; font-weight: 600; padding: .6rem 1.2rem; color: #fff; background: #b3361b; border: 0; border-radius: .4rem; cursor: pointer }
.problem { padding: .6rem .8rem; border-left: .25rem solid #b3361b; background: #f6e5e0; border-radius: .4rem }
@media (prefers-color-scheme: dark) {
body { color: #ece8e2; background: #1b1a19 }
a { color: #ff8f6b }
:focus-visible { outline-color: #8cbcff }
input { background: #2a2826; border-color: #8d867d }
button { color: #1b1a19; background: #ff8f6b }
.problem { background: #3a2620; border-color: #ff8f6b }
}`

// Page answers with a page, or sends the browser to the host's own, with the secret in
// the fragment. A page that has lost its Button says only what it says.
func (c *Call) Page(p Page) error {
	h := c.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "strict-origin")
	if own := c.a.cfg.Mail.Pages[p.Kind]; own != "" && p.Secret != "" {
		return c.See(own + "#token=" + p.Secret) // a secret has no character that means something there
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	c.answered = true
	c.w.WriteHeader(http.StatusOK)
	p.Action = c.a.cfg.Path + p.Action
	return linkPage.Execute(c.w, struct {
		Page
		App, Next string
	}{p, c.a.cfg.AppName, cmp.Or(c.a.cfg.LoginURL, "/")})
}

// Query is a parameter of the request's query.
func (c *Call) Query(name string) string { return c.r.URL.Query().Get(name) }
