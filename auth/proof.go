package auth

import (
	"crypto/sha256"
	"errors"

	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/sessions"
)

// Proof is what a provider has established about somebody: plain data that can be
// stored while a second factor is outstanding. It names a user, or makes claims about
// one, never both.
type Proof struct {
	// Provider is filled in by Kit.Finish.
	Provider string `json:"provider"`
	// Factors are what was proven, and when. Never empty.
	Factors []sessions.Factor `json:"factors"`
	// UserID is the account that the proof is for.
	UserID string `json:"user_id,omitempty"`
	// Claims describe a person whose account is to be found or made.
	Claims *Claims `json:"claims,omitempty"`
	// Uses are the credentials that were verified: the door makes sure that they are
	// still what they were.
	Uses []Use `json:"uses,omitempty"`
	// Credentials are written in the door's transaction, for the user it resolves.
	Credentials []NewCredential `json:"credentials,omitempty"`
	// Identity is an account elsewhere that was proven: the user it is linked to is the
	// proof's. One that is linked to nobody is, with the session, to the user whom Claims
	// find or make.
	Identity *Identity `json:"identity,omitempty"`
	// Mailed is a secret from a mail, which the door uses up; it names the user in place of
	// UserID, and proves the address.
	Mailed *Mailed `json:"mailed,omitempty"`
	// Set are credentials to be written in place of the user's of the same kind, if there
	// is one; the user's sessions and mailed secrets end.
	Set []NewCredential `json:"set,omitempty"`
	// Notice is mailed to the user when the proof has been carried out.
	Notice mail.Kind `json:"notice,omitempty"`
	// NoSession ends the proof without a session: its user signs in afterwards. A proof
	// that has to wait for a second factor opens one all the same.
	NoSession bool `json:"no_session,omitempty"`
	// Replace are new secrets for credentials among Uses, written with the session; the
	// user's other sessions end.
	Replace []Replacement `json:"replace,omitempty"`
	// Unguessable says that nothing in this flow can be found out by trying, so that no
	// Attempt was made: 256-bit tokens, signatures over a fresh challenge.
	Unguessable bool `json:"unguessable,omitempty"`
	// Continues is the pending sign-in that this proof completes. See Kit.Pending.
	Continues string `json:"continues,omitempty"`
	// ReturnTo is where the browser goes when the door has opened; see ReturnTo.
	ReturnTo string `json:"return_to,omitempty"`
	// Attempts are the counters that were charged; a full sign-in gives them back.
	Attempts []Attempt `json:"attempts,omitempty"`
}

// Claims are what a provider knows of a person.
type Claims struct {
	// Email is the address as it came; it is canonicalised by the door.
	Email string `json:"email"`
	// EmailProven is true only if the person was seen to control Email just now, or a
	// provider that is authoritative for the address says so.
	EmailProven bool `json:"email_proven,omitempty"`
	// Name is optional: at most 200 bytes after cleaning.
	Name string `json:"name,omitempty"`
	// Picture is an https URL; it is stored and never fetched.
	Picture string `json:"picture,omitempty"`
	// Fields are values for fields of the host's User; see NewUser.Fields.
	Fields map[string]any `json:"fields,omitempty"`
	// Asked says that the person was asked for all fields: what is missing is then
	// refused. Without it the sign-up waits until it has been said; see ProfileError.
	Asked bool `json:"asked,omitempty"`
	// Anew says that an account is to be made: one that is there already and proven is not
	// joined, and gets none of the proof's credentials.
	Anew bool `json:"anew,omitempty"`
}

// Use is a credential as it was when it was verified.
type Use struct {
	ID         string   `json:"id"`
	SecretHash [32]byte `json:"secret_hash"`
}

// UseOf names a credential whose stored secret was verified.
func UseOf(id, storedSecret string) Use {
	return Use{ID: id, SecretHash: sha256.Sum256([]byte(storedSecret))}
}

// identifierHash is what makes (kind, identifier) unique to the byte.
func identifierHash(kind, identifier string) []byte {
	sum := sha256.Sum256([]byte(kind + "\x00" + identifier))
	return sum[:]
}

var (
	errEmptyProof    = errors.New("auth: a proof names no factor, or not exactly one of user and claims")
	errUncountedTry  = errors.New("auth: a proof of something guessable came without an Attempt; make one before verifying, or mark the proof Unguessable")
	errProofTwoUsers = errors.New("auth: a proof continues a pending sign-in of another user")
)

// namesOne: a user, or claims about one, or a secret that was mailed to one.
func (p Proof) namesOne() bool {
	n := 0
	for _, named := range []bool{p.UserID != "", p.Claims != nil, p.Mailed != nil} {
		if named {
			n++
		}
	}
	return n == 1
}

// check refuses proofs that prove nothing: a provider's mistake, not a client's.
func (p Proof) check() error {
	switch {
	case len(p.Factors) == 0, !p.namesOne():
		return errEmptyProof
	case len(p.Attempts) == 0 && !p.Unguessable && (p.Mailed == nil || p.Mailed.Code == ""): // a code is counted by the door
		return errUncountedTry
	}
	for _, f := range p.Factors {
		if f.Kind == "" || f.At.IsZero() {
			return errEmptyProof
		}
	}
	return nil
}
