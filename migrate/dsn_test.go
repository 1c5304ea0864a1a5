package migrate_test

import (
	"strings"
	"testing"

	"github.com/torii-go/torii/migrate"
)

const (
	mattn  = "_fk=1&_busy_timeout=5000&_journal_mode=WAL&_synchronous=NORMAL&_txlock=immediate"
	mattnR = "_fk=1&_busy_timeout=5000&_synchronous=NORMAL&_query_only=1"
	mem    = "_fk=1&_busy_timeout=5000&_synchronous=NORMAL&_txlock=immediate"
	modern = "_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate&_time_format=sqlite"
	mysql  = "parseTime=true&time_zone=%27%2B00%3A00%27&charset=utf8mb4&interpolateParams=true&" + strict + "&timeout=10s"
	strict = "sql_mode=CONCAT_WS%28%27%2C%27%2CNULLIF%28%40%40sql_mode%2C%27%27%29%2C%27STRICT_TRANS_TABLES%27%29"
	pqAll  = "binary_parameters=yes&timezone=UTC&connect_timeout=10&application_name=torii"
	pqKV   = "binary_parameters=yes timezone=UTC connect_timeout=10 application_name=torii"
)

func TestDSN(t *testing.T) {
	for _, row := range []struct{ name, driver, dsn, want string }{
		{"a SQLite file", "sqlite3", "file:app.db", "file:app.db?" + mattn},
		{"a plain path", "sqlite3", "app.db", "app.db?" + mattn},
		{"a scheme and a relative path", "sqlite3", "sqlite:app.db", "file:app.db?" + mattn},
		{"a scheme, slashes and a relative path", "sqlite3", "sqlite://app.db", "file:app.db?" + mattn},
		{"a scheme and an absolute path", "sqlite3", "sqlite3:///var/app.db", "file:/var/app.db?" + mattn},
		{"a URI with empty authority", "sqlite3", "file:///var/a%20b.db", "file:///var/a%20b.db?" + mattn},
		{"in memory", "sqlite3", ":memory:", ":memory:?" + mem},
		{"in memory by mode", "sqlite3", "file:x?mode=memory", "file:x?mode=memory&" + mem},
		{"in memory by scheme", "sqlite3", "sqlite::memory:", ":memory:?" + mem},
		{"what is safe stays", "sqlite3", "app.db?_foreign_keys=on&_sync=FULL&_timeout=9000&_journal=wal&_txlock=exclusive", "app.db?_foreign_keys=on&_sync=FULL&_timeout=9000&_journal=wal&_txlock=exclusive"},
		{"what is no concern stays", "sqlite3", "app.db?_cache_size=-2000", "app.db?_cache_size=-2000&" + mattn},
		{"modernc's driver", "sqlite", "app.db", "app.db?" + modern},
		{"modernc's own pragmas stay", "sqlite", "app.db?_pragma=foreign_keys=ON&_pragma=synchronous(full)",
			"app.db?_pragma=foreign_keys=ON&_pragma=synchronous(full)&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_txlock=immediate&_time_format=sqlite"},
		{"modernc's driver in memory", "sqlite", ":memory:", ":memory:?" + strings.Replace(modern, "_pragma=journal_mode(WAL)&", "", 1)},

		{"a PostgreSQL URL", "postgres", "postgres://u:p%40@h:5433/d", "postgres://u:p%40@h:5433/d?" + pqAll},
		{"sslmode stays", "postgres", "postgresql://h/d?sslmode=disable", "postgresql://h/d?sslmode=disable&" + pqAll},
		{"what is safe stays in the URL", "postgres", "postgres://h/d?binary_parameters=yes&TimeZone=UTC&connect_timeout=3&application_name=shop", "postgres://h/d?binary_parameters=yes&TimeZone=UTC&connect_timeout=3&application_name=shop"},
		{"key=value", "postgres", "host=h dbname=d", "host=h dbname=d " + pqKV},
		{"key=value with quotes and blanks", "postgres", `host = h  password='it\'s = secret' dbname=d`, `host = h password='it\'s = secret' dbname=d ` + pqKV},
		{"a value that looks like a key", "postgres", `password='timezone=CET' dbname=d`, `password='timezone=CET' dbname=d ` + pqKV},
		{"an escaped blank", "postgres", `password=a\ timezone=CET dbname=d`, `password=a\ timezone=CET dbname=d ` + pqKV},
		{"nothing: the environment decides", "postgres", "", pqKV},
		{"pgx has no binary_parameters", "pgx", "postgres://h/d", "postgres://h/d?timezone=UTC&connect_timeout=10&application_name=torii"},

		{"MySQL", "mysql", "u:p@tcp(h:3306)/d", "u:p@tcp(h:3306)/d?" + mysql},
		{"MySQL without a host", "mysql", "/d", "/d?" + mysql},
		{"a password with slash, question mark and at", "mysql", "u:a/b?c=d@e@tcp(h)/d", "u:a/b?c=d@e@tcp(h)/d?" + mysql},
		{"a socket", "mysql", "u@unix(/run/m.sock)/d", "u@unix(/run/m.sock)/d?" + mysql},
		{"a user called mysql", "mysql", "mysql:p@tcp(h)/d", "mysql:p@tcp(h)/d?" + mysql},
		{"what is no concern stays as it is written", "mysql", "/d?tls=true&readTimeout=5s&x=%27a%27", "/d?tls=true&readTimeout=5s&x=%27a%27&" + mysql},
		{"what is safe stays", "mysql", "/d?parseTime=True&loc=UTC&charset=utf8mb4,utf8&interpolateParams=false&timeout=1s&time_zone=%27%2B00:00%27&sql_mode=TRADITIONAL",
			"/d?parseTime=True&loc=UTC&charset=utf8mb4,utf8&interpolateParams=false&timeout=1s&time_zone=%27%2B00:00%27&sql_mode=TRADITIONAL"},
		{"a MySQL URL", "mysql", "mysql://u:p%40%2F%3F@h:3307/d?tls=true", "u:p@/?@tcp(h:3307)/d?tls=true&" + mysql},
		{"a MariaDB URL without a port", "mysql", "mariadb://u@h/d", "u@tcp(h:3306)/d?" + mysql},
		{"a URL with an IPv6 address", "mysql", "mysql://u@[::1]/d", "u@tcp([::1]:3306)/d?" + mysql},
		{"a URL without a host", "mysql", "mysql:///d", "tcp(127.0.0.1:3306)/d?" + mysql},
		{"a URL with a socket", "mysql", "mysql://u:p@/d?socket=/run/m.sock", "u:p@unix(/run/m.sock)/d?" + mysql},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, _, err := migrate.ReadDSN(row.driver, row.dsn)
			if err != nil || got != row.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, row.want)
			}
			if again, _, err := migrate.ReadDSN(row.driver, got); err != nil || again != got {
				t.Errorf("a DSN that was made safe is changed again: %s, %v", again, err)
			}
		})
	}
}

func TestReadersDSN(t *testing.T) {
	for _, row := range []struct{ name, driver, dsn, want string }{
		{"a file", "sqlite3", "app.db", "app.db?" + mattnR},
		{"what only a writer needs is left out", "sqlite3", "app.db?_journal=WAL&_txlock=exclusive", "app.db?" + mattnR},
		{"in memory there are none", "sqlite3", ":memory:", ""},
		{"modernc's driver", "sqlite", "app.db", "app.db?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=synchronous(NORMAL)&_time_format=sqlite&_pragma=query_only(1)"},
		{"a server has none", "mysql", "/d", ""},
	} {
		if _, got, err := migrate.ReadDSN(row.driver, row.dsn); err != nil || got != row.want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", row.name, got, err, row.want)
		}
	}
}

func TestDSNRefused(t *testing.T) {
	for _, row := range []struct{ name, driver, dsn, cure string }{
		{"no file", "sqlite3", "", "say file:app.db"},
		{"no file behind the scheme", "sqlite3", "sqlite:", "say file:app.db"},
		{"a host instead of a path", "sqlite3", "file://app.db", "say file:app.db"},
		{"foreign keys off", "sqlite3", "app.db?_fk=0", "remove it"},
		{"foreign keys off by the long name", "sqlite3", "app.db?_foreign_keys=false", "remove it"},
		{"once on and once off", "sqlite3", "app.db?_fk=1&_fk=0", "remove it"},
		{"another journal", "sqlite3", "app.db?_journal_mode=DELETE", "say WAL"},
		{"deferred transactions", "sqlite3", "app.db?_txlock=deferred", "remove it"},
		{"no busy timeout", "sqlite3", "app.db?_busy_timeout=0", "milliseconds"},
		{"no synchronisation", "sqlite3", "app.db?_synchronous=OFF", "NORMAL or FULL"},
		{"local times", "sqlite3", "app.db?_loc=auto", "times are UTC; remove it"},
		{"a shared cache", "sqlite3", "file:x?mode=memory&cache=shared", "Open uses one connection"},
		{"read-only", "sqlite3", "file:app.db?mode=ro", "open it for writing"},
		{"immutable", "sqlite3", "file:app.db?immutable=1", "with its locks"},
		{"an exclusive lock", "sqlite3", "app.db?_locking=EXCLUSIVE", "remove it"},
		{"bad escape", "sqlite3", "app.db?x=%zz", "write %25"},
		{"modernc: foreign keys off", "sqlite", "app.db?_pragma=foreign_keys(0)", "remove it"},
		{"modernc: another journal", "sqlite", "app.db?_pragma=journal_mode=delete", "say WAL"},
		{"modernc: another format of times", "sqlite", "app.db?_time_format=datetime", "remove it"},

		{"two round trips a query", "postgres", "postgres://h/d?binary_parameters=no", "remove it"},
		{"two round trips, key=value", "postgres", "host=h binary_parameters = 'no'", "remove it"},
		{"another zone", "postgres", "host=h TimeZone=Europe/Berlin", "times are UTC; remove it"},
		{"an open quote", "postgres", "password='secret", "not closed"},
		{"no equals sign", "postgres", "secret", "key=value"},
		{"a URL that does not parse", "postgres", "postgres://u:secret%zz@h/d", "percent-encode"},
		{"a fragment: a # in the password", "postgres", "postgres://u:a#secret@h/d", "percent-encode"},

		{"no slash", "mysql", "secret", "user:password@tcp(host:3306)/name"},
		{"no database", "mysql", "u:secret@tcp(h)/", "say .../name"},
		{"no database in the URL", "mysql", "mysql://u:secret@h", "say .../name"},
		{"times as text", "mysql", "/d?parseTime=false", "remove it"},
		{"local times", "mysql", "/d?loc=Local", "UTC; remove it"},
		{"a zone of the session", "mysql", "/d?time_zone=SYSTEM", "UTC; remove it"},
		{"three bytes a character", "mysql", "/d?charset=utf8", "utf8mb4"},
		{"a collation of another set", "mysql", "/d?collation=gbk_chinese_ci", "utf8mb4"},
		{"several statements", "mysql", "/d?multiStatements=true", "OpenDB"},
		{"files of this machine", "mysql", "/d?allowAllFiles=1", "remove it"},
		{"the password in the clear", "mysql", "/d?allowCleartextPasswords=true", "OpenDB"},
		{"no strict mode", "mysql", "/d?sql_mode=%27ANSI%27", "STRICT_TRANS_TABLES"},
		{"the words of other drivers", "mysql", "mysql://h/d?ssl-mode=REQUIRED", "tls=true"},
		{"a URL that does not parse", "mysql", "mysql://u:se/cret%zz@h:x/d", "percent-encode"},
		{"a colon in the user's name", "mysql", "mysql://a%3Ab:secret@h/d", "colon"},
	} {
		t.Run(row.driver+": "+row.name, func(t *testing.T) {
			got, _, err := migrate.ReadDSN(row.driver, row.dsn)
			if err == nil || !strings.Contains(err.Error(), row.cure) {
				t.Fatalf("got %q, %v, want an error with %q", got, err, row.cure)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}

func TestAllThatIsWrongIsToldAtOnce(t *testing.T) {
	_, _, err := migrate.ReadDSN("mysql", "/d?parseTime=false&loc=Local&multiStatements=true")
	for _, want := range []string{"parseTime=false", "loc=Local", "multiStatements=true"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

func TestDriverByURL(t *testing.T) {
	for _, row := range []struct{ dsn, want string }{
		{"sqlite:app.db", "sqlite3"},
		{"sqlite3:app.db", "sqlite3"},
		{"file:app.db", "sqlite3"},
		{"postgres://h/d", "postgres"},
		{"postgresql://h/d", "postgres"},
		{"mysql://h/d", "mysql"},
		{"mariadb://h/d", "mysql"},
	} {
		if got, _, _, err := migrate.Resolve("", row.dsn); err != nil || got != row.want {
			t.Errorf("%s: got %q, %v, want %q", row.dsn, got, err, row.want)
		}
	}
}
