package browser

import (
	"os/exec"
	"syscall"
)

// dieWithUs ends a program also when the tests are killed and cannot.
func dieWithUs(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
