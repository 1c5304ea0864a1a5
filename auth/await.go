package auth

import (
	"context"
	"errors"

	"github.com/torii-go/torii/mail"
)

// ErrCheckEmail is what a sign-up ends with whose address is to be proven first: nothing
// is written yet, and a mail is on its way. As an error it is a [CheckEmailError].
var ErrCheckEmail = errors.New("auth: a mail was sent; the account is made when it is answered")

// CheckEmailError is ErrCheckEmail with the flow that the mail's code and link work in.
// Whether the address has an account already is not told: its owner gets another mail.
type CheckEmailError struct{ Flow string }

func (e *CheckEmailError) Error() string { return ErrCheckEmail.Error() }
func (e *CheckEmailError) Unwrap() error { return ErrCheckEmail }

// provesFirst tells whether a new account needs the proof of its address: with a mailer,
// unless the host does without.
func (a *Auth) provesFirst() bool {
	return a.cfg.Mail.Sender != nil && !a.cfg.Mail.terminal && !a.cfg.SkipEmailVerification
}

// await keeps a sign-up until its address is proven: a flow of the browser that asks, and
// a mail. It writes no user and no credential, and does the same for an address that has
// an account.
func (a *Auth) await(ctx context.Context, p Proof, c Client) error {
	addr, err := parseEmail(p.Claims.Email)
	if err != nil {
		return err
	}
	m, err := a.mailing(mail.Verify)
	if err != nil {
		return err
	}
	// What the form is refused for uses up no mail.
	if err := a.rehearse(ctx, *p.Claims, addr.Canonical, c); err != nil {
		return err
	}
	if err := a.limits.mail(ctx, c, string(mail.Verify), addr.Canonical); err != nil {
		return err
	}
	tries := p.Attempts
	p.Attempts, p.Continues = nil, ""
	flow := ""
	err = a.atomically(ctx, c, Event{Kind: EventSignInFailed, Provider: p.Provider}, func(ctx context.Context, tx *Tx) error {
		f := mailFlow{Email: addr.Canonical, ReturnTo: p.ReturnTo, Proof: &p}
		l, err := tx.addressee(ctx, mail.Verify, f, false, c)
		if err != nil {
			return err
		}
		if flow, err = tx.beginFlow(ctx, mail.Verify, f, m.Lifetime); err != nil {
			return err
		}
		if err := tx.enqueue(ctx, l.boundTo(flow)); err != nil {
			return err
		}
		return tx.record(ctx, Event{Kind: EventSignUpPending, Provider: p.Provider})
	})
	if err != nil {
		return err
	}
	for _, try := range tries {
		a.limits.clear(ctx, try)
	}
	return &CheckEmailError{Flow: flow}
}
