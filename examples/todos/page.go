package main

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"

	"github.com/torii-go/torii/auth"
)

//go:embed templates
var templates embed.FS

// Every page is layout.html with one of the others as its "main".
var pages = map[string]*template.Template{
	"list":    parse("list"),
	"enter":   parse("enter"),
	"problem": parse("problem"),
}

func parse(name string) *template.Template {
	return template.Must(template.ParseFS(templates, "templates/layout.html", "templates/"+name+".html"))
}

// view is what a template gets.
type view struct {
	Title  string
	Email  string // of who is signed in; "" if nobody is
	Failed bool   // the page says what is wrong with what was posted
	Data   any
}

// render answers with a page. It is written whole or not at all.
func (s *site) render(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	if u, ok := auth.UserFrom(r.Context()); ok {
		v.Email = u.Email
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

// fail answers with a page for what is our fault, and says no more than that.
func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "internal error", "method", r.Method, "path", r.URL.Path, "error", err)
	s.problem(w, r, http.StatusInternalServerError, "That did not work", "Something went wrong on our side. Please try again.")
}

func (s *site) notFound(w http.ResponseWriter, r *http.Request) {
	s.problem(w, r, http.StatusNotFound, "There is nothing here", "Perhaps it was deleted meanwhile.")
}

func (s *site) foreign(w http.ResponseWriter, r *http.Request) {
	s.problem(w, r, http.StatusForbidden, "That came from elsewhere", "The form was sent by another site, so nothing was done.")
}

func (s *site) problem(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	s.render(w, r, status, "problem", view{Title: title, Data: text})
}
