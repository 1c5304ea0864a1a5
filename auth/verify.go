package auth

import (
	"context"
	"errors"
	"time"

	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/sessions"
)

// verifyLifetime is how long the proof of an address may take.
const verifyLifetime = 24 * time.Hour

// RequestVerification mails a link and a code with which to prove an address: that of a
// sign-up that waits in one of the client's flows, or of an account that is there and
// unproven. The flow it returns is what the code works in; whether the mail goes to
// anybody is not told. Too many are a [RetryError].
func (a *Auth) RequestVerification(ctx context.Context, email string, c Client) (flow string, err error) {
	if a.cfg.Mail.Sender == nil {
		return "", ErrNoMailer
	}
	return a.beginMail(ctx, c, MailFlow{Kind: mail.Verify, Email: email})
}

// VerifyEmail proves an address by a mailed link or code. A sign-up that waited for it
// becomes an account, signed in; for that the client has to hold the flow that it began
// with. An account that was there is marked as proven. Who is not signed in to it, so
// that it may be a stranger who made it, takes it over: what was set up before is removed,
// and the client is signed in. In another browser than the one that asked, m.Password stands
// for the flow or the session. m.Kind may be left out. ErrInvalidToken is a link or code
// that is used, too old, of another flow, or of an address that the account has no more.
func (a *Auth) VerifyEmail(ctx context.Context, m Mailed, c Client) (Result, error) {
	m.Kind = mail.Verify
	var tries []Attempt
	if m.Code != "" {
		var err error
		if tries, err = a.tryCode(ctx, m, c); err != nil {
			return Result{}, err
		}
		m.counted = true // before anything below tells whether it is right
	}
	if s, ok := SessionFrom(ctx); ok {
		res, err := a.verifyOwn(ctx, m, s, tries, c)
		if !errors.Is(err, errNotOwn) {
			return res, err
		}
	}
	factors := []sessions.Factor{{Kind: FactorEmail, At: a.now()}}
	if m.Password != "" {
		f, err := a.rejoin(ctx, &m, c)
		if err != nil {
			return Result{}, err
		}
		factors = append(factors, f...)
	}
	return a.finish(ctx, Proof{Provider: providerEmail, Factors: factors, Mailed: &m, Unguessable: m.Code == "", Attempts: tries}, c)
}

// providerEmail is the name in events of what is proven by a mail without a provider.
const providerEmail = "email"

// errNotOwn is a mail that is not for the account that is signed in.
var errNotOwn = errors.New("auth: of another account")

// verifyOwn proves the address of the account that is signed in: no session is opened,
// and nothing is taken away.
func (a *Auth) verifyOwn(ctx context.Context, m Mailed, s sessions.Session, tries []Attempt, c Client) (Result, error) {
	w, err := a.answer(ctx, a.client, m, c)
	switch {
	case errors.Is(err, ErrInvalidToken):
		return Result{}, errNotOwn
	case err != nil:
		return Result{}, err
	case w.row.UserID == nil || *w.row.UserID != s.UserID:
		return Result{}, errNotOwn
	}
	res := Result{Session: s}
	failure := Event{Kind: EventOperationRefused, UserID: s.UserID, SessionID: s.ID}
	err = a.atomically(ctx, c, failure, func(ctx context.Context, tx *Tx) error {
		w, err := tx.redeem(ctx, m, c)
		if err != nil {
			return err
		}
		res.Flow, res.ReturnTo = w.flow.secret, w.flow.ReturnTo
		res.User, err = tx.proveEmail(ctx, w.user, true, true)
		return err
	})
	if err != nil {
		return Result{}, err
	}
	for _, try := range tries {
		a.limits.clear(ctx, try)
	}
	a.client.User.Rebind(res.User)
	return res, nil
}

// RequestVerification is for the transaction in which a host has just made an account for
// whoever asks: the flow it returns belongs to that client, and whoever proves the address
// in it keeps what was set up (password.Tx.Register). Elsewhere the password stands for
// the flow. How many mails a client causes is not counted here: that is the host's to limit.
func (tx *Tx) RequestVerification(ctx context.Context, userID string, c Client) (flow string, err error) {
	m, err := tx.auth.mailing(mail.Verify)
	switch {
	case err != nil:
		return "", err
	case tx.auth.cfg.Mail.Sender == nil:
		return "", ErrNoMailer
	}
	err = tx.Step(ctx, userID, func() error {
		u, err := tx.Lock(ctx, userID)
		if err != nil {
			return err
		}
		if flow, err = tx.beginFlow(ctx, mail.Verify, mailFlow{Email: u.Email, Owner: u.ID}, m.Lifetime); err != nil {
			return err
		}
		l, err := tx.letter(mail.Verify, u.Email, u.ID, c)
		if err != nil {
			return err
		}
		if u.EmailVerifiedAt != nil || u.DisabledAt != nil {
			l = l.toNobody()
		}
		return tx.enqueue(ctx, l.boundTo(flow))
	})
	return flow, err
}
