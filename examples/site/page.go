package main

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
)

//go:embed templates
var templates embed.FS

// Every page is layout.html with one of the others as its "main".
var pages = parsePages("home", "enter", "account", "delete", "me", "problem", "taken", "linkage", "again", "sent", "address", "mailbox", "letter")

func parsePages(names ...string) map[string]*template.Template {
	parsed := map[string]*template.Template{}
	for _, name := range names {
		parsed[name] = template.Must(template.ParseFS(templates,
			"templates/layout.html", "templates/form.html", "templates/passkey.html", "templates/"+name+".html"))
	}
	return parsed
}

// view is what a template gets.
type view struct {
	Title string
	User  *person // who is signed in
	Form  *form   // the page's own form, if it has one
	Done  string  // what has just been done
	Data  any
}

// Failed tells whether the page says what is wrong with something that was posted. Its
// title says so first, to people who hear it.
func (v view) Failed() bool {
	if d, ok := v.Data.(account); ok && (d.Name.Failed() || d.Password.Failed()) {
		return true
	}
	return v.Form != nil && v.Form.Failed()
}

// person is a user as pages show one.
type person struct {
	Name, Email string
	Verified    bool // the address is theirs
}

// Called is how the pages speak to somebody.
func (p person) Called() string {
	if p.Name != "" {
		return p.Name
	}
	return p.Email
}

func personOf(u *ent.User) *person {
	p := &person{Email: u.EmailEntered, Verified: u.EmailVerifiedAt != nil}
	if p.Email == "" {
		p.Email = u.Email
	}
	if u.Name != nil {
		p.Name = *u.Name
	}
	return p
}

// render answers with a page. It is written whole or not at all.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	if u, ok := auth.UserFrom(r.Context()); ok && v.User == nil {
		v.User = personOf(u)
	}
	var page bytes.Buffer
	if err := pages[name].ExecuteTemplate(&page, "layout.html", v); err != nil {
		slog.ErrorContext(r.Context(), "page not rendered", "page", name, "error", err)
		http.Error(w, "Something went wrong.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store") // it is somebody's
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // a browser that has gone cannot be told
}

// fail answers with a page for what no form can show.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := form{}
	status := f.refuse(w, err)
	if status == http.StatusInternalServerError {
		slog.ErrorContext(r.Context(), "internal error", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	s.render(w, r, status, "problem", view{Title: "That did not work", Data: f.Alert})
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusNotFound, "problem", view{Title: "There is nothing here", Data: "The address leads nowhere. Perhaps it was cut off when it was copied."})
}

func (s *server) foreign(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusForbidden, "problem", view{Title: "That came from elsewhere", Data: "The form was sent by another site, so nothing was done."})
}
