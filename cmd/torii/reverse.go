package main

import (
	"regexp"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
)

// What a plan of Torii's holds, and nothing else does: it only adds.
var (
	createTable = regexp.MustCompile("^CREATE TABLE ([`\"]\\w+[`\"])")
	createIndex = regexp.MustCompile("^CREATE (?:UNIQUE )?INDEX ([`\"]\\w+[`\"]) ON ([`\"]\\w+[`\"])")
	alterTable  = regexp.MustCompile("^ALTER TABLE ([`\"]\\w+[`\"]) ADD ")
	addition    = regexp.MustCompile("\\bADD (COLUMN|INDEX|UNIQUE INDEX|CONSTRAINT) ([`\"]\\w+[`\"])")
	insertMeta  = regexp.MustCompile("^INSERT INTO ([`\"]?\\w+[`\"]?) \\(id, value, updated_at\\) VALUES ")
	metaID      = regexp.MustCompile(`\(('[^']*'),`)
)

// undo returns the statements that take back what others have added, the last first.
// The version that an UPDATE of auth_meta records stays: a release runs on a database
// that has seen a later one.
func undo(dialectName string, statements []string) []string {
	var list []string
	var made []string // tables, which take everything of theirs with them
	for _, s := range statements {
		if m := createTable.FindStringSubmatch(s); m != nil {
			made = append(made, m[1])
		}
	}
	for _, s := range slices.Backward(statements) {
		if m := createTable.FindStringSubmatch(s); m != nil {
			list = append(list, "DROP TABLE "+m[1])
		} else if m := createIndex.FindStringSubmatch(s); m != nil && !slices.Contains(made, m[2]) {
			list = append(list, dropIndex(dialectName, m[1], m[2]))
		} else if m := alterTable.FindStringSubmatch(s); m != nil {
			list = append(list, undoAlter(dialectName, m[1], s, slices.Contains(made, m[1]))...)
		} else if m := insertMeta.FindStringSubmatch(s); m != nil && !madeBare(made, m[1]) {
			var ids []string
			for _, id := range metaID.FindAllStringSubmatch(s, -1) {
				ids = append(ids, id[1])
			}
			list = append(list, "DELETE FROM "+m[1]+" WHERE id IN ("+strings.Join(ids, ", ")+")")
		}
	}
	return list
}

// madeBare tells whether a table is among those made, however its name is quoted.
func madeBare(made []string, name string) bool {
	bare := func(s string) string { return strings.Trim(s, "`\"") }
	return slices.ContainsFunc(made, func(m string) bool { return bare(m) == bare(name) })
}

func dropIndex(dialectName, index, table string) string {
	if dialectName == dialect.MySQL {
		return "DROP INDEX " + index + " ON " + table
	}
	return "DROP INDEX " + index
}

// undoAlter drops in statements of their own what one ALTER TABLE has added. Of a table
// that will go as a whole only constraints: they hold other tables.
func undoAlter(dialectName, table, statement string, goes bool) []string {
	var list []string
	for _, m := range slices.Backward(addition.FindAllStringSubmatch(statement, -1)) {
		switch what, name := m[1], m[2]; {
		case goes && what != "CONSTRAINT":
		case what == "COLUMN":
			list = append(list, "ALTER TABLE "+table+" DROP COLUMN "+name)
		case what == "CONSTRAINT" && dialectName == dialect.MySQL:
			list = append(list, "ALTER TABLE "+table+" DROP FOREIGN KEY "+name)
		case what == "CONSTRAINT":
			list = append(list, "ALTER TABLE "+table+" DROP CONSTRAINT "+name)
		default:
			list = append(list, dropIndex(dialectName, name, table))
		}
	}
	return list
}

// aboutUndoing heads what is for undoing.
func aboutUndoing(statements []string) string {
	if slices.ContainsFunc(statements, createTable.MatchString) {
		return "-- Danger: this deletes what is in the tables, accounts included."
	}
	return "-- What the other direction has added."
}
