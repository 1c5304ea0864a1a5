package auth

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/mail"
)

// flowSlack is how much longer a flow waits than its secret lives: the secret is made
// when the mail is sent, a little later.
const flowSlack = 5 * time.Minute

// MailFlow is what a browser asks a mail for: a secret that only it can use.
type MailFlow struct {
	// Kind of the mail: mail.SignIn or mail.Verify.
	Kind mail.Kind
	// Email is the address as it was typed.
	Email string
	// ReturnTo is where the browser goes when the mail has been answered; see ReturnTo.
	ReturnTo string
	// SignUp has an address without an account mailed as well, and makes an account of it
	// when the mail is answered.
	SignUp bool
}

// mailFlow is what waits for the answer to a mail: the server's half of a flow, sealed in
// a challenge whose purpose is the kind of mail.
type mailFlow struct {
	Version int `json:"version"`
	// Email is canonical; "" if what was typed is no address.
	Email    string `json:"email"`
	ReturnTo string `json:"return_to,omitempty"`
	// Proof is a sign-up that waits for its address to be proven.
	Proof *Proof `json:"proof,omitempty"`
	// Owner is the account that is to be proven, if the client has made it.
	Owner string `json:"owner,omitempty"`

	row    *ent.Challenge
	secret string // as the client presented it
}

// flowsOf returns the client's flows that wait for a kind of mail, the newest first.
func (a *Auth) flowsOf(ctx context.Context, client *ent.Client, kind mail.Kind, c Client) ([]mailFlow, error) {
	rows, secrets, err := a.challengesOf(ctx, client, string(kind), c)
	if err != nil {
		return nil, err
	}
	var list []mailFlow
	for _, row := range rows {
		f, err := a.openFlow(row)
		if err != nil {
			continue // sealed under a key that is gone: it waits for nothing any more
		}
		f.secret = secrets[[32]byte(row.FlowHash)]
		list = append(list, f)
	}
	return list, nil
}

// flowOf returns the flow with a hash, or a zero one if it has ended.
func (a *Auth) flowOf(ctx context.Context, client *ent.Client, kind string, hash []byte) (mailFlow, error) {
	row, err := client.Challenge.Query().
		Where(challenge.Purpose(kind), challenge.FlowHash(hash), challenge.ExpiresAtGT(a.now())).
		First(ctx)
	if ent.IsNotFound(err) {
		return mailFlow{}, nil
	}
	if err != nil {
		return mailFlow{}, err
	}
	return a.openFlow(row)
}

func (a *Auth) openFlow(row *ent.Challenge) (mailFlow, error) {
	plain, err := a.openChallenge(row)
	if err != nil {
		return mailFlow{}, err
	}
	f := mailFlow{row: row}
	in := json.NewDecoder(bytes.NewReader(plain))
	in.UseNumber() // a host's integers keep every digit
	if err := in.Decode(&f); err != nil || f.Version != 1 {
		return mailFlow{}, ErrInvalidToken
	}
	return f, nil
}

// beginFlow writes a flow that waits for a mail and returns the client's half. No user is
// named beside it: what ends with an account are its secrets, so that a flow whose
// account has gone looks like one that never had any.
func (tx *Tx) beginFlow(ctx context.Context, kind mail.Kind, f mailFlow, lifetime time.Duration) (string, error) {
	f.Version = 1
	plain, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	return tx.challenge(ctx, string(kind), "", plain, lifetime+flowSlack)
}

// resumeFlow has a flow wait for another mail. The codes that were tried stay counted.
func (tx *Tx) resumeFlow(ctx context.Context, f mailFlow, lifetime time.Duration) error {
	plain, err := json.Marshal(f)
	if err != nil {
		return err
	}
	sealed, err := tx.auth.keys.Seal(token.PurposeChallenge, plain, challenge.Table, f.row.Purpose, string(f.row.FlowHash))
	if err != nil {
		return err
	}
	return tx.client.Challenge.Update().Where(challenge.ID(f.row.ID)).
		SetData(sealed).SetExpiresAt(tx.now.Add(lifetime + flowSlack)).
		Exec(ctx)
}

// beginMail is Kit.BeginMail.
func (a *Auth) beginMail(ctx context.Context, c Client, ask MailFlow) (string, error) {
	m, err := a.mailing(ask.Kind)
	if err != nil {
		return "", err
	}
	email := canonicalOf(ask.Email)
	if err := a.limits.mail(ctx, c, string(ask.Kind), cmp.Or(email, ask.Email)); err != nil {
		return "", err
	}
	back := ReturnTo(ask.ReturnTo, "")
	flow := ""
	err = a.atomically(ctx, c, Event{Kind: EventOperationRefused}, func(ctx context.Context, tx *Tx) error {
		flows, err := a.flowsOf(ctx, tx.client, ask.Kind, c)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(flows, func(f mailFlow) bool { return f.Email == email })
		f := mailFlow{Version: 1, Email: email}
		if i >= 0 {
			f, flow = flows[i], flows[i].secret
		}
		f.ReturnTo = back
		l, err := tx.addressee(ctx, ask.Kind, f, ask.SignUp, c)
		if err != nil {
			return err
		}
		if i >= 0 {
			err = tx.resumeFlow(ctx, f, m.Lifetime)
		} else {
			flow, err = tx.beginFlow(ctx, ask.Kind, f, m.Lifetime)
		}
		if err != nil {
			return err
		}
		return tx.enqueue(ctx, l.boundTo(flow))
	})
	if err != nil {
		return "", err
	}
	return flow, nil
}
