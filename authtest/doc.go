// Package authtest lets an application test its sign-in without a browser, a network or
// a clock: a [Site] is an auth.Auth on a database in a temporary file, a [Clock] that
// moves when told to, and [Browser] values that keep cookies.
//
//	site := authtest.New(t, auth.Config{Providers: []auth.Provider{password.New(password.Config{})}})
//	ann := site.Browser()
//	ann.Post("/auth/register", map[string]string{"email": "ann@example.com", "password": "a long pass phrase"})
//	site.Clock.Advance(31 * 24 * time.Hour)
//	reply := ann.Get("/auth/user") // 401
//
// Requests are handed to the handlers directly, as if they came over https to
// https://app.example, so cookies are the ones of production.
//
// Accounts open at once: [ProveFirst] has them wait for the proof of their address, as in
// production. Site.Mail has what was mailed.
//
// [Authenticator] is a device with passkeys, and [IDP] a provider of identities; both in
// software, honest or lying.
//
// [Exercise] is what every provider has to pass: call it from the test of your own.
// [InParallel] tries what only one of many may win.
//
// The package imports no database driver: import one for SQLite in your test.
package authtest
