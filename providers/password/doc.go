// Package password lets people sign in with an e-mail address and a password.
//
//	pw := password.New(password.Config{})
//	a, err := auth.New(client, auth.Config{BaseURL: …, Providers: []auth.Provider{pw}})
//
// That gives the routes POST /register, POST /login, POST /password, DELETE /password
// and the member "password" of POST /step-up, and with a mailer the routes below
// /password/reset; each is a method here too, with the same checks. It is also what lets
// somebody finish a sign-up in another browser, at POST /email/verify.
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
// With a mailer, registering makes no account before the address is proven, and does not
// tell whether it has one: the answer is 202 check_email, for which the application has a
// page. Where users are let in unproven (auth.Config.SkipEmailVerification, and
// development mode without a mailer), registering tells it: 409 email_taken.
package password
