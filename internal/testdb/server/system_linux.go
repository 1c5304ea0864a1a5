package server

import (
	"os"
	"syscall"
)

// attr puts the server into a process group of its own, so that an interrupt at the
// terminal reaches the tests alone, and has it die with us.
func (a *account) attr(quit syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: quit}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}

// alive reports whether a process with that number exists.
func alive(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }

// lock takes the file for this process, waiting for another to release it if asked.
func lock(f *os.File, wait bool) error {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	return syscall.Flock(int(f.Fd()), how)
}
