package auth

import (
	"context"
	"slices"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/address"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/mail"
)

const (
	// purposeNone is a mail to nobody: what is written for an address without an account,
	// so that it costs what one with an account does.
	purposeNone = "none"
	nobody      = "nobody@invalid.invalid"
)

// letter is a mail to be sent after the transaction: what for and to whom. The secret is
// made by whoever sends it, so that none is in the database.
type letter struct {
	m       Mailing
	purpose string
	email   string
	userID  string // "" for an address without an account
	locale  string
	// about is what the mail names beside the application: an identity provider.
	about string
	// bound is the hash of what has to be shown beside the secret; nil: nothing.
	bound []byte
}

// letter to somebody, in the language of who asks for it.
func (tx *Tx) letter(kind mail.Kind, email, userID string, c Client) (letter, error) {
	m, err := tx.auth.mailing(kind)
	return letter{m: m, purpose: string(kind), email: email, userID: userID, locale: tx.auth.cfg.Mail.Catalogue.MatchLocale(c.Language)}, err
}

// toNobody keeps what a letter costs and sends none.
func (l letter) toNobody() letter {
	l.purpose, l.email, l.userID = purposeNone, nobody, ""
	return l
}

// boundTo is a letter whose secret works with a flow alone.
func (l letter) boundTo(flow string) letter {
	hash := token.HashOf(flow)
	l.bound = hash[:]
	return l
}

// addressee writes the letter of a flow: who gets it, if anybody, and which. Each case
// asks the same questions.
func (tx *Tx) addressee(ctx context.Context, kind mail.Kind, f mailFlow, signUp bool, c Client) (letter, error) {
	l, err := tx.letter(kind, f.Email, "", c)
	if err != nil {
		return l, err
	}
	u, err := tx.byEmail(ctx, f.Email)
	if err != nil {
		return l, err
	}
	reserved, err := tx.reserved(ctx, f.Email, "")
	switch {
	case err != nil:
		return l, err
	case f.Email == "", u != nil && u.DisabledAt != nil:
		return l.toNobody(), nil
	case u == nil && (f.Proof != nil || signUp) && !reserved:
		return l, nil
	case u == nil:
		return l.toNobody(), nil
	case f.Proof != nil: // somebody signs up with an address that has an account
		return tx.letter(mail.AddressTaken, u.Email, u.ID, c)
	case kind == mail.Verify && u.EmailVerifiedAt != nil:
		return l.toNobody(), nil
	}
	l.userID = u.ID
	return l, nil
}

// byEmail returns the user with a canonical address, or nil.
func (tx *Tx) byEmail(ctx context.Context, canonical string) (*ent.User, error) {
	u, err := tx.client.User.Query().Where(user.Email(canonical)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return u, err
}

// canonicalOf is the form in which an address is looked up, counted and mailed to; "",
// which is nobody's, for what is none.
func canonicalOf(email string) string {
	addr, err := address.Parse(email)
	if err != nil {
		return ""
	}
	return addr.Canonical
}

// enqueue has a letter sent after the transaction.
func (tx *Tx) enqueue(ctx context.Context, l letter) error {
	create := tx.client.Outbox.Create().
		SetPurpose(l.purpose).
		SetEmail(l.email).
		SetUserID(l.userID).
		SetLocale(l.locale).
		SetAbout(l.about).
		SetNextAttemptAt(tx.now).
		SetExpiresAt(tx.now.Add(l.m.lifetime())).
		SetCreatedAt(tx.now)
	if l.bound != nil {
		create.SetFlowHash(slices.Clone(l.bound))
	}
	if err := create.Exec(ctx); err != nil {
		return err
	}
	tx.after = append(tx.after, func(context.Context) error {
		tx.auth.Start() // a program that serves nothing mails all the same
		tx.auth.worker.wake()
		return nil
	})
	return nil
}
