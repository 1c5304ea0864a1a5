package server

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// process is a running server.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // set before done is closed
}

// spawn starts cmd from a thread that lives as long as the child does: the kernel
// takes the end of the starting thread for the end of the parent, and that is the
// moment at which the child gets its signal to die.
func spawn(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, <-started
}

// end asks with the signal first and kills a server that does not listen.
func (p *process) end(quit syscall.Signal) {
	_ = p.cmd.Process.Signal(quit) // an error means that it has gone already
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// account is whom a server runs as: nil is ourselves. PostgreSQL refuses to be root,
// and MariaDB should not be either.
type account struct{ uid, gid int }

// accountFor returns the account to use: the server's own, else nobody's, when we
// are root.
func accountFor(name string) (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, fmt.Errorf("root may not run a database server, and there is neither a user %s nor nobody: %w", name, err)
		}
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &account{uid: uid, gid: gid}, nil
}

// mkdir makes a folder that belongs to the account alone.
func (a *account) mkdir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return a.own(path)
}

// own hands a file or folder over to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}

// write makes a file that only the account can read.
func (a *account) write(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	return a.own(path)
}

// dress makes cmd run as the account, in dir, without our environment's server
// settings (PGDATA, MYSQL_HOME and the like), and die by the signal when we die.
func (a *account) dress(cmd *exec.Cmd, dir string, quit syscall.Signal) {
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH") + ":/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + dir, "TMPDIR=" + dir, "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = a.attr(quit)
}

// run runs a preparing program to its end; its output is part of the error.
func (a *account) run(dir string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	a.dress(cmd, dir, syscall.SIGKILL)
	// Its whole life passes on this thread, which therefore must not end before it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, tail(out))
	}
	return nil
}
