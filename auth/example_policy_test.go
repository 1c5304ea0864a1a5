package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/sessions"
)

// An application that ends a session when another program suddenly uses it, and takes
// note of another address, which phones have often.
func ExampleAuth_RequireUser_policy() {
	ctx := context.Background()
	var a *auth.Auth
	cfg := auth.Config{Sessions: sessions.Config{
		Policy: func(ctx context.Context, s sessions.Session, userAgent, ip string) error {
			if ip != s.IP {
				fmt.Print("from ", ip, " in place of ", s.IP, ": ")
			}
			if userAgent == s.UserAgent {
				return nil
			}
			return errors.Join(errors.New("another program uses the session"), a.EndSession(ctx, s.UserID, s.ID))
		},
	}}
	a, ann, done := startExample(ctx, cfg)
	defer done()
	page := a.RequireUser(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))

	res, err := a.CreateSession(ctx, ann.ID, auth.Client{UserAgent: "Firefox", IP: netip.MustParseAddr("192.0.2.1")})
	if err != nil {
		log.Fatal(err)
	}
	for _, from := range []struct{ program, addr string }{
		{"Firefox", "192.0.2.1:4711"}, {"Firefox", "198.51.100.7:4711"}, {"curl", "192.0.2.1:4711"}, {"Firefox", "192.0.2.1:4711"},
	} {
		r := httptest.NewRequest("GET", "/me", nil)
		r.RemoteAddr = from.addr
		r.Header.Set("User-Agent", from.program)
		r.Header.Set("Authorization", "Bearer "+res.Token.Reveal())
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		fmt.Println(from.program, w.Code)
	}
	// Output:
	// Firefox 200
	// from 198.51.100.7 in place of 192.0.2.1: Firefox 200
	// curl 401
	// Firefox 401
}
