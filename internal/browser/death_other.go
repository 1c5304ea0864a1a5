//go:build !linux

package browser

import "os/exec"

// dieWithUs can do nothing here: the programs that it is for end when their input does, or
// stay behind if the tests are killed.
func dieWithUs(*exec.Cmd) {}
