package server

import (
	"crypto/rand"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	_ "github.com/lib/pq" // asks the new server whether it is ready
)

// Postgres starts a private PostgreSQL.
func Postgres() (*Server, error) {
	bin, err := want("PostgreSQL", "postgresql", postgresDir)
	if err != nil {
		return nil, err
	}
	return plan{
		kind:    "postgres",
		account: "postgres",
		quit:    syscall.SIGQUIT, // at once, but its children and shared memory go too
		prepare: func(dir, password string, as *account) error {
			secret := filepath.Join(dir, "password")
			if err := as.write(secret, password); err != nil {
				return err
			}
			// A password, since any local account can reach the port, and in the
			// clear, since a derived one costs milliseconds for every connection.
			return as.run(dir, filepath.Join(bin, "initdb"), "--pgdata="+filepath.Join(dir, "data"),
				"--username=torii", "--pwfile="+secret, "--auth-host=password", "--auth-local=reject",
				"--encoding=UTF8", "--locale=C", "--no-sync")
		},
		command: func(dir string, port int) *exec.Cmd {
			return exec.Command(filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"),
				"-c", "listen_addresses=127.0.0.1", "-c", "port="+strconv.Itoa(port), "-c", "unix_socket_directories=",
				"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
				"-c", "max_connections=200", "-c", "timezone=UTC")
		},
		driver: "postgres",
		dsn: func(port int, password string) string {
			return fmt.Sprintf("postgres://torii:%s@127.0.0.1:%d/postgres?sslmode=disable", password, port)
		},
		whose: "SHOW data_directory",
	}.start(rand.Text())
}

// postgresDir finds the folder of the server's programs: the one in PATH, or the
// newest where Debian, Red Hat and Homebrew put them.
func postgresDir() (string, bool) {
	programs := []string{"initdb", "postgres"}
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		if dir := filepath.Dir(path); hasAll(dir, programs...) {
			return dir, true
		}
	}
	for _, place := range [][2]string{
		{"/usr/lib/postgresql/", "/bin"},
		{"/usr/pgsql-", "/bin"},
		{"/opt/homebrew/opt/postgresql@", "/bin"},
	} {
		if dir, ok := newest(place[0], place[1], programs...); ok {
			return dir, true
		}
	}
	return "", false
}
