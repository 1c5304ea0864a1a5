package main

import (
	"context"
	"net/http"

	"github.com/torii-go/torii/auth"
)

// freeProjects is how many projects a new user may start.
const freeProjects = 3

var errNoAllowance = &auth.Error{Code: "no_allowance", Status: http.StatusForbidden, Message: "You cannot start more projects."}

// giveAllowance is a hook: every user has an allowance from the first moment, whoever
// makes the account and wherever. It writes in the transaction that makes the user,
// Torii's own or the application's, so neither is ever there without the other.
func (db *database) giveAllowance(ctx context.Context, tx *auth.Tx, e auth.Event) error {
	if e.Kind != auth.EventUserCreated {
		return nil
	}
	insert := db.bind("INSERT INTO allowances (user_id, projects) VALUES (?, ?)")
	return tx.Driver().Exec(ctx, insert, []any{e.UserID, freeProjects}, nil)
}

// takeAllowance takes one project from what a user has left. One statement asks and
// takes: two requests cannot share the last one.
func (db *database) takeAllowance(ctx context.Context, conn auth.Conn, userID string) error {
	res, err := conn.ExecContext(ctx, db.bind("UPDATE allowances SET projects = projects - 1 WHERE user_id = ? AND projects > 0"), userID)
	if err != nil {
		return err
	}
	switch n, err := res.RowsAffected(); {
	case err != nil:
		return err
	case n != 1:
		return errNoAllowance
	}
	return nil
}
