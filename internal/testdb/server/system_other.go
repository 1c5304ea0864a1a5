//go:build !linux

package server

import (
	"os"
	"syscall"
)

// attr can promise nothing here: a killed test leaves its server running. Run the
// tests as a plain user, and in packages with testdb.Main or under withdb.
func (a *account) attr(syscall.Signal) *syscall.SysProcAttr { return nil }

// alive says yes: folders are then never swept, rather than taken from somebody.
func alive(int) bool { return true }

func lock(*os.File, bool) error { return nil }
