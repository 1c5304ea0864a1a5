package auth

import (
	"context"
	"errors"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/ent/magictoken"
	"github.com/torii-go/torii/ent/outbox"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/sessions"
)

// FactorEmail is the kind of factor of who has proven to read an address. It is a single
// weak one: never a second factor, and never a step-up for who has a password or a
// passkey.
const FactorEmail = "email"

// Mailed is a secret from a mail: what its link holds, or a code that was typed, which
// works only together with the client's flow.
type Mailed struct {
	Kind   mail.Kind `json:"kind"`
	Secret string    `json:"-"`
	Code   string    `json:"-"`
	// Password is that of the sign-up or account, for who opens the link of a verification
	// in another browser than the one that asked for it.
	Password string `json:"-"`

	// known is the hash of what the client has otherwise shown to belong to the secret: its
	// session, or what the flow's sign-up is to be protected by.
	known []byte
	// owner is true for who has proven to be the one whose account it is.
	owner bool
	// counted is true if the code's try has been.
	counted bool
}

// answered is a mail's secret with what it belongs to.
type answered struct {
	row  *ent.MagicToken
	flow mailFlow // the client's; zero if it has none or the secret needs none
	user *ent.User
}

// owners tells whether the client is the one that made the account, unproven as it is.
func (w answered) owners(m Mailed) bool {
	return m.owner || w.here() && w.user != nil && w.flow.Owner == w.user.ID
}

// here tells whether the secret is answered by the client that asked for the mail.
func (w answered) here() bool { return w.flow.row != nil }

// answer finds what a secret belongs to, if it has not been used and has not expired. It
// uses nothing up.
func (a *Auth) answer(ctx context.Context, client *ent.Client, m Mailed, c Client) (answered, error) {
	flows, err := a.flowsOf(ctx, client, m.Kind, c)
	if err != nil {
		return answered{}, err
	}
	if m.Code != "" {
		for _, f := range flows {
			row, err := a.findCode(ctx, client, m, f)
			if err != nil || row != nil {
				return answered{row: row, flow: f}, err
			}
		}
		return answered{}, ErrInvalidToken
	}
	hash, ok := token.Parse(m.Secret)
	if !ok {
		return answered{}, ErrInvalidToken
	}
	row, err := client.MagicToken.Query().Where(magictoken.TokenHash(hash[:])).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return answered{}, ErrInvalidToken
	case err != nil:
		return answered{}, err
	case [32]byte(row.TokenHash) != hash, row.Purpose != string(m.Kind), row.UsedAt != nil, !a.now().Before(row.ExpiresAt):
		return answered{}, ErrInvalidToken
	}
	w := answered{row: row}
	for _, f := range flows {
		if row.FlowHash != nil && string(f.row.FlowHash) == string(*row.FlowHash) {
			w.flow = f
		}
	}
	if m.known != nil && row.FlowHash != nil && string(m.known) == string(*row.FlowHash) && m.Kind != mail.ChangeEmail {
		w.flow, err = a.flowOf(ctx, client, row.Purpose, m.known)
	}
	return w, err
}

// fits tells whether the client may use a secret: one that signs in, or makes an account,
// only with the flow that asked for it; a change of address only in the session that did.
func (m Mailed) fits(w answered) bool {
	switch {
	case m.Kind == mail.SignIn, w.row.UserID == nil:
		return w.here()
	case m.Kind == mail.ChangeEmail:
		return w.row.FlowHash != nil && string(m.known) == string(*w.row.FlowHash)
	}
	return true
}

// redeem uses a secret up: one conditional statement, so that of any number at once one
// succeeds. It locks the user first, as everything does that ends mailed secrets.
func (tx *Tx) redeem(ctx context.Context, m Mailed, c Client) (answered, error) {
	w, err := tx.auth.answer(ctx, tx.client, m, c)
	if err != nil {
		return w, err
	}
	if !m.fits(w) {
		return w, ErrInvalidToken
	}
	if w.row.UserID != nil {
		w.user, err = tx.Lock(ctx, *w.row.UserID)
		switch {
		case errors.Is(err, ErrNotFound):
			return w, ErrInvalidToken // deleted meanwhile
		case err != nil:
			return w, err
		}
		tx.subject = w.user.ID
	}
	if w.row.UserID == nil || m.Kind == mail.ChangeEmail { // an account is about to get the address
		if err := tx.lockAddress(ctx, w.row.Email); err != nil {
			return w, err
		}
	}
	n, err := tx.client.MagicToken.Update().
		Where(magictoken.ID(w.row.ID), magictoken.UsedAtIsNil(), magictoken.ExpiresAtGT(tx.now)).
		SetUsedAt(tx.now).
		Save(ctx)
	switch {
	case err != nil:
		return w, err
	case n != 1:
		return w, ErrInvalidToken
	}
	if w.here() {
		n, err := tx.client.Challenge.Delete().Where(challenge.ID(w.flow.row.ID)).Exec(ctx)
		switch {
		case err != nil:
			return w, err
		case n != 1:
			return w, ErrInvalidToken // another mail of this flow was answered at the same moment
		}
	}
	if w.user == nil {
		return w, tx.endAddress(ctx, w.row.Email)
	}
	switch {
	case w.user.DisabledAt != nil:
		return w, ErrInvalidToken
	case m.Kind != mail.ChangeEmail && m.Kind != mail.EmailChanged && w.user.Email != w.row.Email:
		return w, ErrInvalidToken
	case m.Kind == mail.EmailChanged:
		return w, nil // an undo lives beside the others, and ends the later ones itself
	}
	return w, tx.endMailed(ctx, w.user.ID, string(m.Kind))
}

// proof is what the answer proves, with the sign-up that waited for it.
func (w answered) proof(a *Auth, p Proof) (Proof, error) {
	p.ReturnTo = w.flow.ReturnTo
	switch {
	case w.user != nil:
		p.UserID = w.user.ID
		return p, nil
	case w.flow.Proof == nil:
		p.Claims = &Claims{Email: w.row.Email, EmailProven: true}
		return p, nil
	}
	waited := *w.flow.Proof
	if err := a.restore(waited.Claims.Fields); err != nil {
		return p, err
	}
	waited.Factors = sessions.Merge(waited.Factors, p.Factors...)
	waited.Attempts, waited.Unguessable, waited.ReturnTo = p.Attempts, p.Unguessable, p.ReturnTo
	waited.Claims.Email, waited.Claims.EmailProven = w.row.Email, true
	waited.Claims.Anew, waited.Claims.Asked = true, false
	return waited, nil
}

// endMailed ends the secrets of a user that were mailed for the purposes, or wait to be;
// all but an undo if none is named.
func (tx *Tx) endMailed(ctx context.Context, userID string, purposes ...string) error {
	secret, waiting := magictoken.PurposeIn(purposes...), outbox.PurposeIn(purposes...)
	if len(purposes) == 0 {
		secret = magictoken.PurposeNotIn(string(mail.EmailChanged), purposeReserved)
		waiting = outbox.PurposeIn(tx.auth.secretKinds()...)
	}
	if _, err := tx.client.MagicToken.Delete().
		Where(magictoken.UserID(userID), magictoken.UsedAtIsNil(), secret).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.client.Outbox.Delete().Where(outbox.UserID(userID), waiting).Exec(ctx)
	return err
}

// lockAddress locks what waits for the proof of an address without an account, in one
// order for all who are about to give it to one: each of them ends what the others hold.
// It comes before they hold anything of it, since MySQL waits for what it reads on the way.
func (tx *Tx) lockAddress(ctx context.Context, canonical string) error {
	if !tx.locks() || tx.auth.cfg.Mail.Sender == nil {
		return nil
	}
	_, err := tx.client.MagicToken.Query().
		Where(magictoken.Email(canonical), magictoken.UserIDIsNil()).
		Order(magictoken.ByID()).
		ForUpdate().
		IDs(ctx)
	return err
}

// endAddress ends what waits for the proof of an address without an account.
func (tx *Tx) endAddress(ctx context.Context, canonical string) error {
	if _, err := tx.client.MagicToken.Delete().
		Where(magictoken.Email(canonical), magictoken.UserIDIsNil(), magictoken.UsedAtIsNil()).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.client.Outbox.Delete().Where(outbox.Email(canonical), outbox.UserID("")).Exec(ctx)
	return err
}

// secretKinds are the kinds of mail with a secret that a changed password voids.
func (a *Auth) secretKinds() []string {
	var list []string
	for kind, m := range a.mailings {
		if m.Lifetime > 0 && kind != mail.EmailChanged {
			list = append(list, string(kind))
		}
	}
	return list
}
