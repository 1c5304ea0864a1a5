package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/schema"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/sessions"
)

// Result is a sign-in that succeeded.
type Result struct {
	User    *ent.User
	Session sessions.Session
	// Token opens the session. It is nowhere else.
	Token sessions.Token
	// Device is the value of the device cookie to set; "" leaves it as it is.
	Device string
	// Flow is the flow that ended with this sign-in, if one did.
	Flow string
}

// finish is the one door: every session that is opened is opened here. In one
// transaction it finds or makes the user, asks decide, ends the sessions that the
// client presented, writes the proof's rows, opens the session, records it, and lets
// the hooks object.
func (a *Auth) finish(ctx context.Context, p Proof, c Client) (Result, error) {
	if err := p.check(); err != nil {
		return Result{}, err
	}
	var (
		res     Result
		pending error // what has to come before the door opens
	)
	failure := Event{Kind: EventSignInFailed, UserID: p.UserID, Provider: p.Provider}
	var mailedTo *ent.User
	use := func(ctx context.Context, tx *Tx) (err error) {
		mailedTo, err = tx.redeem(ctx, *p.Mailed)
		return err
	}
	if p.Mailed == nil {
		use = nil
	}
	err := a.afterUsing(ctx, c, failure, use, func(ctx context.Context, tx *Tx) (err error) {
		res, pending = Result{}, nil // of an earlier try
		if mailedTo != nil {
			// Read and locked with its secret; from here on it is the proof's user.
			p.UserID = mailedTo.ID
		}
		if p.Continues != "" && p.Claims != nil {
			if res.Flow, err = tx.consume(ctx, purposeSignUp, p.Continues, "", c); err != nil {
				return err
			}
		}
		u, err := tx.resolve(ctx, p)
		if missing, ok := errors.AsType[*ProfileError](err); ok && p.Claims != nil {
			pending, err = tx.parkSignUp(ctx, p, missing)
		}
		if err != nil || pending != nil {
			return err
		}
		if mailedTo != nil {
			if u, err = tx.proveEmail(ctx, u); err != nil {
				return err
			}
		}
		s, err := tx.standing(ctx, u, p)
		if err != nil {
			return err
		}
		switch v := decide(s, p); {
		case v.refuse == ErrStaleProof && p.Continues != "":
			return ErrInvalidToken // what was parked proves nothing any more
		case v.refuse != nil:
			return v.refuse
		case v.methods != nil:
			pending, err = tx.park(ctx, u, p, v.methods)
			return err
		}
		return tx.open(ctx, u, p, c, &res)
	})
	switch {
	case err != nil:
		return Result{}, err
	case pending != nil:
		return Result{}, pending
	}
	for _, try := range p.Attempts {
		a.limits.clear(ctx, try)
	}
	a.client.User.Rebind(res.User)
	return res, nil
}

// resolve finds the user that a proof is for and locks the row, or makes the user.
func (tx *Tx) resolve(ctx context.Context, p Proof) (*ent.User, error) {
	if p.UserID != "" {
		u, err := tx.Lock(ctx, p.UserID)
		if errors.Is(err, ErrNotFound) {
			return nil, ErrInvalidCredentials // deleted meanwhile
		}
		return u, err
	}
	return tx.resolveClaims(ctx, p.Claims)
}

// resolveClaims finds the account of an address, if the claim to it is proven, or makes
// one. It looks by address and locks by id, so it looks at the address again: who
// changed it meanwhile is somebody else.
func (tx *Tx) resolveClaims(ctx context.Context, claims *Claims) (*ent.User, error) {
	addr, err := parseEmail(claims.Email)
	if err != nil {
		return nil, err
	}
	there, err := tx.client.User.Query().Where(user.Email(addr.Canonical)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		u, err := tx.createUser(ctx, claims.newUser())
		if errors.Is(err, ErrEmailTaken) && claims.EmailProven {
			return nil, errRaced // made by another proof of the same address
		}
		return u, err
	case err != nil:
		return nil, err
	case !claims.EmailProven:
		return nil, ErrEmailTaken
	}
	u, err := tx.Lock(ctx, there.ID)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, errRaced
	case err != nil:
		return nil, err
	case u.Email != addr.Canonical:
		return nil, errRaced
	case u.EmailVerifiedAt == nil:
		return tx.reclaim(ctx, u, claims.newUser())
	}
	return u, nil
}

func (c Claims) newUser() NewUser {
	return NewUser{Email: c.Email, EmailVerified: c.EmailProven, Name: c.Name, Picture: c.Picture, Fields: c.Fields}
}

// standing reads what decide needs to know. The caller holds the lock.
func (tx *Tx) standing(ctx context.Context, u *ent.User, p Proof) (standing, error) {
	s := standing{disabled: u.DisabledAt != nil}
	q := tx.client.Credential.Query().Where(credential.UserID(u.ID))
	if tx.locks() {
		q = q.ForUpdate() // for a host's own transaction that did not lock the user
	}
	rows, err := q.
		Select(credential.FieldID, credential.FieldKind, credential.FieldSecret, credential.FieldSecondFactor, credential.FieldChangeRequiredAt).
		All(ctx)
	if err != nil {
		return s, err
	}
	secrets := map[string][32]byte{}
	for _, r := range rows {
		replaced := slices.ContainsFunc(p.Replace, func(n Replacement) bool { return n.ID == r.ID })
		if r.ChangeRequiredAt == nil || replaced {
			secrets[r.ID] = sha256.Sum256([]byte(r.Secret))
		}
		if r.SecondFactor && !slices.Contains(s.secondFactors, r.Kind) {
			s.secondFactors = append(s.secondFactors, r.Kind)
		}
	}
	slices.Sort(s.secondFactors)
	for _, use := range p.Uses {
		if hash, ok := secrets[use.ID]; !ok || hash != use.SecretHash {
			s.stale = true
		}
	}
	return s, nil
}

// open writes what a sign-in leaves behind.
func (tx *Tx) open(ctx context.Context, u *ent.User, p Proof, c Client, res *Result) error {
	res.User = u
	if p.Continues != "" && p.Claims == nil {
		flow, err := tx.consume(ctx, purposeSecondFactor, p.Continues, u.ID, c)
		if err != nil {
			return err
		}
		res.Flow = flow
	}
	if p.NoSession {
		return tx.setCredentials(ctx, u, p)
	}
	if err := tx.endPresented(ctx, c); err != nil {
		return err
	}
	for _, row := range p.Credentials {
		if err := tx.addCredential(ctx, u.ID, row); err != nil {
			return err
		}
	}
	for _, use := range p.Uses {
		if err := tx.client.Credential.Update().Where(credential.ID(use.ID)).SetLastUsedAt(tx.now).Exec(ctx); err != nil {
			return err
		}
	}
	for _, r := range p.Replace {
		if err := tx.replaceSecret(ctx, u.ID, p.Provider, r); err != nil {
			return err
		}
	}
	if len(p.Replace) > 0 {
		if err := tx.endAll(ctx, u); err != nil {
			return err
		}
	}
	if err := tx.setCredentials(ctx, u, p); err != nil {
		return err
	}
	if err := tx.openSession(ctx, u, p, c, res); err != nil {
		return err
	}
	res.Device = tx.auth.devices.remember(c.Device, u, tx.now)
	return tx.record(ctx, Event{Kind: EventSignedIn, UserID: u.ID, SessionID: res.Session.ID, Provider: p.Provider})
}

// openSession opens a session for a user whose row is locked, and fills res with it; at
// the latest when the transaction has committed.
func (tx *Tx) openSession(ctx context.Context, u *ent.User, p Proof, c Client, res *Result) error {
	open := sessions.Opening{
		ID: schema.NewID("ses"), User: u, At: tx.now,
		Factors: p.Factors, Transport: c.Transport, UserAgent: c.UserAgent, IP: c.ip(),
	}
	if after := u.SessionsValidAfter; after != nil && open.At.Before(*after) {
		open.At = *after
	}
	res.Session.ID = open.ID
	return tx.onSessions(ctx, func(ctx context.Context, c *ent.Client) (err error) {
		res.Session, res.Token, err = tx.auth.sessions.Create(ctx, c, open)
		return err
	})
}

// endPresented ends the sessions that a client brings to a sign-in: somebody who
// planted one gains nothing, and a shared computer is not signed in twice.
func (tx *Tx) endPresented(ctx context.Context, c Client) error {
	for _, secret := range c.Sessions {
		_, err := tx.revokeToken(ctx, secret)
		if err != nil && !errors.Is(err, sessions.ErrNotFound) && !errors.Is(err, sessions.ErrNotRevocable) {
			return err
		}
	}
	return nil
}
