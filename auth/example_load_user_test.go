package auth_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/torii-go/torii/auth"
)

// A page for everybody that greets those whom it knows by their cookie.
func ExampleAuth_LoadUser() {
	ctx := context.Background()
	a, ann, done := startExample(ctx, auth.Config{})
	defer done()
	home := a.LoadUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, ok := auth.UserFrom(r.Context()); ok {
			fmt.Fprint(w, "Hello, ", *u.Name)
			return
		}
		fmt.Fprint(w, "Hello, whoever you are")
	}))

	res, err := a.CreateSession(ctx, ann.ID, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	for _, token := range []string{"", "guessed", res.Token.Reveal()} {
		r := httptest.NewRequest("GET", "/", nil)
		if token != "" {
			r.AddCookie(&http.Cookie{Name: "torii_session", Value: token})
		}
		w := httptest.NewRecorder()
		home.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 Hello, whoever you are
	// 200 Hello, whoever you are
	// 200 Hello, Ann
}
