package migrate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	entsql "entgo.io/ent/dialect/sql"
)

// On SQLite Ent changes a table by making another one, and drops the triggers with the
// first. It writes
//
//	DROP TABLE `users`
//	ALTER TABLE `new_users` RENAME TO `users`
//
// and what watches these two makes the triggers again.

// beforeDrop notes the triggers of a table that Ent is about to drop.
func (d *single) beforeDrop(ctx context.Context, statement string) error {
	table, ok := strings.CutPrefix(statement, "DROP TABLE `")
	if !ok || !strings.HasSuffix(table, "`") {
		return nil
	}
	table = table[:len(table)-1]
	var rows entsql.Rows
	query := "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(?) ORDER BY rowid"
	if err := d.Driver.Query(ctx, query, []any{table}, &rows); err != nil {
		return fmt.Errorf("migrate: read the triggers of %s: %w", table, err)
	}
	defer rows.Close()
	var triggers []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return fmt.Errorf("migrate: read the triggers of %s: %w", table, err)
		}
		triggers = append(triggers, text)
	}
	if d.triggers == nil {
		d.triggers = map[string][]string{}
	}
	d.triggers[table] = triggers
	return rows.Err()
}

// rebuilt returns the table that a statement puts back.
func rebuilt(statement string) (string, bool) {
	names, _ := strings.CutPrefix(statement, "ALTER TABLE `new_")
	table, again, _ := strings.Cut(names, "` RENAME TO `")
	return table, table != "" && again == table+"`"
}

// rename puts a table back, and its triggers. SQLite refuses to rename anything while a
// view or a trigger of another table names a table that is not there, as this one is
// until then; legacy_alter_table is what its manual says against that.
func (d *single) rename(ctx context.Context, statement, table string) error {
	var before bool
	if err := d.ask(ctx, "PRAGMA legacy_alter_table", &before); err != nil {
		return err
	}
	exec := func(ctx context.Context, text string) error { return d.Driver.Exec(ctx, text, []any{}, nil) }
	if err := exec(ctx, "PRAGMA legacy_alter_table = ON"); err != nil {
		return err
	}
	err := exec(ctx, statement)
	if !before { // the connection goes back to its pool
		err = errors.Join(err, exec(context.WithoutCancel(ctx), "PRAGMA legacy_alter_table = OFF"))
	}
	if err != nil {
		return err
	}
	for _, text := range d.triggers[table] {
		if err := exec(ctx, text); err != nil {
			return fmt.Errorf("migrate: a trigger of %s, after the table was rebuilt: %w", table, err)
		}
	}
	delete(d.triggers, table)
	return nil
}

// ask scans the one value of a query.
func (d *single) ask(ctx context.Context, query string, to any) error {
	var rows entsql.Rows
	if err := d.Driver.Query(ctx, query, []any{}, &rows); err != nil {
		return fmt.Errorf("migrate: %s: %w", query, err)
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(to); err != nil {
			return fmt.Errorf("migrate: %s: %w", query, err)
		}
	}
	return rows.Err()
}
