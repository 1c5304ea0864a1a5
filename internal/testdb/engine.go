package testdb

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/torii-go/torii/internal/testdb/server"
)

// patience bounds a statement of our own, so that a server which hangs fails the
// test instead of holding it.
const patience = time.Minute

// engine is one kind of server, had at most once in a process.
type engine struct {
	title  string
	env    string // names the variable that overrides the private server
	driver string
	start  func() (*server.Server, error)
	named  func(dsn, name string) string
	create func(admin *sql.DB, name string) error
	drop   func(admin *sql.DB, name string) error

	once  sync.Once
	err   error
	dsn   string
	admin *sql.DB
	own   *server.Server // nil when the server is somebody else's
}

// oracle names the subtests on a MySQL of Oracle's making.
const oracle = "mysql9"

var engines = map[string]*engine{
	"postgres": {
		title: "PostgreSQL", env: "TEST_POSTGRES_DSN", driver: "postgres",
		start: server.Postgres, named: postgresDSN, create: createPostgres, drop: dropPostgres,
	},
	// Only where somebody has named one: withdb does.
	oracle: {
		title: "Oracle MySQL", env: "TEST_ORACLE_MYSQL_DSN", driver: "mysql",
		start: func() (*server.Server, error) { return nil, errors.New("none is named") },
		named: mysqlDSN, create: createMySQL, drop: dropMySQL,
	},
	"mysql": {
		title: "MySQL or MariaDB", env: "TEST_MYSQL_DSN", driver: "mysql",
		start: server.MySQL, named: mysqlDSN, create: createMySQL, drop: dropMySQL,
	},
}

// ready has the server answer, starting it at the first call.
func (e *engine) ready() error {
	e.once.Do(func() { e.err = e.connect() })
	return e.err
}

func (e *engine) connect() error {
	e.dsn = os.Getenv(e.env)
	if e.dsn == "" {
		own, err := e.start()
		if err != nil {
			return err
		}
		e.own, e.dsn = own, own.DSN
	}
	admin, err := sql.Open(e.driver, e.dsn)
	if err != nil {
		return fmt.Errorf("%s: %w", e.env, err)
	}
	admin.SetMaxOpenConns(4)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := admin.PingContext(ctx); err != nil {
		return errors.Join(err, admin.Close())
	}
	e.admin = admin
	return nil
}

// stop ends a private server; one that was never started stays so.
func (e *engine) stop() {
	e.once.Do(func() { e.err = errors.New("the tests are over") })
	if e.admin != nil {
		e.admin.Close()
	}
	if e.own != nil {
		e.own.Stop()
	}
}

// newName returns a name that nobody can have chosen before: dropping it is safe on
// any server.
func newName() string { return "torii_test_" + strings.ToLower(rand.Text()) }

func exec(admin *sql.DB, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := admin.ExecContext(ctx, query, args...)
	return err
}

func sqliteDSN(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

func postgresDSN(dsn, name string) string {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn + " dbname=" + name // in key=value form the last one counts
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return dsn // cannot be: the driver has connected with it
	}
	u.Path = "/" + name
	return u.String()
}

func createPostgres(admin *sql.DB, name string) error {
	// Nobody can be connected to template0, so creations never wait for each other.
	return exec(admin, `CREATE DATABASE `+name+` TEMPLATE template0 ENCODING 'UTF8'`)
}

func dropPostgres(admin *sql.DB, name string) error {
	return exec(admin, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`)
}

func mysqlDSN(dsn, name string) string {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return dsn // cannot be: the driver has connected with it
	}
	cfg.DBName = name
	return cfg.FormatDSN()
}

func createMySQL(admin *sql.DB, name string) error {
	return exec(admin, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4")
}

// dropMySQL first ends the connections to that very database: DROP would wait a day
// for a transaction that a failed test has left open.
func dropMySQL(admin *sql.DB, name string) error {
	ids, err := connections(admin, name)
	// MySQL cannot list a statement that holds bytes (error 3854). It is another test's,
	// and gone in a moment.
	for until := time.Now().Add(patience); err != nil && strings.Contains(err.Error(), "3854") && time.Now().Before(until); {
		time.Sleep(5 * time.Millisecond)
		ids, err = connections(admin, name)
	}
	if err != nil {
		return err
	}
	for _, id := range ids {
		// One that has gone by itself is an error here, and no loss.
		_ = exec(admin, fmt.Sprintf("KILL %d", id))
	}
	return exec(admin, "DROP DATABASE IF EXISTS "+name)
}

func connections(admin *sql.DB, name string) ([]int64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	rows, err := admin.QueryContext(ctx, "SELECT id FROM information_schema.processlist WHERE db = ?", name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
