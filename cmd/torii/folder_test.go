package main

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
)

func TestNextVersion(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	const stamp = "20260102020405"
	for _, row := range []struct {
		name     string
		versions []string
		want     string
	}{
		{"the first", nil, stamp},
		{"after a time", []string{"20250101000000"}, stamp},
		{"within one second", []string{stamp}, "20260102020406"},
		{"after a clock that was ahead", []string{"20270101000059"}, "20270101000060"},
		{"counted", []string{"00001", "00009"}, "00010"},
		{"counted without zeros", []string{"9", "10"}, "11"},
		{"counted beyond the zeros", []string{"99"}, "100"},
		{"times after counted ones", []string{"1", "20250101000000"}, stamp},
	} {
		if got, err := nextVersion(row.versions, now); err != nil || got != row.want {
			t.Errorf("%s: got %q, %v, want %q", row.name, got, err, row.want)
		}
	}
	if got, err := nextVersion([]string{"V1"}, now); err == nil {
		t.Errorf("after V1: got %q, want an error", got)
	}
}

func sqliteDiff(t *testing.T, format, path string, more ...string) result {
	t.Helper()
	return program(t, append([]string{"migrate", "diff", "-dir", path, "-format", format, "-dialect", "sqlite"}, more...)...)
}

// goose and golang-migrate count: the tenth comes after the ninth.
func TestFilesAreRunInTheToolsOrder(t *testing.T) {
	for _, format := range []string{"goose", "golang-migrate"} {
		path := t.TempDir()
		for _, f := range [][2]string{{"9", "CREATE TABLE shrines (id INT);\n"}, {"10", "ALTER TABLE shrines ADD COLUMN name TEXT;\n"}} {
			files := hostFile(format, f[1], "")
			write(t, path, strings.Replace(files[0], "00001", f[0], 1), files[1])
		}
		sqliteDiff(t, format, path).wants(t, 0, "*")
		glob(t, path, "11_torii*.sql")
	}
	path := t.TempDir()
	write(t, path, "9_host.sql", "CREATE TABLE shrines (id INT);\n")
	sum(t, path)
	sqliteDiff(t, "atlas", path).fails(t, exitError, "give the files' versions one length")
	write(t, path, "10_host.sql", "ALTER TABLE shrines ADD COLUMN name TEXT;\n")
	sum(t, path)
	sqliteDiff(t, "atlas", path).fails(t, exitError, "replay 10_host.sql") // so does Atlas
}

// Atlas begins a new database at the last checkpoint.
func TestReplayBeginsAtACheckpoint(t *testing.T) {
	path := t.TempDir()
	write(t, path, "1_old.sql", "CREATE TABLE shrines (;\n", "2_checkpoint.sql", "-- atlas:checkpoint\n\nCREATE TABLE shrines (id INT);\n")
	sum(t, path)
	sqliteDiff(t, "atlas", path).wants(t, 0, "Wrote "+path+"/3_torii.sql.\n")
}

// A folder of another tool that Atlas watches too keeps its sum.
func TestSumIsKeptWhereThereIsOne(t *testing.T) {
	for _, format := range []string{"goose", "golang-migrate"} {
		path := t.TempDir()
		sum(t, path)
		sqliteDiff(t, format, path).wants(t, 0, "*")
		if text := content(t, path+"/atlas.sum"); !strings.Contains(text, "_torii.") {
			t.Errorf("%s: atlas.sum does not have the new file:\n%s", format, text)
		}
		write(t, path, "99990101000000_late.up.sql", "")
		sqliteDiff(t, format, path).fails(t, exitError, "atlas migrate hash")
	}
}

func TestFoldersThatAreNone(t *testing.T) {
	path := t.TempDir()
	sqliteDiff(t, "goose", path+"/missing").fails(t, exitError, "does not exist; make it")
	if _, err := os.Stat(path + "/missing"); err == nil {
		t.Error("the folder was made")
	}
	write(t, path, "file", "")
	sqliteDiff(t, "goose", path+"/file").fails(t, exitError, "is not a folder")
	write(t, path, "1_host.sql", "SELECT 1;\n")
	sqliteDiff(t, "goose", path).fails(t, exitError, `read 1_host.sql: SQL stands before`)
}

// Tables that somebody else made are not claimed by a file.
func TestForeignTablesInTheFolder(t *testing.T) {
	path := t.TempDir()
	write(t, path, "1_host.up.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY);\n")
	sqliteDiff(t, "golang-migrate", path).fails(t, exitError, "users exists and auth_meta does not list it")
	sqliteDiff(t, "golang-migrate", path, "-prefix", "torii_").wants(t, 0, "*")
}

func TestGooseFileHasItsAnnotations(t *testing.T) {
	f, err := openFolder(t.TempDir(), "goose", dialect.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	files, err := f.next("torii", []string{"CREATE TABLE `a` (`b` text)"}, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	const want = "-- +goose Up\n-- Torii's tables. Written by torii migrate diff.\nCREATE TABLE `a` (`b` text);\n\n" +
		"-- +goose Down\n-- Danger: this deletes what is in the tables, accounts included.\nDROP TABLE `a`;\n"
	if got := files[0]; got.name != "20260102030405_torii.sql" || got.text != want || !slices.Equal(got.up, []string{"CREATE TABLE `a` (`b` text)"}) {
		t.Errorf("got %+v", got)
	}
}

// MySQL answers "Query was empty" to a file that has only a comment.
func TestUndoingNothingIsAStatement(t *testing.T) {
	f, err := openFolder(t.TempDir(), "golang-migrate", dialect.MySQL)
	if err != nil {
		t.Fatal(err)
	}
	files, err := f.next("torii", []string{"UPDATE auth_meta SET value = '2' WHERE id = 'schema_version'"}, time.Now())
	if err != nil || len(files) != 2 || !strings.HasSuffix(files[1].text, "\nSELECT 1;\n") {
		t.Errorf("got %+v, %v", files, err)
	}
}

// A password that is a common word does not spoil what scripts read.
func TestSecretsDoNotSpoilTheOutput(t *testing.T) {
	path := t.TempDir()
	got := program(t, databaseURL+"=postgres://u:torii@h/d", "migrate", "diff", "-dir", path, "-format", "atlas", "-dialect", "sqlite")
	got.wants(t, 0, "*")
	if !strings.HasSuffix(got.stdout, "_torii.sql.\n") {
		t.Errorf("got %q", got.stdout)
	}
}
