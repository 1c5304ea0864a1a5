package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
)

type rehearsalKey struct{}

// Rehearsal is for the hooks of a host's User, and true while a sign-up is tried out whose
// address has yet to be proven: nothing of the row stays. Its address is made up, at the
// domain of the right one, so that no answer tells whether that has an account; email is
// the right one. An effect outside of the transaction has no place there.
func Rehearsal(ctx context.Context) (email string, ok bool) {
	email, ok = ctx.Value(rehearsalKey{}).(string)
	return email, ok
}

var errRehearsed = errors.New("auth: rehearsed")

// Rehearse tells whether an account could be made of claims, but for whether the address
// has one, so that a person can correct what is wrong before a flow of several requests
// begins. An *FieldsError names what is not acceptable. It writes nothing, but takes its
// place in the database and tells which values are taken: too many from one address are a
// [RetryError].
func (k Kit) Rehearse(ctx context.Context, c Client, claims Claims) error {
	if k.a == nil {
		return ErrNotMounted
	}
	addr, err := parseEmail(claims.Email)
	if err != nil {
		return err
	}
	if err := k.countCeremony(ctx, c, "rehearse"); err != nil {
		return err
	}
	return k.a.rehearse(ctx, claims, addr.Canonical, c)
}

// rehearse finds out whether a sign-up could be refused for anything but its address,
// while the person is there to correct it.
func (a *Auth) rehearse(ctx context.Context, claims Claims, canonical string, c Client) error {
	n := claims.newUser()
	if _, err := cleanName(n.Name); err != nil {
		return err
	}
	if _, err := cleanPicture(n.Picture); err != nil {
		return err
	}
	if a.cfg.Host == nil {
		if len(n.Fields) > 0 {
			return errNoHost
		}
		return nil
	}
	n.Email = strings.ToLower(rand.Text()) + canonical[strings.LastIndexByte(canonical, '@'):]
	ctx = context.WithValue(ctx, rehearsalKey{}, canonical)
	return a.atomically(ctx, c, Event{Kind: EventOperationRefused}, func(ctx context.Context, tx *Tx) error {
		err := tx.step(ctx, func() error {
			if _, err := tx.insertUser(ctx, n); err != nil {
				return err
			}
			return errRehearsed // and nothing of it stays
		})
		missing, ok := errors.AsType[*ProfileError](err)
		switch {
		case errors.Is(err, errRehearsed), ok && !claims.Asked:
			return nil // what is missing is asked for when the address is proven
		case ok:
			return missing.refused()
		}
		return err
	})
}

// asksFor is what a person has to be asked for before the account can be made: what the
// host still needs, or, when the address was proven long after the form was filled in,
// what it does not accept any more, such as a name that somebody has taken meanwhile.
func (a *Auth) asksFor(err error, w answered) *ProfileError {
	if missing, ok := errors.AsType[*ProfileError](err); ok {
		return missing
	}
	refused, ok := errors.AsType[*FieldsError](err)
	if !ok || w.flow.Proof == nil {
		return nil
	}
	again, known := &ProfileError{}, a.hostFields()
	for name := range refused.Fields {
		if _, ok := known[name]; !ok {
			return nil
		}
		again.Fields = append(again.Fields, name)
	}
	return again
}
