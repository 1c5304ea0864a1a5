package auth_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/sessions"
)

// Two guards in front of JSON Web Tokens. RequireSession asks no database, and so does
// not see that the user was disabled a moment ago.
func ExampleAuth_RequireSession() {
	ctx := context.Background()
	a, ann, done := startExample(ctx, auth.Config{Sessions: sessions.Config{Kind: sessions.KindJWT}})
	defer done()
	feed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, _ := auth.SessionFrom(r.Context())
		fmt.Fprint(w, "the feed of Ann: ", s.UserID == ann.ID)
	})
	mux := http.NewServeMux()
	mux.Handle("GET /feed", a.RequireSession(feed))
	mux.Handle("GET /account", a.RequireUser(feed))

	res, err := a.CreateSession(ctx, ann.ID, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	for _, disabled := range []bool{false, true} {
		if disabled {
			if err := a.DisableUser(ctx, ann.ID); err != nil {
				log.Fatal(err)
			}
		}
		for _, path := range []string{"/feed", "/account"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Header.Set("Authorization", "Bearer "+res.Token.Reveal())
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			fmt.Println(path, w.Code, w.Body)
		}
	}
	// Output:
	// /feed 200 the feed of Ann: true
	// /account 200 the feed of Ann: true
	// /feed 200 the feed of Ann: true
	// /account 401 {"error":{"code":"unauthenticated","message":"Sign in first."}}
}
