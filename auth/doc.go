// Package auth owns the users of an application: it registers them, lets them prove who
// they are, keeps them signed in, and tells handlers who is asking.
//
//	client, err := migrate.Open(ctx, "sqlite3", "file:app.db")
//	a, err := auth.New(client, auth.Config{
//		BaseURL:   "http://localhost:8080",
//		Providers: []auth.Provider{password.New(password.Config{})},
//	})
//	mux.Handle("/auth/", a.Handler())
//	mux.Handle("GET /me", a.RequireUser(http.HandlerFunc(me))) // auth.UserFrom(r.Context())
//
// # One door
//
// A [Provider] proves who somebody is and hands a [Proof] to [Kit.Finish]. Behind that
// is the one place that opens sessions. In one transaction it finds or makes the user,
// decides (disabled? second factor?), ends the session that the browser brought along,
// opens a new one under a new token, writes an event, and asks the hooks. A new way to
// sign in is a package that proves something; it cannot forget the rest.
//
// # What it protects from
//
//   - A copy of the database: tokens are stored as hashes, passwords as Argon2id, state
//     under way sealed with keys that are not in the database.
//   - Other sites: whatever changes something is checked by Sec-Fetch-Site and Origin,
//     and answers only application/json.
//   - Guessing: tries are counted in the database before they are verified, for each
//     factor of each account and for each address, exactly, whatever runs in parallel.
//     A browser that has signed in before has its own count, so a stranger cannot lock
//     an owner out.
//   - Finding out who has an account, where that is possible: see package password.
//   - Half-done work: every change is one transaction, its event is in it, and a refusal
//     leaves nothing but its event.
//
// # What it leaves to you
//
// TLS; backups of the database, which hold names and addresses; the logs, which hold
// the ids of users but neither their addresses nor their secrets; deleting old rows of
// auth_events when you no longer want them; and rate limits on your own routes.
//
// # Without HTTP
//
// Every flow is a method with the same checks: providers have theirs, sessions and
// users are methods of [Auth], and [Auth.InTx] joins a transaction of the host's.
package auth
