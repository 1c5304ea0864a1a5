package main

import (
	"context"
	"errors"
	"net/http"

	"entgo.io/ent/dialect/sql/sqlgraph"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/examples/host-light/ent"
	"github.com/torii-go/torii/examples/host-light/ent/booking"
	"github.com/torii-go/torii/examples/host-light/ent/session"
	"github.com/torii-go/torii/examples/host-light/ent/user"
	"github.com/torii-go/torii/providers/password"
)

// The application's refusals have the form of Torii's, so that clients see one kind.
var (
	errNoSession = auth.InvalidField("session", "unknown")
	errBooked    = &auth.Error{Code: "already_booked", Status: http.StatusConflict, Message: "You have a place in this session."}
	errLevel     = &auth.Error{Code: "too_advanced", Status: http.StatusForbidden, Message: "This session is for the advanced."}
)

// signUp is what somebody signs up with: an account and a first booking.
type signUp struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Session  int    `json:"session"`
}

// signUp makes the account and the booking in one transaction: neither is ever there
// without the other.
func (s *studio) signUp(ctx context.Context, in signUp) (id string, err error) {
	err = s.transact(ctx, func(tx *ent.Tx) error {
		u, err := s.pw.In(tx.Auth(s.auth)).Register(ctx, password.Registration{Email: in.Email, Password: in.Password})
		if err != nil {
			return err
		}
		id = u.ID
		return book(ctx, tx, u.ID, in.Session)
	})
	return id, err
}

// book gives a user a place in a session. After an error the transaction is to be
// rolled back: PostgreSQL takes nothing more in it.
func book(ctx context.Context, tx *ent.Tx, userID string, sessionID int) error {
	hour, err := tx.Session.Get(ctx, sessionID)
	switch {
	case ent.IsNotFound(err):
		return errNoSession
	case err != nil:
		return err
	}
	u, err := tx.User.Get(ctx, userID)
	if err != nil {
		return err
	}
	if hour.Level == session.LevelAdvanced && u.Level != user.LevelAdvanced {
		return errLevel
	}
	err = tx.Booking.Create().SetUserID(userID).SetSessionID(sessionID).Exec(ctx)
	if sqlgraph.IsUniqueConstraintError(err) {
		return errBooked
	}
	return err
}

// booked lists the titles of what a user has booked.
func (s *studio) booked(ctx context.Context, userID string) ([]string, error) {
	return s.client.Session.Query().
		Where(session.HasBookingsWith(booking.UserID(userID))).
		Order(ent.Asc(session.FieldID)).
		Select(session.FieldTitle).Strings(ctx)
}

// transact runs f in a transaction of the studio's client.
func (s *studio) transact(ctx context.Context, f func(tx *ent.Tx) error) error {
	tx, err := s.client.Tx(ctx)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
