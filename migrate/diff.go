package migrate

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	atlasmigrate "ariga.io/atlas/sql/migrate"
	atlas "ariga.io/atlas/sql/schema"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"

	entmigrate "github.com/torii-go/torii/ent/migrate"
)

// desired are Torii's tables. The generated ones are copied before anything can run:
// every Schema.Create in the process writes into them, unguarded.
var desired = func() []*schema.Table {
	tables, err := schema.CopyTables(entmigrate.Tables)
	if err != nil {
		panic(err) // the generated code contradicts itself
	}
	return tables
}()

func tableNames(tables []*schema.Table) []string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Name
	}
	return names
}

// emitter is given each statement, in order.
type emitter func(ctx context.Context, q dialect.ExecQuerier, statement string) error

// create finds what the database lacks of the tables and gives the statements to emit,
// which may be nil. It returns what was lacking.
func create(ctx context.Context, d *single, tables []*schema.Table, emit emitter) ([]atlas.Change, error) {
	tables, err := schema.CopyTables(tables) // Ent writes into them
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	var lacking []atlas.Change
	diff := func(schema.Differ) schema.Differ {
		return schema.DiffFunc(func(current, desired *atlas.Schema) (_ []atlas.Change, err error) {
			lacking, err = additions(d.dialect, current, desired)
			return addable(d.dialect, lacking), err
		})
	}
	apply := func(schema.Applier) schema.Applier {
		return schema.ApplyFunc(func(ctx context.Context, q dialect.ExecQuerier, plan *atlasmigrate.Plan) error {
			for _, c := range plan.Changes {
				if emit == nil {
					break
				}
				if err := emit(ctx, q, c.Cmd); err != nil {
					return fmt.Errorf("%s: %w", c.Comment, err)
				}
			}
			return nil
		})
	}
	m, err := schema.NewMigrate(d, schema.WithDiffHook(diff), schema.WithApplyHook(apply))
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	if err := m.Create(ctx, tables...); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	return lacking, nil
}

// additions replaces Atlas' own comparison: it sees only what is not there. Whatever
// is there, a host's column or a wider type of ours, it does not look at, so that
// nothing can be planned against it.
func additions(name string, current, desired *atlas.Schema) ([]atlas.Change, error) {
	var all []atlas.Change
	for _, want := range desired.Tables {
		have, ok := current.Table(want.Name)
		if !ok {
			all = append(all, &atlas.AddTable{T: want})
			continue
		}
		changes, err := tableAdditions(name, have, want)
		if err != nil {
			return nil, err
		}
		if len(changes) > 0 {
			all = append(all, &atlas.ModifyTable{T: want, Changes: changes})
		}
	}
	return all, nil
}

func tableAdditions(name string, have, want *atlas.Table) ([]atlas.Change, error) {
	var changes []atlas.Change
	for _, c := range want.Columns {
		if slices.ContainsFunc(have.Columns, func(h *atlas.Column) bool { return strings.EqualFold(h.Name, c.Name) }) {
			continue
		}
		if name == dialect.SQLite {
			if err := alterable(c); err != nil {
				return nil, fmt.Errorf("table %s: %w", want.Name, err)
			}
		}
		changes = append(changes, &atlas.AddColumn{C: c})
	}
	for _, i := range want.Indexes {
		if _, ok := have.Index(i.Name); !ok {
			changes = append(changes, &atlas.AddIndex{I: i})
		}
	}
	for _, fk := range want.ForeignKeys {
		if slices.ContainsFunc(have.ForeignKeys, func(h *atlas.ForeignKey) bool { return sameKey(h, fk) }) {
			continue
		}
		changes = append(changes, &atlas.AddForeignKey{F: fk})
	}
	return changes, nil
}

// addable returns the changes that can be made: on SQLite a foreign key would rebuild its
// table. Verify reports those that lack.
func addable(name string, changes []atlas.Change) []atlas.Change {
	if name != dialect.SQLite {
		return changes
	}
	var all []atlas.Change
	for _, change := range changes {
		if m, ok := change.(*atlas.ModifyTable); ok {
			rest := slices.DeleteFunc(slices.Clone(m.Changes), func(c atlas.Change) bool {
				_, key := c.(*atlas.AddForeignKey)
				return key
			})
			if len(rest) == 0 {
				continue
			}
			change = &atlas.ModifyTable{T: m.T, Changes: rest}
		}
		all = append(all, change)
	}
	return all
}

// alterable makes a column fit for SQLite's ALTER TABLE ADD COLUMN. Atlas would
// rebuild the whole table (and lose its triggers) for a default that comes as an
// expression, as all of Ent's do, or for a column with an index, which is added by
// its own statement.
func alterable(c *atlas.Column) error {
	if len(c.ForeignKeys) > 0 {
		return fmt.Errorf("column %s with a foreign key cannot be added on SQLite", c.Name)
	}
	if x, ok := c.Default.(*atlas.RawExpr); ok {
		if !isConstant(x.X) {
			return fmt.Errorf("column %s: the default %s is not a constant", c.Name, x.X)
		}
		c.Default = &atlas.Literal{V: x.X}
	}
	c.Indexes = nil
	return nil
}

func isConstant(x string) bool {
	if _, err := strconv.ParseFloat(x, 64); err == nil {
		return true
	}
	return x == "true" || x == "false" || len(x) > 1 && x[0] == '\'' && x[len(x)-1] == '\''
}

// sameKey compares by columns and table too: SQLite does not tell a key's name.
func sameKey(a, b *atlas.ForeignKey) bool {
	if a.Symbol == b.Symbol {
		return true
	}
	return a.RefTable != nil && b.RefTable != nil && strings.EqualFold(a.RefTable.Name, b.RefTable.Name) &&
		slices.EqualFunc(a.Columns, b.Columns, func(x, y *atlas.Column) bool { return strings.EqualFold(x.Name, y.Name) })
}
