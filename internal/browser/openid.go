package browser

import (
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // of the script
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/testdb/server"
)

// OpenID is a certified OpenID provider, the npm package oidc-provider. It asks everybody
// who they are ("login"), believes it, and asks for their consent.
type OpenID struct {
	// Issuer is its address, and ClientID and ClientSecret are what a site is to it.
	Issuer, ClientID, ClientSecret string

	process *process
}

var (
	//go:embed oidc/server.mjs
	openidScript []byte
	//go:embed oidc/package.json
	openidPackage []byte
	//go:embed oidc/package-lock.json
	openidLock []byte
)

// oldestNode is the oldest Node.js that the provider was run with.
const oldestNode = 20

// StartOpenID starts the provider on a free port; it ends with the test. It answers when
// Register has told it of a site.
func StartOpenID(t testing.TB) *OpenID {
	t.Helper()
	node, err := findNode()
	if err != nil {
		t.Fatal(err)
	}
	modules, err := installOpenID()
	if err != nil {
		t.Fatal(err)
	}
	// Node looks for packages beside the script.
	dir := t.TempDir()
	script := filepath.Join(dir, "server.mjs")
	err = errors.Join(os.WriteFile(script, openidScript, 0o600), os.Symlink(modules, filepath.Join(dir, "node_modules")))
	if err != nil {
		t.Fatal(err)
	}
	p := &OpenID{ClientID: "torii", ClientSecret: rand.Text()}
	p.process = launch(t, exec.Command(node, script)) // #nosec G204 -- a script of ours
	p.Issuer = p.process.says("issuer ")
	return p
}

// Register tells the provider where a site expects people back.
func (p *OpenID) Register(redirectURI string) {
	p.process.t.Helper()
	client, err := json.Marshal(map[string]any{
		"client_id": p.ClientID, "client_secret": p.ClientSecret, "redirect_uris": []string{redirectURI},
	})
	if err == nil {
		_, err = p.process.stdin.Write(append(client, '\n'))
	}
	if err != nil {
		p.process.t.Fatal(err)
	}
	p.process.says("ready")
}

// findNode returns a Node.js that is new enough.
func findNode() (string, error) {
	node, err := server.Program("Node.js", "nodejs", "node", "nodejs")
	if err != nil {
		return "", err
	}
	out, err := exec.Command(node, "--version").Output() // #nosec G204 -- found in PATH
	if err != nil {
		return "", fmt.Errorf("node --version: %w", err)
	}
	version := strings.TrimPrefix(strings.TrimSpace(string(out)), "v")
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldestNode {
		return "", fmt.Errorf("this Node.js, %s, is too old for oidc-provider: install %d or newer (https://nodejs.org)", version, oldestNode)
	}
	return node, nil
}

// installOpenID returns the folder of the packages that the lock file names, fetched once
// into a cache folder of the user's.
func installOpenID() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir() // no home, as in some containers
	}
	cache = filepath.Join(cache, "torii-test")
	sum := sha256.Sum256(append(append([]byte{}, openidPackage...), openidLock...))
	home := filepath.Join(cache, "oidc-provider-"+hex.EncodeToString(sum[:8]))
	modules := filepath.Join(home, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules, nil
	}
	npm, err := server.Program("npm", "npm", "npm")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(cache, "new")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it was renamed, or is useless
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "package.json"), openidPackage, 0o600),
		os.WriteFile(filepath.Join(dir, "package-lock.json"), openidLock, 0o600))
	if err != nil {
		return "", err
	}
	cmd := exec.Command(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline") // #nosec G204 -- found in PATH
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci of oidc-provider: %w\n%s", err, out)
	}
	// Whole or not at all; another process may have been first.
	if err := os.Rename(dir, home); err != nil {
		if _, there := os.Stat(modules); there != nil {
			return "", err
		}
	}
	return modules, nil
}
