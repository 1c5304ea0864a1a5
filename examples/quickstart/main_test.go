package main_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The program as somebody runs it who has read the README's first screen.
func TestQuickstart(t *testing.T) {
	base, stop := start(t)

	register := call(t, "POST", base+"/auth/register", `{"email":"ada@example.org","password":"a long and lovely password"}`, nil)
	if register.status != http.StatusCreated {
		t.Fatalf("register: %d %s, want 201", register.status, register.body)
	}
	if len(register.cookies) == 0 {
		t.Fatalf("register set no cookie")
	}

	me := call(t, "GET", base+"/me", "", register.cookies)
	if me.status != http.StatusOK || me.body != "You are ada@example.org.\n" {
		t.Errorf("me: %d %q, want 200 and the address", me.status, me.body)
	}
	if logout := call(t, "POST", base+"/auth/logout", "", register.cookies); logout.status != http.StatusNoContent {
		t.Errorf("logout: %d %s, want 204", logout.status, logout.body)
	}
	if me := call(t, "GET", base+"/me", "", register.cookies); me.status != http.StatusUnauthorized {
		t.Errorf("me with the cookie of a session that was ended: %d %s, want 401", me.status, me.body)
	}

	if err := stop(); err != nil {
		t.Errorf("after SIGTERM: %v, want exit code 0", err)
	}
}

// start builds the program, runs it in an empty folder and waits until it answers.
func start(t *testing.T) (base string, stop func() error) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "quickstart")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	addr := freeAddr(t)
	cmd := exec.Command(binary)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "ADDR="+addr)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	t.Cleanup(func() {
		// Fails if stop has been here already.
		_ = cmd.Process.Kill()
	})

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr); err == nil {
			conn.Close()
			break
		}
		select {
		case <-tick.C:
		case err := <-exited:
			t.Fatalf("the program ended: %v\n%s", err, &log)
		case <-ctx.Done():
			t.Fatal("the program does not listen")
		}
	}
	return "http://" + addr, func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		select {
		case err := <-exited:
			return err
		case <-time.After(30 * time.Second):
			return errors.New("still running after 30 s")
		}
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

type answer struct {
	status  int
	body    string
	cookies []*http.Cookie
}

// call sends a request as the site's own page would.
func call(t *testing.T, method, url, body string, cookies []*http.Cookie) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, c := range cookies {
		req.AddCookie(c)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, string(text), res.Cookies()}
}
