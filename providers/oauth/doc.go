// Package oauth signs people in by an account elsewhere: at any OpenID provider, or at an
// OAuth 2.0 server that tells who somebody is. Each is a value, an [IDP].
//
//	p := oauth.New(oauth.Google(id, secret), oauth.GitHub(id2, secret2))
//	a, err := auth.New(client, auth.Config{
//		BaseURL:   "https://app.example",
//		Providers: []auth.Provider{p},
//	})
//
// At each provider register the redirect URI https://app.example/auth/oauth/ID/callback.
// It is made of Config.BaseURL and Config.Path, never of a request.
//
// # What is checked
//
// The code flow with PKCE (S256), always. State, nonce and verifier wait ten minutes,
// sealed, for the browser and the provider that they were made for; a callback uses them
// up before anything else happens. The code is sent once, by a client that follows no
// redirect, waits ten seconds and reads no more than 1 MiB. The issuer in the callback
// (RFC 9207) and the ID token are checked whole: signature and algorithm, issuer,
// audience, authorized party, expiry, time of issue, nonce, access token hash, subject.
// What a provider says when it refuses is in the log, and nowhere else.
//
// # Who somebody is
//
// An identity is the provider, the issuer and the subject; an address never is. Whoever
// comes with one that is linked is signed in to its account. Any other is linked, in the
// transaction that opens the session, to a new account, or to the one of the address if
// both sides are proven: the account's address is, and the provider says that it is
// verified and is [IDP.Authoritative] for it. Where addresses are proven first, the others
// are asked by mail; otherwise an address that has an account is auth.ErrEmailTaken: its
// owner signs in and links the identity there ([Start.Link]).
//
// # Step-up
//
// A provider may have known somebody's browser for months, so a sign-in makes a session
// recent only if the provider says when the person proved themselves. [Start.Fresh] has
// an OpenID provider ask again and say so.
package oauth
