package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"

	"example.com/notes/ent"
)

// tryOut serves what the guide shows and nobody calls there.
func tryOut(mux *http.ServeMux, client *ent.Client, a *auth.Auth, pw *password.Provider) {
	mux.HandleFunc("POST /try", func(w http.ResponseWriter, r *http.Request) {
		email, note := r.FormValue("email"), r.FormValue("note")
		if note == "refused" {
			client.Note.Use(refuse)
		}
		if r.FormValue("without") != "" {
			if err := client.User.Create().SetEmail(email).SetLocale("en").Exec(r.Context()); err != nil {
				http.Error(w, err.Error(), 400)
				return
			}
		}
		err := signUp(r.Context(), client, a, pw, password.Registration{
			Email: email, Password: "a long and lovely password", Fields: map[string]any{"locale": "en"},
		}, note)
		if err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		fmt.Fprintf(w, "%d users, %d notes", client.User.Query().CountX(r.Context()), client.Note.Query().CountX(r.Context()))
	})
	mux.HandleFunc("POST /try/files", func(w http.ResponseWriter, r *http.Request) {
		n, err := files(r.Context())
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		fmt.Fprintf(w, "%d user in a database of files", n)
	})
}

func refuse(next ent.Mutator) ent.Mutator {
	return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
		if text, _ := m.Field("text"); text == "refused" {
			return nil, fmt.Errorf("a note that is refused")
		}
		return next.Mutate(ctx, m)
	})
}

// files makes a database by the files alone, and a user in it.
func files(ctx context.Context) (int, error) {
	db, err := sql.Open("sqlite3", "file:files.db?_fk=1")
	if err != nil {
		return 0, err
	}
	names, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		if _, err := db.ExecContext(ctx, string(text)); err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := create(ctx, db); err != nil {
		return 0, err
	}
	if err := db.Close(); err != nil {
		return 0, err
	}
	drv, err := migrate.Driver(ctx, "sqlite3", "file:files.db")
	if err != nil {
		return 0, err
	}
	client := ent.NewClient(ent.Driver(drv))
	defer client.Close()
	own, err := migrate.Client(drv)
	if err != nil {
		return 0, err
	}
	if left, err := migrate.Plan(ctx, own); err != nil || left != "" {
		return 0, fmt.Errorf("left to do: %q, %v", left, err)
	}
	if err := migrate.Host(ctx, drv, nil); err != nil {
		return 0, err
	}
	a, err := client.Auth(auth.Config{BaseURL: "http://localhost"}, newUser{})
	if err != nil {
		return 0, err
	}
	defer a.Close(ctx)
	if _, err := a.CreateUser(ctx, auth.NewUser{Email: "ada@example.org", Fields: map[string]any{"locale": "en"}}); err != nil {
		return 0, err
	}
	return client.User.Query().Count(ctx)
}
