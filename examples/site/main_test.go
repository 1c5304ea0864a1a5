package main

import (
	"bytes"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The program as it is deployed: built, started, asked, and stopped by a signal.
func TestSignals(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "site")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), binary, "-addr", "127.0.0.1:0", "-dsn", "file:"+t.TempDir()+"/x.db")
			var log bytes.Buffer
			cmd.Stderr = &log
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			b := newBrowser(t, saidOrigin(t, stdout))
			want(t, "register", b.call("POST", "/register", ada), http.StatusCreated)
			want(t, "health", b.call("GET", "/health", ""), http.StatusOK)
			began := time.Now()
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("%v, want exit code 0\n%s", err, &log)
			}
			if took := time.Since(began); took >= stopWithin {
				t.Errorf("took %v to stop with nothing under way", took)
			}
		})
	}
}

// What the program refuses, and the exit code for it.
func TestRefusals(t *testing.T) {
	t.Setenv("TORII_SECRET", "")
	sqlite := []string{"-addr", "127.0.0.1:0", "-dsn", "file:" + t.TempDir() + "/x.db"}
	for _, row := range []struct {
		name string
		args []string
		code int
		text string
	}{
		{"verification without mails", []string{"-verify", "-base-url", "https://site.example"}, 2, "-verify needs -mail"},
		{"a JWT of a week", append([]string{"-sessions", "jwt", "-session-lifetime", "168h"}, sqlite...), 1, "24 hours"},
		{"revocable jwt has not landed", []string{"-sessions=jwt-revocable"}, 2, "-sessions jwt-revocable is not available yet"},
		{"unknown kind of sessions", []string{"-sessions", "paper"}, 2, `-sessions "paper" is not known`},
		{"a provider without a secret", []string{"-oidc", "x=https://issuer.example,id"}, 2, "-oidc, number 1: write it as NAME="},
		{"a provider without a name", []string{"-oidc", "x=https://issuer.example,id,s", "-oidc", "=https://issuer.example,id,s"}, 2, "-oidc, number 2"},
		{"a provider with a bad name", append([]string{"-oidc", "X y=https://issuer.example,id,s"}, sqlite...), 1, `"X y": ID must be`},
		{"a provider by plain http", append([]string{"-oidc", "x=http://issuer.example,id,s"}, sqlite...), 1, "must be https"},
		{"a provider named as the built-in one", append([]string{"-oidc", "demo=https://issuer.example,id,s"}, sqlite...), 1, `"demo" is there twice`},
		{"the built-in provider for all", append([]string{"-demo-idp", "-base-url", "https://site.example"}, sqlite...), 2, "-demo-idp works only in development"},
		{"the built-in provider for the network", append([]string{"-demo-idp", "-addr", "0.0.0.0:0"}, sqlite[2:]...), 2, "-demo-idp works only in development"},
		{"unknown flag", []string{"-colour", "red"}, 2, "-colour"},
		{"argument", []string{"serve"}, 2, `unexpected argument "serve"`},
		{"unknown driver", []string{"-driver", "oracle"}, 2, `-driver "oracle" is not known`},
		{"PostgreSQL without a name", []string{"-driver", "postgres"}, 2, "needs -dsn"},
		{"bad proxies", []string{"-trusted-proxies", "10.0.0.1"}, 2, `"10.0.0.1" is no network`},
		{"bad duration", []string{"-session-idle", "soon"}, 2, "-session-idle"},
		{"negative duration", []string{"-session-lifetime", "-1h"}, 2, "cannot be negative"},
		{"a negative idle timeout", []string{"-session-idle", "-1s"}, 2, "cannot be negative"},
		{"plain http elsewhere", append([]string{"-base-url", "http://site.example"}, sqlite...), 1, "https"},
		{"https without a secret", append([]string{"-base-url", "https://site.example"}, sqlite...), 1, "TORII_SECRET"},
		{"mails in a file", append([]string{"-mail", "main.go"}, sqlite...), 1, "-mail"},
		{"no such folder", []string{"-addr", "127.0.0.1:0", "-dsn", "file:/nowhere/at/all.db"}, 1, "/nowhere/at"},
		{"no such address", []string{"-addr", "nowhere", "-dsn", sqlite[3]}, 1, "nowhere"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var stderr strings.Builder
			code := exit(run(t.Context(), row.args, io.Discard), &stderr)
			if code != row.code || !strings.Contains(stderr.String(), row.text) {
				t.Errorf("%v: exit code %d, %q; want %d and %q", row.args, code, &stderr, row.code, row.text)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	var stdout, stderr strings.Builder
	if code := exit(run(t.Context(), []string{"-h"}, &stdout), &stderr); code != 0 || stderr.Len() > 0 {
		t.Errorf("exit code %d, stderr %q; want 0 and nothing", code, &stderr)
	}
	for _, flag := range []string{"addr", "driver", "dsn", "mail", "verify", "sessions", "demo-idp", "oidc", "session-lifetime", "session-idle", "trusted-proxies", "base-url"} {
		if !strings.Contains(stdout.String(), "  -"+flag) {
			t.Errorf("-h does not list -%s", flag)
		}
	}
}

// Every flag is taken.
func TestFlags(t *testing.T) {
	dir := t.TempDir()
	base := start(t, "-dsn", "file:"+dir+"/x.db", "-mail", dir+"/made/here", "-demo-idp=false", "-verify=false",
		"-sessions", "opaque", "-session-lifetime", "1h", "-session-idle", "10m", "-trusted-proxies", "127.0.0.0/8, fd00::/8",
		"-oidc", "one=https://one.example,id,a,secret", "-oidc", "two=https://two.example/x,id,secret")
	want(t, "health", newBrowser(t, base).call("GET", "/health", ""), http.StatusOK)
}

// What -verify and -mail mean together.
func TestVerifyFlag(t *testing.T) {
	dir := t.TempDir()
	for _, row := range []struct {
		name          string
		args          []string
		verify, mails bool
	}{
		{"neither", nil, false, false},
		{"mails", []string{"-mail", dir}, false, true},
		{"verification in development", []string{"-verify"}, true, true},
		{"verification with mails", []string{"-verify", "-mail", dir}, true, true},
		{"on another host", []string{"-verify", "-mail", dir, "-base-url", "https://site.example"}, true, true},
		{"on this machine by another name", []string{"-verify", "-base-url", "http://127.0.0.1:1"}, true, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			o, err := parseFlags(append(row.args, "-dsn", "file:x.db"), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if c := o.config("http://localhost:1"); c.SkipEmailVerification == row.verify || (c.Mail.Sender != nil) != row.mails {
				t.Errorf("SkipEmailVerification %v, Sender %v", c.SkipEmailVerification, c.Mail.Sender)
			}
		})
	}
}

// Behind a proxy that is declared, people see their own address, not the proxy's.
func TestTrustedProxies(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/x.db", "-trusted-proxies", "127.0.0.0/8"))
	b.head["X-Forwarded-For"] = "203.0.113.9"
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/account")
	want(t, "account", b.get("/account"), http.StatusOK, "203.0.113.9")
}

// The default database is the user's, and outlives the program.
func TestDefaultDatabase(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir()+"/with space%20and#more")
	for i, status := range []int{http.StatusCreated, http.StatusConflict} {
		t.Run([]string{"first start", "second start"}[i], func(t *testing.T) {
			want(t, "register", newBrowser(t, start(t)).call("POST", "/register", ada), status)
		})
	}
}
