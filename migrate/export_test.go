package migrate

import (
	"context"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"

	"github.com/torii-go/torii/ent"
)

// What the external tests need from within.

// Resolve returns the driver and the DSNs that Open would use.
func Resolve(driver, dsn string) (name, write, read string, err error) {
	t, err := resolve(driver, dsn)
	return t.driver, t.dsn, t.readDSN, err
}

// ReadDSN makes a DSN safe for a driver that need not be registered.
func ReadDSN(driver, dsn string) (write, read string, err error) {
	for _, d := range drivers {
		if d.name == driver {
			t, err := d.read(dsn)
			return t.dsn, t.readDSN, err
		}
	}
	panic("no driver " + driver)
}

// Desired returns copies of Torii's tables, for a test to change.
func Desired() []*schema.Table {
	tables, err := schema.CopyTables(desired)
	if err != nil {
		panic(err)
	}
	return tables
}

// SessionTables returns copies of the tables of SessionsOnly, for a test to change.
func SessionTables() []*schema.Table {
	tables, err := schema.CopyTables(sessionTables)
	if err != nil {
		panic(err)
	}
	return tables
}

// UpTo is Up of another release.
func UpTo(ctx context.Context, client *ent.Client, want []*schema.Table, version int) error {
	name, db, m, err := migrationOf(client)
	if err != nil {
		return err
	}
	m.version = version
	if m.want, err = m.prefix.tables(want); err != nil {
		return err
	}
	return up(ctx, name, db, m)
}

// PlanTo is Plan of another release.
func PlanTo(ctx context.Context, client *ent.Client, want []*schema.Table, version int) (string, error) {
	name, db, m, err := migrationOf(client)
	if err != nil {
		return "", err
	}
	m.version = version
	if m.want, err = m.prefix.tables(want); err != nil {
		return "", err
	}
	return plan(ctx, name, db, m)
}

// UTCArgs is what every statement's arguments go through.
var UTCArgs = utcArgs

// OnlyAdds is the last guard before a statement runs.
var OnlyAdds = onlyAdds

// HoldLock calls f under the migration lock.
func HoldLock(ctx context.Context, client *ent.Client, f func()) error {
	name, db, err := poolOf(client.Driver())
	if err != nil {
		return err
	}
	return locked(ctx, name, db, false, func(*single) error { f(); return nil })
}

// Statements tells how many prepared statements a client keeps, and how often one of
// them was used; -1 if it keeps none at all.
func Statements(client *ent.Client) (kept, hits int) {
	d, ok := client.Driver().(*pooled)
	if !ok || d.statements == nil || d.statements.gate != nil && d.statements.gate.shut.Load() {
		return -1, 0
	}
	s := d.statements
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept.items), s.hits
}

// KeepBlindly has a client keep statements without any proof.
func KeepBlindly(client *ent.Client) {
	d := client.Driver().(*pooled)
	d.statements = newStatements(d.read.DB(), nil)
}

// MayRefuseOption decides whether Open tries again without the start-up option.
var MayRefuseOption = mayRefuseOption

// MaxStatements is the most that a client keeps.
const MaxStatements = maxStatements

// WithDirect returns the DSN that proves a connection direct, "" if there is none.
func WithDirect(dsn, value string) string {
	t, err := pqDSN(dsn)
	if err != nil {
		panic(err)
	}
	if t.direct == nil {
		return ""
	}
	return t.direct(value)
}

// Rewriter is what a client with a prefix does to its statements.
type Rewriter struct{ p *prefix }

// NewRewriter returns the rewriter of a prefix.
func NewRewriter(text, dialectName string) Rewriter { return Rewriter{newPrefix(text, dialectName)} }

// Rewrite is what every statement goes through.
func (r Rewriter) Rewrite(query string) string { return r.p.rewrite(query) }

// Scan is Rewrite without its memory.
func (r Rewriter) Scan(query string) string { return r.p.scan(query) }

// Kept tells how many texts are remembered.
func (r Rewriter) Kept() int { return len(*r.p.kept.Load()) }

// Name returns a name with the prefix.
func (r Rewriter) Name(s string) string { return r.p.name(s) }

// MostTexts is the most that are remembered.
const MostTexts = mostTexts

// TableKey stands before a table's name in auth_meta.
const TableKey = tableKey

// HostTo is Host of another release.
func HostTo(ctx context.Context, d dialect.Driver, want []*schema.Table, version int, create func(context.Context, dialect.Driver) error) error {
	name, db, m, err := hostMigration(d)
	if err != nil {
		return err
	}
	m.want, m.version, m.hostFills = want, version, true
	return m.host(ctx, name, db, func(ctx context.Context, one *single) error { return create(ctx, one) })
}
