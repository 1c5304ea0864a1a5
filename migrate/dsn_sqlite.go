package migrate

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const cureReadable = "Torii writes to its database; open it for writing"

// What both drivers take from the URI itself.
var sqliteRules = []rule{
	{keys: []string{"cache"}, ok: oneOf("private"), cure: "a shared cache answers \"table is locked\" under load; remove it (for :memory: Open uses one connection)"},
	{keys: []string{"mode"}, ok: oneOf("rwc", "rw", "memory"), cure: cureReadable},
	{keys: []string{"immutable", "nolock"}, ok: isFalse, cure: cureReadable + ", with its locks"},
}

var mattnRules = []rule{
	{keys: []string{"_foreign_keys", "_fk"}, ok: isTrue, set: "_fk=1", cure: "without foreign keys the sessions of a deleted user stay; remove it"},
	{keys: []string{"_busy_timeout", "_timeout"}, ok: isPositive, set: "_busy_timeout=5000", cure: "a writer must wait for another; remove it or say milliseconds"},
	{keys: []string{"_journal_mode", "_journal"}, ok: oneOf("wal"), set: "_journal_mode=WAL", cure: "readers must not wait for writers; remove it or say WAL"},
	{keys: []string{"_synchronous", "_sync"}, ok: isDurable, set: "_synchronous=NORMAL", cure: "a crash could corrupt the file; say NORMAL or FULL"},
	{keys: []string{"_txlock"}, ok: oneOf("immediate", "exclusive"), set: "_txlock=immediate", cure: "transactions that read and then write would fail with \"database is locked\"; remove it"},
	{keys: []string{"_locking_mode", "_locking"}, ok: oneOf("normal"), cure: "readers have connections of their own; remove it"},
	{keys: []string{"_loc"}, cure: "times are UTC; remove it"},
	{keys: []string{"_query_only"}, ok: isFalse, cure: cureReadable},
	{keys: []string{"_writable_schema"}, ok: isFalse, cure: "remove it"},
}

var moderncRules = []rule{
	{keys: []string{"_pragma:busy_timeout"}, ok: isPositive, set: "_pragma=busy_timeout(5000)", cure: mattnRules[1].cure},
	{keys: []string{"_pragma:foreign_keys"}, ok: isTrue, set: "_pragma=foreign_keys(1)", cure: mattnRules[0].cure},
	{keys: []string{"_pragma:journal_mode"}, ok: oneOf("wal"), set: "_pragma=journal_mode(WAL)", cure: mattnRules[2].cure},
	{keys: []string{"_pragma:synchronous"}, ok: isDurable, set: "_pragma=synchronous(NORMAL)", cure: mattnRules[3].cure},
	{keys: []string{"_txlock"}, ok: oneOf("immediate", "exclusive"), set: "_txlock=immediate", cure: mattnRules[4].cure},
	{keys: []string{"_time_format"}, ok: oneOf("sqlite"), set: "_time_format=sqlite", cure: "only \"sqlite\" compares as text; remove it"},
	{keys: []string{"_pragma:locking_mode"}, ok: oneOf("normal"), cure: mattnRules[5].cure},
	{keys: []string{"_pragma:query_only"}, ok: isFalse, cure: cureReadable},
}

var (
	isDurable  = oneOf("normal", "full", "extra", "1", "2", "3")
	isPositive = func(v string) bool { n, err := strconv.Atoi(v); return err == nil && n > 0 }
)

func mattnDSN(dsn string) (target, error) {
	return sqliteDSN(dsn, mattnRules, "_query_only=1", "_txlock", "_journal_mode", "_journal")
}

func moderncDSN(dsn string) (target, error) {
	return sqliteDSN(dsn, moderncRules, "_pragma=query_only(1)", "_txlock", "_pragma:journal_mode")
}

// sqliteDSN makes a writer's DSN, and for a file the readers': the same but read-only,
// not immediate, and leaving the journal, which is the file's, alone.
func sqliteDSN(dsn string, rules []rule, readOnly string, writers ...string) (target, error) {
	name, query, _ := strings.Cut(dsn, "?")
	for _, scheme := range []string{"sqlite:", "sqlite3:"} {
		if rest, ok := strings.CutPrefix(name, scheme); ok {
			// sqlite:app.db, sqlite://app.db and sqlite:///var/app.db
			if name = strings.TrimPrefix(rest, "//"); name != ":memory:" {
				name = "file:" + name
			}
		}
	}
	if name == "" || name == "file:" {
		return target{}, errors.New("it names no file; say file:app.db")
	}
	params, err := splitParams(query)
	if err != nil {
		return target{}, err
	}
	memory := name == ":memory:" || name == "file::memory:"
	for _, p := range params {
		memory = memory || p.key == "mode" && p.value == "memory"
	}
	params, refused := applyRules(append(sqliteRules[:len(sqliteRules):len(sqliteRules)], rules...), params)
	if err := refuse(refused); err != nil {
		return target{}, err
	}
	if memory { // whose journal is in memory too
		return target{dsn: name + "?" + joinParams(without(params, "_journal_mode", "_journal", "_pragma:journal_mode"))}, nil
	}
	t := target{dsn: name + "?" + joinParams(params)}
	t.readDSN = name + "?" + joinParams(append(without(params, writers...), param{raw: readOnly}))
	t.path, err = sqlitePath(name)
	return t, err
}

// sqlitePath returns the path that SQLite will make of a name.
func sqlitePath(name string) (string, error) {
	rest, isURI := strings.CutPrefix(name, "file:")
	if !isURI {
		return name, nil
	}
	rest, _, _ = strings.Cut(rest, "#")
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		host, path, _ := strings.Cut(after, "/")
		if host != "" && host != "localhost" {
			return "", errors.New("file://app.db names the host app.db; say file:app.db or file:///path/app.db")
		}
		rest = "/" + path
	}
	path, err := url.PathUnescape(rest)
	if err != nil {
		return "", errors.New("the path is badly escaped: write %25 for %")
	}
	return path, nil
}

// checkSQLiteFile says in words what SQLite would call "unable to open database file".
// It does not open the file: closing it again would drop the locks that other
// connections of this process hold on it (POSIX).
func checkSQLiteFile(path string) error {
	dir := filepath.Dir(path)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("migrate: the directory %s does not exist; create it", dir)
	case err != nil:
		return fmt.Errorf("migrate: the directory of the database: %w", err)
	case !info.IsDir():
		return fmt.Errorf("migrate: %s is not a directory", dir)
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("migrate: the database: %w", err)
	case info.IsDir():
		return fmt.Errorf("migrate: %s is a directory; name a file in it", path)
	}
	return nil
}
