// Package verify checks the JSON Web Tokens of a Torii site where there is no
// database: in another service, at an edge, in a worker. It imports nothing else of
// Torii.
//
//	key, err := verify.ES256File("", "site_public.pem")
//	v, err := verify.New(verify.Config{Keys: []verify.Key{key}, Issuer: "https://site.example", Audience: "reports"})
//	mux.Handle("GET /report", v.Middleware(report)) // verify.ClaimsFrom(r.Context())
//
// # What it protects from
//
// A key has one algorithm, given by whoever configures it; a token must name exactly
// that one (RFC 8725, section 3.1). Only the members alg, kid and typ may be in a
// header, and typ must be at+jwt, so that no token made for another use passes
// (section 3.11). kid selects from the configured keys and is looked up nowhere else;
// nothing here opens a connection. A token has one spelling: white space, padding and
// left-over bits are refused, and so are members that occur twice. The signature is
// checked before the claims are read. exp, iat, sub and jti are required.
//
// # What it leaves to you
//
// A token stands until it expires. Whoever signs out, is disabled or changes a password
// meanwhile is still let in by a service that only checks the token; keep lifetimes
// short, and ask the site where that is not enough. A service that is given an HS256
// secret can sign as well as verify: give other services a public key.
package verify
