package server

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// Program returns the path of a program that tests need beside a database, known to people
// by its title: the first of the names that is found. If it is missing, the Debian package
// is installed, as root; otherwise the error says what to install.
func Program(title, pkg string, names ...string) (string, error) {
	return want(title, pkg, func() (string, bool) { return program(names...) })
}

// want returns what look finds, installing the Debian package first if that is both
// needed and allowed.
func want(title, pkg string, look func() (string, bool)) (string, error) {
	if path, ok := look(); ok {
		return path, nil
	}
	missing := fmt.Errorf("%s is not installed (Debian, Ubuntu: apt-get install -y --no-install-recommends %s)", title, pkg)
	if os.Geteuid() != 0 {
		return "", missing
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return "", missing
	}
	// Several test processes want the same at once; the first one gets it for all.
	if f, err := os.OpenFile("/run/torii-testdb.lock", os.O_RDWR|os.O_CREATE, 0o600); err == nil {
		defer f.Close()
		if err := lock(f, true); err != nil {
			return "", err
		}
		if path, ok := look(); ok {
			return path, nil
		}
	}
	if err := install(pkg); err != nil {
		return "", errors.Join(missing, err)
	}
	if path, ok := look(); ok {
		return path, nil
	}
	return "", missing
}

// install installs one package without asking anything and without starting its
// service.
func install(pkg string) error {
	fmt.Fprintf(os.Stderr, "testdb: installing %s\n", pkg)
	quiet, err := quietServices()
	if err != nil {
		return err
	}
	defer quiet()
	updated := apt("update")
	if err := apt("install", "-y", "--no-install-recommends", pkg); err != nil {
		return errors.Join(updated, err)
	}
	return nil
}

func apt(args ...string) error {
	cmd := exec.Command("apt-get", append([]string{"-q", "-o", "DPkg::Lock::Timeout=300"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w\n%s", args[0], err, tail(out))
	}
	return nil
}

// quietServices keeps Debian's packages from starting services until the returned
// function is called. A machine that has such a rule already keeps its own.
func quietServices() (func(), error) {
	const rule = "/usr/sbin/policy-rc.d"
	f, err := os.OpenFile(rule, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if os.IsExist(err) {
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	undo := func() { _ = os.Remove(rule) }
	_, err = f.WriteString("#!/bin/sh\nexit 101\n")
	if err := errors.Join(err, f.Close()); err != nil {
		undo()
		return nil, err
	}
	return undo, nil
}

// program looks for an executable in PATH and in the places that a plain user's PATH
// leaves out.
func program(names ...string) (string, bool) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
		for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/bin", "/usr/local/mysql/bin"} {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path, true
			}
		}
	}
	return "", false
}

// newest returns the folder matching pattern, in which * stands for a version, with
// the highest version that has all the programs.
func newest(before, after string, programs ...string) (string, bool) {
	paths, err := filepath.Glob(before + "*" + after)
	if err != nil {
		return "", false
	}
	version := func(path string) float64 {
		v, _ := strconv.ParseFloat(path[len(before):len(path)-len(after)], 64)
		return v
	}
	slices.SortFunc(paths, func(a, b string) int { return int(version(b)*10) - int(version(a)*10) })
	for _, path := range paths {
		if hasAll(path, programs...) {
			return path, true
		}
	}
	return "", false
}

func hasAll(dir string, programs ...string) bool {
	for _, name := range programs {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}
