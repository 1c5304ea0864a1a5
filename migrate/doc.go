// Package migrate opens the database and keeps Torii's tables up to date.
//
//	import _ "github.com/mattn/go-sqlite3"
//
//	client, err := migrate.Open(ctx, "sqlite3", "file:app.db")
//
// [Open] sets what is easily forgotten (foreign keys, write-ahead log, UTC, one round
// trip a query, strict mode), refuses a DSN that says otherwise, and creates or
// extends the tables under a lock, so that many processes may start at once. [OpenDB]
// does the same on a pool that the application already has.
//
// # What a migration does
//
// It only adds: tables, columns, indexes and foreign keys. It never drops, renames or
// changes anything, and on SQLite it never rebuilds a table: what a host has added to
// Torii's tables (columns, indexes, constraints, triggers, wider types) stays. On
// PostgreSQL and SQLite it is one transaction; on MySQL and MariaDB, where a CREATE
// TABLE commits by itself, one that was cut off is finished by the next.
//
// The table auth_meta lists the tables that are Torii's. A table of the same name that
// it does not list is somebody else's: [Up] then changes nothing and returns
// [ErrForeignTable].
//
// # Split storage
//
// [SessionsOnly] makes a second database that holds sessions alone, for a site that
// wants their many small writes elsewhere.
//
// # Beside tables of the same names
//
// [Prefix] gives all of Torii's tables other names, for a database that has a users table
// already.
//
// # Applications that use Ent
//
// [Driver] opens the database for the application's own Ent client, and [Client] puts
// Torii's on the same pool. If the application's Ent schema extends Torii's, [Host] runs
// its migration and Torii's as one. [Lock] runs any migration of the application's.
//
// # What it leaves to you
//
// Backups. Encryption of the connection: sslmode (PostgreSQL) and tls (MySQL) stay as
// the DSN has them. The privileges: [Up] needs CREATE and ALTER only when there is
// something to do; apply the SQL of [Plan] by hand to run the application without them.
//
// The package imports no database driver. Import the one that you use.
package migrate
