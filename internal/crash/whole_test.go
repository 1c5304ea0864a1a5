package crash_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// halves lists what a database has half of. Every account here was made by a
// registration and none was deleted.
func halves(ctx context.Context, s *site) ([]string, error) {
	var wrong []string
	if err := migrate.Verify(ctx, s.client); err != nil {
		wrong = append(wrong, err.Error())
	}
	more, err := damage(ctx, s.client)
	if err != nil {
		return nil, err
	}
	wrong = append(wrong, more...)
	users, err := s.client.User.Query().All(ctx)
	if err != nil {
		return nil, err
	}
	credentials, err := s.client.Credential.Query().All(ctx)
	if err != nil {
		return nil, err
	}
	created, err := s.client.AuthEvent.Query().Where(authevent.Kind(auth.EventUserCreated)).All(ctx)
	if err != nil {
		return nil, err
	}
	passwords, births := map[string]int{}, map[string]int{}
	for _, c := range credentials {
		if c.Kind != password.Kind || c.Secret == "" {
			wrong = append(wrong, fmt.Sprintf("credential %s: kind %q, secret empty %t", c.ID, c.Kind, c.Secret == ""))
		}
		passwords[c.UserID]++
	}
	for _, e := range created {
		births[e.UserID]++
	}
	for _, u := range users {
		if passwords[u.ID] != 1 || births[u.ID] != 1 {
			wrong = append(wrong, fmt.Sprintf("%s has %d passwords and was created %d times", u.Email, passwords[u.ID], births[u.ID]))
		}
	}
	if len(passwords) > len(users) || len(births) > len(users) {
		wrong = append(wrong, fmt.Sprintf("%d users, passwords of %d, events of %d", len(users), len(passwords), len(births)))
	}
	orphans, err := s.client.Session.Query().Where(session.Not(session.HasUser())).Count(ctx)
	if err != nil {
		return nil, err
	}
	lost, err := s.client.Credential.Query().Where(credential.Not(credential.HasUser())).Count(ctx)
	if orphans+lost > 0 {
		wrong = append(wrong, fmt.Sprintf("%d sessions and %d credentials of nobody", orphans, lost))
	}
	return wrong, err
}

// damage is what SQLite itself finds wrong with its file.
func damage(ctx context.Context, client *ent.Client) ([]string, error) {
	if client.Driver().Dialect() != "sqlite3" {
		return nil, nil
	}
	var wrong []string
	for pragma, columns := range map[string]int{"integrity_check": 1, "foreign_key_check": 4} {
		rows, err := client.QueryContext(ctx, "PRAGMA "+pragma)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			values := make([]any, columns)
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				return nil, errors.Join(err, rows.Close())
			}
			if first := fmt.Sprint(*values[0].(*any)); first != "ok" {
				wrong = append(wrong, pragma+": "+first)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	return wrong, nil
}

// whole fails the test if the database has half of anything, or cannot take one
// registration more.
func whole(t *testing.T, s *site, newcomer person) {
	t.Helper()
	if _, err := s.register(t.Context(), newcomer); err != nil {
		t.Errorf("a registration after the kill: %v", err)
	}
	wrong, err := halves(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Error(w)
	}
}

func TestHalvesAreNoticed(t *testing.T) {
	for name, spoil := range map[string]func(ctx context.Context, s *site, userID string) error{
		"a user without a password": func(ctx context.Context, s *site, _ string) error {
			_, err := s.auth.CreateUser(ctx, auth.NewUser{Email: "half@example.com"})
			return err
		},
		"a password that is gone": func(ctx context.Context, s *site, _ string) error {
			_, err := s.client.Credential.Delete().Exec(ctx)
			return err
		},
		"a user of whom no event tells": func(ctx context.Context, s *site, id string) error {
			_, err := s.client.AuthEvent.Delete().Where(authevent.UserID(id)).Exec(ctx)
			return err
		},
		"an event of a user who is not there": func(ctx context.Context, s *site, _ string) error {
			return s.client.AuthEvent.Create().SetKind(auth.EventUserCreated).SetUserID("usr_00000000000000000000000000").Exec(ctx)
		},
		"an index that is gone": func(ctx context.Context, s *site, _ string) error {
			_, err := s.client.ExecContext(ctx, "DROP INDEX session_expires_at")
			return err
		},
	} {
		s := again(t, testdb.New(t, "sqlite3"))
		res, err := s.register(t.Context(), person{Email: "whole@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		if wrong, err := halves(t.Context(), s); err != nil || len(wrong) > 0 {
			t.Fatalf("complains about what is whole: %q, %v", wrong, err)
		}
		if err := spoil(t.Context(), s, res.User.ID); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if wrong, err := halves(t.Context(), s); err != nil || len(wrong) == 0 {
			t.Errorf("%s is not noticed (%v)", name, err)
		}
	}
}
