package migrate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"entgo.io/ent/dialect/sql/schema"
)

var validPrefix = regexp.MustCompile(`^[a-z][a-z0-9_]{0,15}$`)

// Prefix puts text before the name of every table of Torii's, auth_meta included, and of
// their indexes and foreign keys: with "torii_" there are torii_users,
// torii_auth_sessions and so on. It is for a database that has a users table already;
// several prefixes, and the tables without one, live beside each other. Default: none.
// A prefix begins with a to z; up to 15 more letters, digits and underscores follow.
//
// [Up], [Plan], [Verify] and [Adopt] on this client do the same. A prefix is part of the
// database: opened with another one, or without it, the database looks empty.
//
// The names are put in on the way to the database. Statements of your own that go
// through the client are served too where they quote the name as Ent does ("users", on
// MySQL `users`); an unquoted name is left alone. In a transaction of the application's
// (Auth.InTx) what it runs on the transaction itself is left alone in any case.
//
// Danger: that reaches whoever builds on this client's driver. A host whose own Ent
// schema has a table of the same name as one of Torii's must not build its client on the
// Driver of a transaction that Torii began.
//
// [Driver] and [Host] refuse it: there the names stand in the host's generated code.
func Prefix(text string) Option {
	return func(o *options) error {
		if !validPrefix.MatchString(text) {
			return fmt.Errorf("migrate: Prefix(%q): a to z, then at most 15 of a to z, 0 to 9 and _, as in %q", text, "torii_")
		}
		o.prefix = text
		return nil
	}
}

// prefix gives the tables of a client other names. A nil one leaves them as they are.
type prefix struct {
	text    string
	dialect string
	names   map[string]string // of the tables; what a statement may hold in quotes
	kept    atomic.Pointer[map[string]string]
	mu      sync.Mutex // for who replaces kept
}

func newPrefix(text, dialectName string) *prefix {
	if text == "" {
		return nil
	}
	p := &prefix{text: text, dialect: dialectName, names: map[string]string{}}
	for _, table := range tableNames(desired) {
		p.names[table] = p.name(table)
	}
	p.kept.Store(&map[string]string{})
	return p
}

// longestName is what PostgreSQL keeps of a name; MySQL has one more.
const longestName = 63

// name returns a name with the prefix. One that gets too long ends in a hash of itself.
func (p *prefix) name(s string) string {
	if p == nil {
		return s
	}
	long := p.text + s
	if len(long) <= longestName {
		return long
	}
	sum := sha256.Sum256([]byte(long))
	hash := "_" + hex.EncodeToString(sum[:8])
	return strings.TrimRight(long[:longestName-len(hash)], "_") + hash
}

// tables returns copies of tables with the prefix. Index names are shared by all tables
// of a schema on PostgreSQL and SQLite, symbols of foreign keys by those of a database
// on MySQL.
func (p *prefix) tables(want []*schema.Table) ([]*schema.Table, error) {
	if p == nil {
		return want, nil
	}
	tables, err := schema.CopyTables(want)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	for _, t := range tables {
		t.Name = p.name(t.Name)
		if t.Annotation != nil { // a copy too
			t.Annotation.Table = t.Name
		}
		for _, i := range t.Indexes {
			i.Name = p.name(i.Name)
		}
		for _, fk := range t.ForeignKeys {
			fk.Symbol = p.name(fk.Symbol)
		}
	}
	return tables, nil
}
