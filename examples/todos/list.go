package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/torii-go/torii/auth"
)

// list is what the page with the list shows.
type list struct {
	Todos []todo
	Words string // typed and refused
	Error string // why it was
}

// Open is how many are still to do.
func (l list) Open() (n int) {
	for _, t := range l.Todos {
		if !t.Done {
			n++
		}
	}
	return n
}

func (s *site) showList(w http.ResponseWriter, r *http.Request) { s.list(w, r, http.StatusOK, "", "") }

// list shows the page, with a refused todo or without.
func (s *site) list(w http.ResponseWriter, r *http.Request, status int, words, wrong string) {
	u, _ := auth.UserFrom(r.Context())
	todos, err := s.db.todos(r.Context(), u.ID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, status, "list", view{
		Title: "Your todos", Failed: wrong != "",
		Data: list{Todos: todos, Words: words, Error: wrong},
	})
}

func (s *site) add(w http.ResponseWriter, r *http.Request) {
	u, _ := auth.UserFrom(r.Context())
	words := strings.TrimSpace(r.PostFormValue("words"))
	if wrong := checkWords(words); wrong != "" {
		s.list(w, r, http.StatusUnprocessableEntity, words, wrong)
		return
	}
	s.done(w, r, s.db.addTodo(r.Context(), u.ID, words))
}

func (s *site) tick(w http.ResponseWriter, r *http.Request) {
	u, _ := auth.UserFrom(r.Context())
	s.done(w, r, s.db.tickTodo(r.Context(), u.ID, r.PathValue("id"), r.PostFormValue("done") == "true"))
}

func (s *site) delete(w http.ResponseWriter, r *http.Request) {
	u, _ := auth.UserFrom(r.Context())
	s.done(w, r, s.db.deleteTodo(r.Context(), u.ID, r.PathValue("id")))
}

// done leads back to the list, so that reloading the page sends nothing again.
func (s *site) done(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errNoTodo):
		s.notFound(w, r)
	case err != nil:
		s.fail(w, r, err)
	default:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}
