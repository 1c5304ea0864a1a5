package server

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	_ "github.com/go-sql-driver/mysql" // asks the new server whether it is ready
)

// MySQL starts a private MariaDB, or MySQL where that is what the machine has.
func MySQL() (*Server, error) {
	bin, err := want("MariaDB", "mariadb-server", func() (string, bool) { return program("mariadbd", "mysqld") })
	if err != nil {
		return nil, err
	}
	version, err := exec.Command(bin, "--no-defaults", "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", bin, err)
	}
	maria := strings.Contains(string(version), "MariaDB")
	return mysqld{kind: "mysql", command: []string{bin, "--no-defaults"}, maria: maria}.start()
}

// mysqld is how to run a server of MySQL's kind.
type mysqld struct {
	kind    string
	command []string // and its first arguments
	maria   bool
}

func (m mysqld) start() (*Server, error) {
	// Nothing here outlives the process, so nothing need reach the disk.
	careless := []string{"--loose-innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"}
	return plan{
		kind:    m.kind,
		account: "mysql",
		quit:    syscall.SIGKILL, // an orderly end only saves data
		prepare: func(dir, password string, as *account) error {
			if err := as.write(filepath.Join(dir, "init.sql"), accounts(password)); err != nil {
				return err
			}
			data := "--datadir=" + filepath.Join(dir, "data")
			if !m.maria {
				return as.run(dir, m.command[0], m.with("--initialize-insecure", data)...)
			}
			script, ok := program("mariadb-install-db", "mysql_install_db")
			if !ok {
				return errors.New("mariadb-install-db is not installed")
			}
			return as.run(dir, script, append([]string{"--no-defaults", data,
				"--auth-root-authentication-method=normal", "--skip-test-db"}, careless...)...)
		},
		command: func(dir string, port int) *exec.Cmd {
			return exec.Command(m.command[0], append(m.with("--datadir="+filepath.Join(dir, "data"),
				"--init-file="+filepath.Join(dir, "init.sql"),
				"--bind-address=127.0.0.1", "--port="+strconv.Itoa(port), "--loose-mysqlx=OFF",
				"--socket="+filepath.Join(dir, "s"), "--pid-file="+filepath.Join(dir, "pid"),
				"--skip-name-resolve", "--skip-log-bin", "--performance-schema=OFF", "--max-connections=300",
				"--innodb-buffer-pool-size=128M", "--default-time-zone=+00:00", "--character-set-server=utf8mb4",
			), careless...)...)
		},
		driver: "mysql",
		dsn: func(port int, password string) string {
			return fmt.Sprintf("torii:%s@tcp(127.0.0.1:%d)/", password, port)
		},
		whose: "SELECT @@datadir",
	}.start(rand.Text())
}

// with returns the command's own arguments and more.
func (m mysqld) with(args ...string) []string {
	return append(append([]string{}, m.command[1:]...), args...)
}

// accounts is run by the server at each start: one account with a password, since
// any local account can reach the port, and none without.
func accounts(password string) string {
	return strings.Join([]string{
		"CREATE USER IF NOT EXISTS 'torii'@'127.0.0.1' IDENTIFIED BY '" + password + "';",
		"GRANT ALL PRIVILEGES ON *.* TO 'torii'@'127.0.0.1' WITH GRANT OPTION;",
		"DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1', 'root'@'localhost', ''@'localhost';",
		"",
	}, "\n")
}
