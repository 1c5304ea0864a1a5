package server

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// PgBouncer starts a private PgBouncer in transaction mode before the PostgreSQL that
// a URL names, for any of its databases: at most size sessions for each. Settings are
// further lines of its configuration.
func PgBouncer(dsn string, size int, settings ...string) (*Server, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" {
		return nil, errors.New("PgBouncer needs the URL of a PostgreSQL")
	}
	password, _ := u.User.Password()
	bin, err := want("PgBouncer", "pgbouncer", func() (string, bool) { return program("pgbouncer") })
	if err != nil {
		return nil, err
	}
	return plan{
		kind:    "pgbouncer",
		account: "postgres",
		quit:    syscall.SIGKILL,
		prepare: func(dir, _ string, as *account) error {
			users := filepath.Join(dir, "users")
			quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
			return errors.Join(
				as.write(users, quote(u.User.Username())+" "+quote(password)+"\n"),
				as.write(filepath.Join(dir, "ini"), strings.Join(append([]string{
					"[databases]", "* = host=" + u.Hostname() + " port=" + u.Port(),
					"[pgbouncer]", "%include " + filepath.Join(dir, "port"),
					"listen_addr = 127.0.0.1", "unix_socket_dir =", "auth_type = plain", "auth_file = " + users,
					"pool_mode = transaction", "max_client_conn = 200", "default_pool_size = " + strconv.Itoa(size),
				}, append(settings, "")...), "\n")))
		},
		command: func(dir string, port int) *exec.Cmd {
			// If it cannot be written, PgBouncer will say so.
			_ = os.WriteFile(filepath.Join(dir, "port"), []byte(fmt.Sprintf("listen_port = %d\n", port)), 0o644)
			return exec.Command(bin, filepath.Join(dir, "ini"))
		},
		driver: "postgres",
		dsn: func(port int, _ string) string {
			v := *u
			v.Host = "127.0.0.1:" + strconv.Itoa(port)
			return v.String()
		},
	}.start("")
}
