package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/oauthaccount"
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
	// ReturnTo is where the browser goes from here: a path of this site, as it was asked
	// for when the sign-in began; "" if nothing was.
	ReturnTo string
}

// finish is the one door: every session that is opened is opened here. In one
// transaction it finds or makes the user, asks decide, ends the sessions that the
// client presented, writes the proof's rows, opens the session, records it, and lets
// the hooks object.
func (a *Auth) finish(ctx context.Context, p Proof, c Client) (Result, error) {
	if err := p.check(); err != nil {
		return Result{}, err
	}
	if p.Identity != nil || p.Claims != nil {
		// Whose session came with it is the same: the account is made in nobody's name, and
		// that the session may end at this moment refuses nothing.
		ctx = withIdentity(ctx, &identity{client: c})
	}
	if waits, err := a.waits(ctx, p); err != nil || waits {
		if err == nil {
			err = a.await(ctx, p, c)
		}
		return Result{}, err
	}
	var (
		res      Result
		pending  error // what has to come before the door opens
		answered answered
		use      func(context.Context, *Tx) error
	)
	owner := false
	if mailed := p.Mailed; mailed != nil {
		// Whose session it is tells whose account it is. That it may end at this moment
		// refuses nothing: this is a sign-in.
		s, _ := SessionFrom(ctx)
		ctx = withIdentity(ctx, &identity{client: c})
		if mailed.Code != "" && !mailed.counted {
			tries, err := a.tryCode(ctx, *mailed, c)
			if err != nil {
				return Result{}, err
			}
			p.Attempts = append(p.Attempts, tries...)
		}
		use = func(ctx context.Context, tx *Tx) (err error) {
			answered, err = tx.redeem(ctx, *mailed, c)
			owner = answered.owners(*mailed) || answered.user != nil && answered.user.ID == s.UserID
			return err
		}
	}
	failure := Event{Kind: EventSignInFailed, UserID: p.UserID, Provider: p.Provider}
	err := a.afterUsing(ctx, c, failure, use, func(ctx context.Context, tx *Tx) (err error) {
		res, pending = Result{}, nil // of an earlier try
		p := p
		if p.Mailed != nil {
			if p, err = answered.proof(a, p); err != nil {
				return err
			}
			res.Flow = answered.flow.secret
		}
		res.ReturnTo = p.ReturnTo
		if p.Continues != "" && p.Claims != nil {
			if res.Flow, err = tx.consume(ctx, purposeSignUp, p.Continues, "", c); err != nil {
				return err
			}
		}
		u, err := tx.resolve(ctx, p)
		if missing := a.asksFor(err, answered); missing != nil && p.Claims != nil {
			pending, err = tx.parkSignUp(ctx, p, missing)
		}
		if err != nil || pending != nil {
			return err
		}
		if answered.user != nil {
			if u, err = tx.proveEmail(ctx, u, owner, p.Notice == ""); err != nil {
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
		return Result{}, goesOn(pending, answered.flow.secret)
	}
	for _, try := range p.Attempts {
		a.limits.clear(ctx, try)
	}
	a.client.User.Rebind(res.User)
	return res, nil
}

// goesOn names the flow that has ended where another one begins.
func goesOn(pending error, ended string) error {
	switch e := pending.(type) {
	case *SecondFactorError:
		e.ended = ended
	case *ProfileError:
		e.ended = ended
	}
	return pending
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
	if p.Identity != nil {
		u, err := tx.identified(ctx, *p.Identity)
		switch {
		case err != nil:
			return nil, err
		case u != nil && p.Claims.Anew:
			return nil, ErrInvalidToken // linked meanwhile, to somebody's account
		case u != nil && u.EmailVerifiedAt == nil && p.Claims.proves(u.Email):
			// The first proof of the account's address: what others have set up goes.
		case u != nil:
			tx.subject = u.ID
			return u, nil
		case p.Claims.Email == "":
			return nil, &ProfileError{Fields: []string{fieldEmail}}
		}
	}
	return tx.resolveClaims(ctx, p.Claims)
}

// waits tells whether a proof has to wait for that of an address: it claims one, and what
// it comes with is nobody's yet.
func (a *Auth) waits(ctx context.Context, p Proof) (bool, error) {
	if p.Claims == nil || p.Claims.EmailProven || p.Claims.Email == "" || !a.provesFirst() {
		return false, nil
	}
	if p.Identity == nil {
		return true, nil
	}
	linked, err := a.client.OAuthAccount.Query().Where(oauthaccount.SubjectHash(p.Identity.hash())).Exist(ctx)
	return !linked, err
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
		if errors.Is(err, ErrEmailTaken) && !errors.Is(err, errReserved) && claims.EmailProven {
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
		return tx.reclaim(ctx, u, claims.newUser(), true)
	case claims.Anew:
		return nil, ErrInvalidToken // somebody else's proof has made it meanwhile
	}
	return u, nil
}

// proves tells whether the claim is to a canonical address, and proven.
func (c Claims) proves(email string) bool {
	addr, err := parseEmail(c.Email)
	return err == nil && c.EmailProven && addr.Canonical == email
}

func (c Claims) newUser() NewUser {
	return NewUser{Email: c.Email, EmailVerified: c.EmailProven, Name: c.Name, Picture: c.Picture, Fields: c.Fields}
}

// standing reads what decide needs to know. The caller holds the lock.
func (tx *Tx) standing(ctx context.Context, u *ent.User, p Proof) (standing, error) {
	s := standing{disabled: u.DisabledAt != nil, unproven: u.EmailVerifiedAt == nil && tx.auth.provesFirst()}
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
	if p.Identity != nil {
		// Who has just come is told nothing new.
		if err := tx.keepIdentity(ctx, u, *p.Identity, !u.CreatedAt.Equal(tx.now)); err != nil {
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
