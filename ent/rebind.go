package ent

// This file is written by hand.

// Rebind returns u bound to c, so that its edges can be queried after the transaction
// that loaded it has ended. Unwrap serves only transactions of this package's own
// client, and panics on entities of others.
func (c *UserClient) Rebind(u *User) *User {
	if u != nil {
		u.config = c.config
	}
	return u
}
