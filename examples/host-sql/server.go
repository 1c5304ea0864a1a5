package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"strconv"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// app is the application with Torii in it.
type app struct {
	db   *database
	auth *auth.Auth
	pw   *password.Provider
}

// newApp makes what is missing in the database, Torii's tables first, and puts Torii
// on the application's pool.
func newApp(ctx context.Context, db *database, cfg auth.Config) (*app, error) {
	client, err := migrate.OpenDB(ctx, db.dialect, db.DB) // to close it would do nothing: the pool is ours
	if err != nil {
		return nil, err
	}
	if err := db.createTables(ctx); err != nil {
		return nil, err
	}
	pw := password.New(password.Config{})
	cfg.Providers = []auth.Provider{pw}
	cfg.Hooks = append([]auth.Hook{db.giveAllowance}, cfg.Hooks...)
	a, err := auth.New(client, cfg)
	return &app{db: db, auth: a, pw: pw}, err
}

func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/auth/", a.auth.Handler())
	mux.Handle("GET /projects", a.auth.RequireUser(answer(a.listProjects)))
	mux.Handle("POST /projects", a.auth.RequireUser(answer(a.postProject)))

	// Nobody is signed in yet who could be asked where the request comes from, so the
	// application asks. It also has to count: Torii's limit on new accounts is for
	// POST /auth/register, and a site that is open to the world has one here as well.
	ours := http.NewCrossOriginProtection()
	ours.SetDenyHandler(answer(func(*http.Request) (int, any, error) { return 0, nil, auth.ErrForbiddenOrigin }))
	mux.Handle("POST /signup", ours.Handler(answer(a.postSignUp)))
	return mux
}

func (a *app) postSignUp(r *http.Request) (int, any, error) {
	var s signUp
	if err := decode(r, &s); err != nil {
		return 0, nil, err
	}
	var reply struct {
		User struct {
			ID    string `json:"id"`
			Email string `json:"email"`
		} `json:"user"`
		Project project `json:"project"`
	}
	err := a.db.transact(r.Context(), func(tx *sql.Tx) error {
		u, p, err := a.signUp(r.Context(), tx, s)
		if err != nil {
			return err
		}
		reply.User.ID, reply.User.Email, reply.Project = u.ID, u.Email, p
		return nil
	})
	return http.StatusCreated, reply, err
}

func (a *app) listProjects(r *http.Request) (int, any, error) {
	u, _ := auth.UserFrom(r.Context())
	list, err := a.db.projectsOf(r.Context(), u.ID)
	return http.StatusOK, map[string]any{"projects": list}, err
}

func (a *app) postProject(r *http.Request) (int, any, error) {
	u, _ := auth.UserFrom(r.Context())
	var body struct {
		Project string `json:"project"`
	}
	if err := decode(r, &body); err != nil {
		return 0, nil, err
	}
	var p project
	err := a.db.transact(r.Context(), func(tx *sql.Tx) (err error) {
		p, err = a.db.addProject(r.Context(), tx, u.ID, body.Project)
		return err
	})
	return http.StatusCreated, map[string]any{"project": p}, err
}

// decode reads a body of JSON.
func decode(r *http.Request, v any) error {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return auth.ErrUnsupportedMediaType
	}
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 64<<10)).Decode(v); err != nil {
		return auth.ErrInvalidRequest
	}
	return nil
}

// answer writes what a handler returns, its errors in the form of Torii's.
func answer(handle func(*http.Request) (int, any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body, err := handle(r)
		if err != nil {
			status, body = refusal(w, r, err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body) // a client that has gone cannot be told
	})
}

// refusal is what an error says outside; whatever is not meant for there says nothing.
func refusal(w http.ResponseWriter, r *http.Request, err error) (int, any) {
	said := map[string]any{}
	public, ok := errors.AsType[*auth.Error](err)
	if !ok {
		slog.ErrorContext(r.Context(), "internal error", "method", r.Method, "path", r.URL.Path, "error", err)
		public = &auth.Error{Code: "internal", Status: http.StatusInternalServerError, Message: "Something went wrong."}
	}
	if e, ok := errors.AsType[*auth.FieldsError](err); ok {
		said["fields"] = e.Fields
	}
	if e, ok := errors.AsType[*auth.RetryError](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(max(e.After.Seconds(), 1)))))
	}
	said["code"], said["message"] = public.Code, public.Message
	return public.Status, map[string]any{"error": said}
}
