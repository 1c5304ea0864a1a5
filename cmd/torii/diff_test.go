package main

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// diffArgs are the arguments of diff for a folder, with a dev database of its own.
func diffArgs(t *testing.T, db testdb.DB, format, path string, more ...string) []string {
	t.Helper()
	args := []string{"migrate", "diff", "-dir", path, "-format", format, "-dialect", db.Dialect}
	if db.Dialect != dialect.SQLite {
		args = append(args, "-dev", testdb.New(t, db.Name).DSN)
	}
	return append(args, more...)
}

func nothingToWrite(path string) string {
	return "Nothing to write: the files in " + path + " make this release's schema.\n"
}

func eachFormat(t *testing.T, f func(t *testing.T, db testdb.DB, format string)) {
	t.Helper()
	for _, name := range testdb.Names() {
		for _, format := range formats {
			t.Run(name+"/"+format, func(t *testing.T) { f(t, testdb.New(t, name), format) })
		}
	}
}

// fitsRelease fails the test unless an application that starts finds nothing to do.
func fitsRelease(t *testing.T, db testdb.DB, opts ...migrate.Option) {
	t.Helper()
	client := look(t, db, opts...)
	if todo, err := migrate.Plan(t.Context(), client); err != nil || todo != "" {
		t.Errorf("this would be to do (%v):\n%s", err, todo)
	}
	if err := migrate.Verify(t.Context(), client); err != nil {
		t.Error(err)
	}
}

func TestFilesMakeTheSchema(t *testing.T) {
	eachFormat(t, func(t *testing.T, db testdb.DB, format string) {
		path := t.TempDir()
		args := diffArgs(t, db, format, path)
		program(t, append(args, "-check")...).wants(t, exitPending, "*")
		if found, err := os.ReadDir(path); err != nil || len(found) > 0 {
			t.Fatalf("-check has written %v, %v", found, err)
		}
		program(t, args...).wants(t, 0, "*")
		files, err := os.ReadDir(path)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[string]int{"atlas": 2, "goose": 1, "golang-migrate": 2}[format]; len(files) != want {
			t.Errorf("wrote %v, want %d", files, want)
		}

		pool := raw(t, db)
		apply(t, pool, format, path)
		fitsRelease(t, db)
		migrateOn(t, "verify", db).wants(t, 0, fits)
		migrateOn(t, "up", db).wants(t, 0, nothing)

		program(t, args...).wants(t, 0, nothingToWrite(path))
		program(t, append(args, "-check")...).wants(t, 0, nothingToWrite(path))
		if again, err := os.ReadDir(path); err != nil || len(again) != len(files) {
			t.Errorf("with nothing to write it wrote %v, %v", again, err)
		}
		if format == "atlas" {
			return // Atlas finds the way back by itself
		}
		revert(t, pool, format, path)
		if left := tables(t, pool, db.Dialect); len(left) > 0 {
			t.Errorf("undoing leaves %q", left)
		}
		apply(t, pool, format, path)
		fitsRelease(t, db)
	})
}

func TestOptionsReachTheFiles(t *testing.T) {
	eachFormat(t, func(t *testing.T, db testdb.DB, format string) {
		path := t.TempDir()
		program(t, diffArgs(t, db, format, path, "-prefix", "torii_", "-sessions-only", "-name", "torii")...).wants(t, 0, "*")
		pool := raw(t, db)
		apply(t, pool, format, path)
		fitsRelease(t, db, migrate.Prefix("torii_"), migrate.SessionsOnly())
		if got, want := tables(t, pool, db.Dialect), []string{"torii_auth_meta", "torii_auth_sessions"}; !slices.Equal(got, want) {
			t.Errorf("the files make %q, want %q", got, want)
		}
		if format != "atlas" {
			revert(t, pool, format, path)
			if left := tables(t, pool, db.Dialect); len(left) > 0 {
				t.Errorf("undoing leaves %q", left)
			}
		}
	})
}

// hostFile is what a host may have in the folder before Torii comes.
func hostFile(format, up, down string) []string {
	switch format {
	case "goose":
		return []string{"00001_host.sql", "-- +goose Up\n" + up + "\n-- +goose Down\n" + down}
	case "golang-migrate":
		return []string{"00001_host.up.sql", up, "00001_host.down.sql", down}
	}
	return []string{"00001_host.sql", up}
}

func TestHostsFilesAreReplayed(t *testing.T) {
	eachFormat(t, func(t *testing.T, db testdb.DB, format string) {
		path := t.TempDir()
		write(t, path, hostFile(format, "CREATE TABLE shrines (id INT PRIMARY KEY, CountDown INT);\n", "DROP TABLE shrines;\n")...)
		if format == "atlas" {
			sum(t, path)
		}
		args := diffArgs(t, db, format, path)
		program(t, args...).wants(t, 0, "*")
		glob(t, path, "00002_torii*.sql") // counted on in the host's manner
		// The reader that apply uses for goose loses the word Down: our own is asked there.
		pool := raw(t, db)
		if format == "goose" {
			exec(t, pool, "CREATE TABLE shrines (id INT PRIMARY KEY)")
			statements, err := gooseStatements(content(t, glob(t, path, "00002*")[0]))
			if err != nil {
				t.Fatal(err)
			}
			exec(t, pool, statements...)
		} else {
			apply(t, pool, format, path)
		}
		fitsRelease(t, db)

		// A host's table that Torii's tables hang on to comes later.
		key := map[string]string{dialect.SQLite: "TEXT", dialect.Postgres: "VARCHAR(64)", dialect.MySQL: "VARCHAR(64)"}[db.Dialect]
		more := hostFile(format, "CREATE TABLE teams (id INT PRIMARY KEY, note "+key+");\n", "DROP TABLE teams;\n")
		for i := 0; i < len(more); i += 2 {
			more[i] = strings.Replace(more[i], "00001_host", "00003_host", 1)
		}
		write(t, path, more...)
		if format == "atlas" {
			program(t, args...).fails(t, exitError, "atlas migrate hash")
			sum(t, path)
		}
		program(t, args...).wants(t, 0, nothingToWrite(path))
	})
}

// A folder that an earlier release wrote gets what has come since, and no more.
func TestOldFolderGetsWhatItLacks(t *testing.T) {
	eachFormat(t, func(t *testing.T, db testdb.DB, format string) {
		path := t.TempDir()
		args := diffArgs(t, db, format, path)
		program(t, args...).wants(t, 0, "*")
		name := glob(t, path, "*_torii*.sql")[0]
		if format == "golang-migrate" {
			name = glob(t, path, "*.up.sql")[0]
		}
		write(t, "", name, withoutTable(content(t, name), "auth_signing_keys"))
		if format == "atlas" {
			sum(t, path)
		}
		before, err := os.ReadDir(path)
		if err != nil {
			t.Fatal(err)
		}

		got := program(t, append(args, "-name", "torii")...)
		got.wants(t, 0, "*")
		after, err := os.ReadDir(path)
		if err != nil || len(after) == len(before) {
			t.Fatalf("nothing was written: %v, %v", after, err)
		}
		pattern := "*_torii.sql"
		if format == "golang-migrate" {
			pattern = "*_torii.up.sql"
		}
		names := glob(t, path, pattern)
		text := content(t, names[len(names)-1])
		if strings.Count(text, "CREATE TABLE") != 1 || !strings.Contains(text, "auth_signing_keys") || strings.Contains(text, "schema_version") {
			t.Errorf("the new file is more or less than the table that was missing:\n%s", text)
		}
		pool := raw(t, db)
		apply(t, pool, format, path)
		fitsRelease(t, db)
		program(t, args...).wants(t, 0, nothingToWrite(path))

		if format != "atlas" { // undoing the second one alone
			second := t.TempDir()
			file := names[len(names)-1]
			if format == "golang-migrate" {
				file = strings.Replace(file, ".up.sql", ".down.sql", 1)
			}
			write(t, second, file[strings.LastIndex(file, "/")+1:], content(t, file))
			revert(t, pool, format, second)
			if left := tables(t, pool, db.Dialect); slices.Contains(left, "auth_signing_keys") || !slices.Contains(left, "users") {
				t.Errorf("undoing the second file leaves %q", left)
			}
			migrateOn(t, "up", db).wants(t, 0, upToDate)
		}
	})
}

// withoutTable makes of a file what a release before the table would have written.
func withoutTable(text, table string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "INSERT INTO") {
			parts := strings.Split(line, "('table:")
			parts = slices.DeleteFunc(parts, func(s string) bool { return strings.HasPrefix(s, table+"'") })
			line = strings.Join(parts, "('table:")
			line = strings.Replace(line, "), ;", ");", 1)
			line = strings.TrimSuffix(line, ", \n")
			if !strings.HasSuffix(line, "\n") {
				line += ";\n"
			}
		} else if strings.Contains(line, table) {
			continue
		}
		kept.WriteString(line)
	}
	return kept.String()
}

// Two runs on one dev database come one after the other.
func TestRunsOnOneDatabaseWait(t *testing.T) {
	for _, name := range testdb.Names()[1:] {
		t.Run(name, func(t *testing.T) {
			db := testdb.New(t, name)
			var wait sync.WaitGroup
			for range 4 {
				path := t.TempDir()
				wait.Go(func() {
					got := program(t, "migrate", "diff", "-dir", path, "-format", "atlas", "-dialect", db.Dialect, "-dev", db.DSN)
					if got.code != 0 {
						t.Errorf("exit code %d: %s", got.code, got.stderr)
					}
				})
			}
			wait.Wait()
			if left := tables(t, raw(t, db), db.Dialect); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
}
