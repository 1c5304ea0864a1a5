package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/sessions"
)

// The users of a former system stay signed in: its cookie is exchanged for one of
// Torii's on the first request.
func ExampleAuth_RequireUser_fallback() {
	former := map[string]string{} // token → user id, as the former system's table has it
	a, ann, done := startExample(context.Background(), auth.Config{Sessions: sessions.Config{
		CookieName: "former_session",
		Fallback: func(_ context.Context, token string) (string, error) {
			if id, ok := former[token]; ok {
				return id, nil
			}
			return "", errors.New("unknown there too")
		},
	}})
	defer done()
	former["s%3Aq8Zr1"] = ann.ID

	page := a.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, _ := auth.UserFrom(r.Context())
		s, _ := auth.SessionFrom(r.Context())
		fmt.Print(*u.Name, " by ", s.Factors[0].Kind, ", ")
	}))
	get := func(cookie *http.Cookie) *http.Cookie {
		r := httptest.NewRequest("GET", "/me", nil)
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		fmt.Print(w.Code)
		for _, c := range w.Result().Cookies() {
			if c.Name == "former_session" && c.MaxAge >= 0 {
				cookie = c
				fmt.Print(", a new cookie of ", len(c.Value), " characters")
			}
		}
		fmt.Println()
		return cookie
	}
	cookie := get(&http.Cookie{Name: "former_session", Value: "s%3Aq8Zr1"})
	get(cookie)
	get(&http.Cookie{Name: "former_session", Value: "guessed"})
	// Output:
	// Ann by legacy, 200, a new cookie of 43 characters
	// Ann by legacy, 200
	// 401
}
