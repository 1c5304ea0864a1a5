package load_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// figures are what the server knows about itself.
type figures struct {
	PeakKiB int // resident memory, at most
	Hashes  uint64
}

// application is Torii as it comes: what a hash costs and how many run at once is the
// default.
func application(client *ent.Client) (*auth.Auth, *password.Provider, error) {
	secret := make([]byte, 32)
	rand.Read(secret)
	pw := password.New(password.Config{})
	a, err := auth.New(client, auth.Config{
		BaseURL: "https://app.example", Secrets: [][]byte{secret}, Providers: []auth.Provider{pw},
		// The test is the proxy: people come from addresses of their own.
		TrustedProxies:        []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Logger:                slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		SkipEmailVerification: true,
	})
	return a, pw, err
}

// serve reads which database to use, says where it listens, and serves until its input
// ends.
func serve() error {
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	var db testdb.DB
	if err := json.Unmarshal(line, &db); err != nil {
		return err
	}
	client, err := migrate.Open(context.Background(), db.Driver, db.DSN)
	if err != nil {
		return err
	}
	a, _, err := application(client)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/auth/", a.Handler())
	mux.Handle("GET /me", a.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, _ := auth.UserFrom(r.Context())
		fmt.Fprintln(w, u.Email)
	})))
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "pong") })
	mux.HandleFunc("GET /figures", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(figures{PeakKiB: peak(), Hashes: a.Hashes()})
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, in)
		os.Exit(0)
	}()
	return http.Serve(listener, mux)
}

// peak is the most memory that this process had resident, in KiB.
func peak() int {
	status, _ := os.ReadFile("/proc/self/status") // elsewhere than on Linux: 0
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	number, _, _ := strings.Cut(strings.TrimSpace(string(rest)), " ")
	n, _ := strconv.Atoi(number)
	return n
}

// startServer starts the process that serves and returns its URL. It ends with b.
func startServer(b *testing.B, db testdb.DB) (base string, stop func()) {
	b.Helper()
	line, err := json.Marshal(db)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serverEnv+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	stop = func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	}
	if _, err := in.Write(append(line, '\n')); err != nil {
		b.Fatal(err)
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return "http://" + strings.TrimSpace(addr), stop
}
