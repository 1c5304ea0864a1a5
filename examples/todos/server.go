package main

import (
	"context"
	"embed"
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

//go:embed static
var static embed.FS

// site is the application with Torii in it.
type site struct {
	db   *database
	auth *auth.Auth
	pw   *password.Provider
}

// newSite makes what is missing in the database, Torii's tables first because the list
// refers to them, and puts Torii on the application's pool.
func newSite(ctx context.Context, db *database, cfg auth.Config) (*site, error) {
	client, err := migrate.OpenDB(ctx, db.dialect, db.DB) // to close it would do nothing: the pool is ours
	if err != nil {
		return nil, err
	}
	if err := db.createTable(ctx); err != nil {
		return nil, err
	}
	pw := password.New(password.Config{})
	cfg.AppName = "Torii todos"
	cfg.LoginURL = "/login"
	cfg.Providers = []auth.Provider{pw}
	a, err := auth.New(client, cfg)
	return &site{db: db, auth: a, pw: pw}, err
}

func (s *site) handler() http.Handler {
	a := s.auth
	// form is for what the list posts. Whose session has ended meanwhile is sent to
	// /login, as RequireUser does with those who ask for a page.
	form := func(h http.HandlerFunc) http.Handler { return a.LoadUser(signedIn(h)) }
	look := func(h http.HandlerFunc) http.Handler { return a.LoadUser(h) }

	pages := http.NewServeMux()
	pages.Handle("GET /{$}", a.RequireUser(http.HandlerFunc(s.showList)))
	pages.Handle("POST /todos", form(s.add))
	pages.Handle("POST /todos/{id}/tick", form(s.tick))
	pages.Handle("POST /todos/{id}/delete", form(s.delete))
	pages.Handle("GET /login", look(s.showEntrance(loginPage)))
	pages.Handle("POST /login", http.HandlerFunc(s.login))
	pages.Handle("GET /register", look(s.showEntrance(registerPage)))
	pages.Handle("POST /register", http.HandlerFunc(s.register))
	pages.Handle("POST /logout", http.HandlerFunc(s.logout))
	pages.Handle("GET /static/", http.FileServerFS(static))
	pages.Handle("/", look(s.notFound))

	// Torii asks where a request comes from when somebody is signed in. The forms that
	// let people in are asked here: nobody may sign a visitor in to another's list.
	ours := http.NewCrossOriginProtection()
	ours.SetDenyHandler(http.HandlerFunc(s.foreign))

	mux := http.NewServeMux()
	mux.Handle("/auth/", a.Handler())
	mux.Handle("/", guarded(ours.Handler(pages)))
	return mux
}

// guarded is what every page has: it loads nothing from elsewhere, is in nobody's
// frame and posts to nobody else.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		next.ServeHTTP(w, r)
	})
}

func signedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := auth.UserFrom(r.Context()); !ok {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		next.ServeHTTP(w, r)
	})
}
