package authtest

import (
	"bytes"
	"slices"
)

// Passkey is one that an Authenticator holds.
type Passkey struct {
	// ID is the credential's, as bytes.
	ID []byte
	// RPID is whom it is for.
	RPID string
	// UserHandle is user.id, as bytes: the account that it opens.
	UserHandle []byte
	// UserName is user.name, as the person sees it.
	UserName string
	// Discoverable tells whether it answers without being asked for by its ID.
	Discoverable bool
	// Algorithm is its key's: CoseES256, for example.
	Algorithm int
}

// passkey is one with its key. It does not change.
type passkey struct {
	id, user     []byte
	rpID, name   string
	discoverable bool
	key          *passkeyKey
}

// Credentials are the passkeys that it holds, the oldest first.
func (a *Authenticator) Credentials() []Passkey {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := make([]Passkey, 0, len(a.held))
	for _, p := range a.held {
		list = append(list, Passkey{
			ID: bytes.Clone(p.id), RPID: p.rpID, UserHandle: bytes.Clone(p.user), UserName: p.name,
			Discoverable: p.discoverable, Algorithm: int(p.key.algorithm),
		})
	}
	return list
}

// Forget deletes a passkey, as its owner may without telling the site. It reports whether
// there was one.
func (a *Authenticator) Forget(id []byte) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := len(a.held)
	a.held = slices.DeleteFunc(a.held, func(p *passkey) bool { return bytes.Equal(p.id, id) })
	return len(a.held) < n
}

func (p *passkey) listed(list []descriptor) bool {
	return slices.ContainsFunc(list, func(d descriptor) bool {
		return d.Type == publicKey && bytes.Equal(d.ID, p.id)
	})
}

func (p *passkey) sameUser(q *passkey) bool { return p.rpID == q.rpID && bytes.Equal(p.user, q.user) }

// otherHandle is the user handle of somebody else: of another passkey here, if there is
// one, so that it names an account; a.mu is held.
func (a *Authenticator) otherHandle(p *passkey) []byte {
	for _, q := range a.held {
		if q.rpID == p.rpID && !q.sameUser(p) {
			return q.user
		}
	}
	return random(len(p.user))
}
