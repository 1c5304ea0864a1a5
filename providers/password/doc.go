// Package password lets people sign in with an e-mail address and a password.
//
//	pw := password.New(password.Config{})
//	a, err := auth.New(client, auth.Config{BaseURL: …, Providers: []auth.Provider{pw}})
//
// That gives the routes POST /register, POST /login, POST /password, DELETE /password
// and the member "password" of POST /step-up; each is a method here too, with the same
// checks.
//
// # What it protects from
//
// Passwords are hashed with Argon2id, and the hash is made before anybody is told
// anything: an unknown address, a wrong password, a disabled account and an account
// without a password get the same answer after the same work. Tries are counted before
// the hash, in the database, for each account and each address. Changing a password
// ends all other sessions. A password is 8 to 128 characters of any kind, normalised to
// Unicode NFC (NIST SP 800-63B, section 3.1.1.2), else taken exactly as typed: nothing
// is trimmed, folded or cut. Common passwords are refused, and those that are the
// address, its local part, the person's name or the application's name.
//
// # What it leaves to you
//
// An address is not proven by registering with it. As long as users are let in
// unproven (auth.Config.SkipEmailVerification), registering tells whether an address
// has an account: 409 email_taken.
package password
