package auth_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"github.com/torii-go/torii/auth"
)

// An application that ends a session when another program suddenly uses it, and takes
// note of another address, which phones have often. It looks before RequireUser does,
// which records who uses a session and so forgets who did before.
func ExampleAuth_Client_hijacking() {
	ctx := context.Background()
	a, ann, done := startExample(ctx, auth.Config{})
	defer done()
	watch := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			now := a.Client(r)
			for _, token := range now.Sessions {
				s, u, err := a.Session(r.Context(), token)
				if err != nil {
					continue // RequireUser says so
				}
				if s.IP != now.IP.String() {
					fmt.Print("from ", now.IP, " in place of ", s.IP, ": ")
				}
				if s.UserAgent != now.UserAgent {
					if err := a.EndSession(r.Context(), u.ID, s.ID); err != nil {
						log.Print(err)
					}
				}
			}
			next.ServeHTTP(w, r)
		})
	}
	page := watch(a.RequireUser(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))

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
