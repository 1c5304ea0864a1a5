// Package sessions keeps people signed in: opaque tokens whose hashes live in the
// database, and the cookies and headers that carry them.
//
// Applications configure it through [Config] and meet [Session] values; everything
// that opens or ends a session goes through package auth, which knows whether somebody
// may have one.
//
// # What it protects from
//
// A token is 32 random bytes in 43 characters of base64url. Only its SHA-256 is
// stored, so a copy of the database signs nobody in. It is compared whole, its expiry
// is enforced from stored times and never by the cookie's, and an ended session is
// gone with the next request, since every request asks the database.
//
// # What it leaves to you
//
// Serving the application over TLS: a cookie that a network can read is a session
// that the network has.
package sessions
