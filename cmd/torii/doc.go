// Torii migrates a database for people who do not do it when the application starts:
// because the application may not change its schema, or because a tool for versioned
// SQL files does. Other commands for operators will stand beside migrate.
//
//	go run github.com/torii-go/torii/cmd/torii@latest migrate up -dsn postgres://…
//
// In one sitting:
//
//	$ torii migrate up -dsn sqlite:app.db
//	Done: the database fits this release.
//	$ torii migrate up -dsn sqlite:app.db
//	Nothing to do: the database fits this release.
//	$ torii migrate plan -dsn sqlite:app.db
//	$ torii migrate verify -dsn sqlite:app.db
//	The database fits this release.
//	$ mkdir migrations
//	$ torii migrate diff -dialect sqlite -format goose -dir migrations -check
//	The files in migrations lack something of this release's schema: torii migrate diff without -check writes it.
//	$ torii migrate diff -dialect sqlite -format goose -dir migrations
//	Wrote migrations/20260102150405_torii.sql.
//	$ torii migrate diff -dialect sqlite -format goose -dir migrations -check
//	Nothing to write: the files in migrations make this release's schema.
//
// # The database
//
// -dsn names it as migrate.Open takes it: "sqlite:app.db", "postgres://…", "mysql://…",
// or the own form of the driver that -driver names (sqlite3, postgres, mysql). Without
// -dsn the environment variable DATABASE_URL counts. Passwords are in no message.
//
// # Versioned files
//
// diff replays the files of a folder, a host's own among them, on an empty database,
// and writes what then is missing of this release's schema as the next file of the
// folder: for Atlas (atlas.sum included), goose or golang-migrate. The rows of auth_meta
// are in it, so that a database that was migrated by files passes verify, and the
// application finds nothing to do when it starts. Before a file is written it is tried.
//
// The database for the replay is a temporary file on SQLite. On PostgreSQL and MySQL
// -dev names one. It must be empty (extensions and empty schemas may be there), or diff
// refuses it; nobody else may use it meanwhile, other runs of diff wait. When diff ends,
// also after an error, it drops by name what has come into that database since it looked:
// tables, views, sequences, routines, types, events, schemas and extensions. What files
// do beyond their database (roles, other databases) is not undone.
//
// Down files drop what their up files added: undoing the first one deletes every account.
//
// # Exit codes
//
//	0   done, or nothing to do
//	1   an error, or findings of verify
//	2   something is to do: plan -exit-code, diff -check
//	64  a mistake on the command line
package main
