package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// fetching bounds the download, so that a slow mirror does not hold the tests.
const fetching = 100 * time.Second

// OracleMySQL starts a private MySQL of Oracle's making, which stable Debian does not
// have: the one of Debian's unstable release, unpacked with its own C library into a
// cache folder, from the mirror that apt uses anyway. Nothing is installed. It is for
// tests that can do without: the mirror, the release or the machine may not allow it.
func OracleMySQL() (*Server, error) {
	base, err := cacheDir()
	if err != nil {
		return nil, err
	}
	// Several test processes want the same at once; the first one gets it for all.
	f, err := os.OpenFile(filepath.Join(base, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := lock(f, true); err != nil {
		return nil, err
	}
	dir := filepath.Join(base, "oracle-mysql")
	command, err := oracleCommand(dir)
	if err != nil {
		if err := fetchOracle(base, dir); err != nil {
			return nil, err
		}
		if command, err = oracleCommand(dir); err != nil {
			return nil, err
		}
	}
	s, err := mysqld{kind: "mysql9", command: command}.start()
	if err != nil {
		return nil, fmt.Errorf("%w\n(to fetch it anew, remove %s)", err, dir)
	}
	return s, nil
}

// cacheDir returns a folder that lasts and that the server's account can read.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil || os.Geteuid() == 0 && !reachable(base) {
		base = "/var/cache"
	}
	dir := filepath.Join(base, "torii-testdb")
	return dir, os.MkdirAll(dir, 0o755)
}

// oracleCommand returns how to run the server that has been unpacked in dir: by the
// loader of its own C library.
func oracleCommand(dir string) ([]string, error) {
	loaders, err := filepath.Glob(filepath.Join(dir, "usr/lib/*-linux-gnu/ld-linux-*.so.*"))
	if err != nil || len(loaders) != 1 || !hasAll(filepath.Join(dir, "usr/sbin"), "mysqld") {
		return nil, fmt.Errorf("no MySQL in %s", dir)
	}
	lib, share := filepath.Dir(loaders[0]), filepath.Join(dir, "usr/share/mysql")
	return []string{loaders[0], "--library-path", lib + ":" + filepath.Join(dir, "usr/lib/mysql/private"),
		filepath.Join(dir, "usr/sbin/mysqld"), "--no-defaults", "--basedir=" + filepath.Join(dir, "usr"),
		"--plugin-dir=" + filepath.Join(dir, "usr/lib/mysql/plugin"), "--lc-messages-dir=" + share,
		"--character-sets-dir=" + filepath.Join(share, "charsets"), "--secure-file-priv=NULL"}, nil
}

// fetchOracle unpacks the server and all that it needs into dir.
func fetchOracle(base, dir string) error {
	const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
	for _, name := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(name); err != nil {
			return errors.New("its packages are Debian's, and this is no Debian")
		}
	}
	if _, err := os.Stat(keyring); err != nil {
		return errors.New("its packages are Debian's, and the keys are missing (package debian-archive-keyring)")
	}
	ctx, cancel := context.WithTimeout(context.Background(), fetching)
	defer cancel()
	mirror, err := debianMirror(ctx)
	if err != nil {
		return err
	}
	// Whoever was killed in the middle of it has left its folder; the lock is ours.
	if left, err := filepath.Glob(filepath.Join(base, "fetch-*")); err == nil {
		for _, path := range left {
			_ = os.RemoveAll(path)
		}
	}
	tmp, err := os.MkdirTemp(base, "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	in := func(name string) string { return filepath.Join(tmp, name) }
	for _, name := range []string{"lists/partial", "archives/partial", "root"} {
		if err := os.MkdirAll(in(name), 0o755); err != nil {
			return err
		}
	}
	// A state of its own: apt then knows of nothing that is installed here.
	source := "deb [signed-by=" + keyring + "] " + mirror + " sid main\n"
	if err := errors.Join(os.WriteFile(in("status"), nil, 0o600), os.WriteFile(in("sources.list"), []byte(source), 0o600)); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "testdb: fetching MySQL (58 MB, once)")
	own := []string{"-qq", "-o", "Dir::Etc::sourcelist=" + in("sources.list"), "-o", "Dir::Etc::sourceparts=-",
		"-o", "Dir::State::lists=" + in("lists"), "-o", "Dir::Cache::archives=" + in("archives"),
		"-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "-o", "Dir::State::status=" + in("status"),
		"-o", "APT::Sandbox::User=" + sandbox(), "-o", "Acquire::Languages=none", "-o", "Acquire::Retries=1",
		"-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20",
		"-o", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false"}
	if _, err := output(ctx, "apt-get", append(own, "update")...); err != nil {
		return err
	}
	if _, err := output(ctx, "apt-get", append(own, "-y", "--no-install-recommends", "--download-only", "install", "mysql-server-core")...); err != nil {
		return err
	}
	packages, err := filepath.Glob(in("archives/*.deb"))
	if err != nil {
		return err
	}
	for _, path := range packages {
		if strings.Contains(filepath.Base(path), "perl") || strings.Contains(filepath.Base(path), "gconv") {
			continue
		}
		if _, err := output(ctx, "dpkg-deb", "-x", path, in("root")); err != nil {
			return err
		}
	}
	if err := os.Chmod(in("root"), 0o755); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dir), os.Rename(in("root"), dir))
}

// debianMirror returns the mirror that apt has its packages from.
func debianMirror(ctx context.Context) (string, error) {
	out, err := output(ctx, "apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages")
	if err != nil {
		return "", err
	}
	for _, site := range strings.Fields(out) {
		if strings.Contains(site, "debian") && !strings.Contains(site, "security") {
			return site, nil
		}
	}
	return "", errors.New("apt knows no mirror of Debian")
}

// sandbox names the account that apt downloads as: it may not be able to write here.
func sandbox() string {
	if os.Geteuid() == 0 {
		return "root"
	}
	return ""
}

func output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, errors.Join(ctx.Err(), err), firstLine(stderr.String()))
	}
	return string(out), nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
