package auth

import (
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
	// pendingLifetime is how long the second factor may take.
	pendingLifetime = 10 * time.Minute
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
	p.UserID, p.Claims = u.ID, nil
	p.Continues = ""
	plain, err := json.Marshal(pendingSignIn{Version: 1, Proof: p})
	if err != nil {
		return nil, err
	}
	flow, err := tx.challenge(ctx, purposeSecondFactor, u.ID, plain, pendingLifetime)
	if err != nil {
		return nil, err
	}
	err = tx.record(ctx, Event{Kind: EventSignInPending, UserID: u.ID, Provider: p.Provider})
	return &SecondFactorError{Methods: methods, Flow: flow}, err
}

// challenge writes a row for the second half of a flow and returns the flow's secret.
func (tx *Tx) challenge(ctx context.Context, purpose, userID string, plain []byte, lifetime time.Duration) (string, error) {
	flow := token.New().Reveal()
	hash := token.HashOf(flow)
	sealed, err := tx.auth.keys.Seal(token.PurposeChallenge, plain, challenge.Table, purpose, string(hash[:]))
	if err != nil {
		return "", err
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
	row, err := a.findChallenge(ctx, a.client, purposeSecondFactor, c)
	if err != nil {
		return Pending{}, err
	}
	plain, err := a.keys.Open(token.PurposeChallenge, row.Data, challenge.Table, purposeSecondFactor, string(row.FlowHash))
	if err != nil {
		return Pending{}, ErrInvalidToken
	}
	var stored pendingSignIn
	if err := json.Unmarshal(plain, &stored); err != nil || stored.Version != 1 {
		return Pending{}, ErrInvalidToken
	}
	u, err := a.client.User.Get(ctx, stored.Proof.UserID)
	if ent.IsNotFound(err) {
		return Pending{}, ErrInvalidToken
	}
	stored.Proof.Continues = row.ID
	return Pending{User: u, Proof: stored.Proof}, err
}

func (a *Auth) findChallenge(ctx context.Context, c *ent.Client, purpose string, who Client) (*ent.Challenge, error) {
	var hashes [][]byte
	for _, f := range who.Flows {
		hash, ok := token.Parse(f)
		if ok {
			hashes = append(hashes, hash[:])
		}
	}
	if len(hashes) == 0 {
		return nil, ErrInvalidToken
	}
	row, err := c.Challenge.Query().
		Where(challenge.Purpose(purpose), challenge.FlowHashIn(hashes...), challenge.ExpiresAtGT(a.now())).
		Order(ent.Desc(challenge.FieldCreatedAt), ent.Desc(challenge.FieldID)).
		First(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrInvalidToken
	}
	return row, err
}

// consume ends a pending sign-in: one conditional statement, so that of any number of
// tries at once one succeeds. It returns the flow that ended.
func (tx *Tx) consume(ctx context.Context, id, userID string, c Client) (string, error) {
	row, err := tx.auth.findChallenge(ctx, tx.client, purposeSecondFactor, c)
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
