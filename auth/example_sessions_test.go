package auth_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"time"

	"github.com/torii-go/torii/auth"
)

// The page that shows somebody where they are signed in. The phone was used last, and
// from another address than it signed in from.
func ExampleAuth_Sessions() {
	ctx := context.Background()
	clock := &exampleClock{now: time.Date(2030, time.January, 2, 12, 0, 0, 0, time.UTC)}
	a, ann, done := startExample(ctx, auth.Config{Now: clock.Now})
	defer done()
	var phone string
	for _, device := range []string{"phone", "laptop"} {
		res, err := a.CreateSession(ctx, ann.ID, auth.Client{UserAgent: device, IP: netip.MustParseAddr("192.0.2.1")})
		if err != nil {
			log.Fatal(err)
		}
		if device == "phone" {
			phone = res.Token.Reveal()
		}
		clock.Advance(time.Hour)
	}

	page := a.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		here, _ := auth.SessionFrom(r.Context())
		list, err := a.Sessions(r.Context(), here.UserID)
		if err != nil {
			log.Fatal(err)
		}
		for _, s := range list {
			fmt.Println(s.UserAgent, s.IP, s.CreatedAt.Format("15:04"), s.LastSeenAt.Format("15:04"), s.ID == here.ID)
		}
	}))
	r := httptest.NewRequest("GET", "/devices", nil)
	r.RemoteAddr = "198.51.100.7:4711"
	r.Header.Set("User-Agent", "phone")
	r.Header.Set("Authorization", "Bearer "+phone)
	page.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// phone 198.51.100.7 12:00 14:00 true
	// laptop 192.0.2.1 13:00 13:00 false
}
