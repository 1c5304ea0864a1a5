package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/sessions"
)

const (
	purposeSecondFactor = "second_factor"
	purposeSignUp       = "sign_up"
	// pendingLifetime is how long the second factor may take.
	pendingLifetime = 10 * time.Minute
	// maxChallenge is what the column holds, in bytes.
	maxChallenge = 65535
	// signUpLifetime is how long a person may take to fill in what was missing.
	signUpLifetime = 30 * time.Minute
)

// pendingSignIn is what a parked proof is stored as, sealed. Its version comes first:
// a release reads the rows of the one before.
type pendingSignIn struct {
	Version int   `json:"version"`
	Proof   Proof `json:"proof"`
}

// Pending is a sign-in that waits for another factor.
type Pending struct {
	// User is who the first factor was proven for.
	User *ent.User
	// Proof is what was proven. Add the second factor to its Factors and hand it to
	// Kit.Finish; Continues is set.
	Proof Proof
}

// park keeps a proof until its second factor comes. Not a session: another table,
// another cookie, sealed, and it opens nothing by itself.
func (tx *Tx) park(ctx context.Context, u *ent.User, p Proof, methods []string) (*SecondFactorError, error) {
	p.UserID, p.Claims, p.Mailed, p.NoSession = u.ID, nil, nil, false
	flow, err := tx.parkProof(ctx, purposeSecondFactor, p, pendingLifetime)
	if err != nil {
		return nil, err
	}
	err = tx.record(ctx, Event{Kind: EventSignInPending, UserID: u.ID, Provider: p.Provider})
	return &SecondFactorError{Methods: methods, Flow: flow}, err
}

// parkSignUp keeps a proof until the person has said what the host has to know. Who was
// asked for it already is refused: the form comes again.
func (tx *Tx) parkSignUp(ctx context.Context, p Proof, missing *ProfileError) (error, error) {
	if p.Claims.Asked {
		return nil, missing.refused()
	}
	// An account that somebody makes meanwhile is not this person's to enter by it.
	claims := *p.Claims
	claims.Anew = true
	p.Mailed, p.Claims = nil, &claims
	flow, err := tx.parkProof(ctx, purposeSignUp, p, signUpLifetime)
	if err != nil {
		return nil, err
	}
	err = tx.record(ctx, Event{Kind: EventSignUpPending, Provider: p.Provider})
	return &ProfileError{Fields: missing.Fields, Flow: flow}, err
}

func (tx *Tx) parkProof(ctx context.Context, purpose string, p Proof, lifetime time.Duration) (string, error) {
	p.Continues = ""
	plain, err := json.Marshal(pendingSignIn{Version: 1, Proof: p})
	if err != nil {
		return "", err
	}
	return tx.challenge(ctx, purpose, p.UserID, plain, lifetime)
}

// challenge writes a row for the second half of a flow and returns the flow's secret.
func (tx *Tx) challenge(ctx context.Context, purpose, userID string, plain []byte, lifetime time.Duration) (string, error) {
	flow := token.New().Reveal()
	hash := token.HashOf(flow)
	sealed, err := tx.auth.keys.Seal(token.PurposeChallenge, plain, challenge.Table, purpose, string(hash[:]))
	switch {
	case err != nil:
		return "", err
	case len(sealed) > maxChallenge:
		return "", ErrBodyTooLarge // a host's fields fill it
	}
	err = tx.client.Challenge.Create().
		SetPurpose(purpose).
		SetFlowHash(hash[:]).
		SetUserID(userID).
		SetData(sealed).
		SetExpiresAt(tx.now.Add(lifetime)).
		SetCreatedAt(tx.now).
		Exec(ctx)
	return flow, err
}

// findPending returns the sign-in that waits in one of the client's flows, the newest
// first.
func (a *Auth) findPending(ctx context.Context, c Client) (Pending, error) {
	p, err := a.findProof(ctx, purposeSecondFactor, c)
	if err != nil {
		return Pending{}, err
	}
	u, err := a.client.User.Get(ctx, p.UserID)
	if ent.IsNotFound(err) {
		return Pending{}, ErrInvalidToken
	}
	return Pending{User: u, Proof: p}, err
}

// findProof returns the newest proof that waits in one of the client's flows, to be
// continued.
func (a *Auth) findProof(ctx context.Context, purpose string, c Client) (Proof, error) {
	row, err := a.findChallenge(ctx, a.client, purpose, c)
	if err != nil {
		return Proof{}, err
	}
	plain, err := a.openChallenge(row)
	if err != nil {
		return Proof{}, err
	}
	var stored pendingSignIn
	in := json.NewDecoder(bytes.NewReader(plain))
	in.UseNumber() // a host's integers keep every digit
	if err := in.Decode(&stored); err != nil || stored.Version != 1 {
		return Proof{}, ErrInvalidToken
	}
	stored.Proof.Continues = row.ID
	return stored.Proof, nil
}

func (a *Auth) findChallenge(ctx context.Context, c *ent.Client, purpose string, who Client) (*ent.Challenge, error) {
	rows, _, err := a.challengesOf(ctx, c, purpose, who)
	if err == nil && len(rows) == 0 {
		err = ErrInvalidToken
	}
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// challengesOf returns what waits for a purpose in the client's flows, the newest first,
// and the flows by their hashes.
func (a *Auth) challengesOf(ctx context.Context, c *ent.Client, purpose string, who Client) ([]*ent.Challenge, map[[32]byte]string, error) {
	flows := map[[32]byte]string{}
	var hashes [][]byte
	for _, f := range who.Flows {
		if hash, ok := token.Parse(f); ok {
			flows[hash] = f
			hashes = append(hashes, hash[:])
		}
	}
	if len(hashes) == 0 {
		return nil, nil, nil
	}
	rows, err := c.Challenge.Query().
		Where(challenge.Purpose(purpose), challenge.FlowHashIn(hashes...), challenge.ExpiresAtGT(a.now())).
		Order(ent.Desc(challenge.FieldCreatedAt), ent.Desc(challenge.FieldID)).
		All(ctx)
	return rows, flows, err
}

// openChallenge returns what a row holds. What is sealed under a key that is gone waits
// for nothing any more.
func (a *Auth) openChallenge(row *ent.Challenge) ([]byte, error) {
	plain, err := a.keys.Open(token.PurposeChallenge, row.Data, challenge.Table, row.Purpose, string(row.FlowHash))
	if err != nil {
		return nil, ErrInvalidToken
	}
	return plain, nil
}

// consume ends what waited: one conditional statement, so that of any number of
// tries at once one succeeds. It returns the flow that ended.
func (tx *Tx) consume(ctx context.Context, purpose, id, userID string, c Client) (string, error) {
	row, err := tx.auth.findChallenge(ctx, tx.client, purpose, c)
	switch {
	case err != nil:
		return "", err
	case row.UserID != userID:
		return "", errProofTwoUsers
	}
	n, err := tx.client.Challenge.Delete().Where(challenge.ID(id), challenge.ExpiresAtGT(tx.now)).Exec(ctx)
	switch {
	case err != nil:
		return "", err
	case n != 1 || row.ID != id:
		return "", ErrInvalidToken
	}
	for _, f := range c.Flows {
		if hash := token.HashOf(f); string(hash[:]) == string(row.FlowHash) {
			return f, nil
		}
	}
	return "", ErrInvalidToken
}

// And returns the proof with another factor.
func (p Proof) And(f sessions.Factor) Proof {
	p.Factors = sessions.Merge(p.Factors, f)
	return p
}
