package server

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const prefix = "torii-testdb-" // then the owner's process number, a dash and chance

// folder is a temporary folder that names its owner and is locked by it.
type folder struct {
	path  string
	owner *os.File // holds the lock as long as it is open
}

// newFolder makes one, after removing those that dead processes have left.
func newFolder() (*folder, error) {
	base := tempDir()
	sweep(base)
	path, err := os.MkdirTemp(base, prefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, err
	}
	f := &folder{path: path}
	// The server's own account has to pass through; what is private lies deeper.
	if err := os.Chmod(path, 0o711); err != nil {
		f.remove()
		return nil, err
	}
	f.owner, err = os.Create(filepath.Join(path, "owner"))
	if err == nil {
		err = lock(f.owner, false)
	}
	if err != nil {
		f.remove()
		return nil, err
	}
	return f, nil
}

func (f *folder) remove() {
	if f.owner != nil {
		f.owner.Close()
	}
	if err := os.RemoveAll(f.path); err != nil {
		fmt.Fprintf(os.Stderr, "testdb: %v\n", err)
	}
}

// sweep removes folders whose owner is dead: its number is no longer in use and the
// lock is free. The second look is for those who share /tmp from another container,
// where our process numbers mean nothing.
func sweep(base string) {
	paths, err := filepath.Glob(filepath.Join(base, prefix+"*"))
	if err != nil {
		return
	}
	for _, path := range paths {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), prefix), "-")
		pid, err := strconv.Atoi(number)
		if err != nil || pid <= 0 || alive(pid) {
			continue
		}
		owner, err := os.OpenFile(filepath.Join(path, "owner"), os.O_RDWR, 0)
		if err == nil {
			err = lock(owner, false)
			owner.Close()
		}
		if err == nil || os.IsNotExist(err) {
			_ = os.RemoveAll(path) // another user's is not ours to remove
		}
	}
}

// tempDir returns the folder for temporary files, or /tmp where that one would not
// do: a server that runs under another account must reach it, and the path of a Unix
// socket may not be longer than 107 bytes.
func tempDir() string {
	base := os.TempDir()
	if len(base) > 50 || (os.Geteuid() == 0 && !reachable(base)) {
		return "/tmp"
	}
	return base
}

// reachable reports whether every account may pass through dir.
func reachable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		up := filepath.Dir(dir)
		if up == dir {
			return true
		}
		dir = up
	}
}
