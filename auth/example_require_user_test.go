package auth_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/torii-go/torii/auth"
)

func ExampleAuth_RequireUser() {
	ctx := context.Background()
	a, ann, done := startExample(ctx, auth.Config{})
	defer done()

	mux := http.NewServeMux()
	mux.Handle("GET /me", a.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, _ := auth.UserFrom(r.Context())
		fmt.Fprint(w, "Hello, ", *u.Name)
	})))

	res, err := a.CreateSession(ctx, ann.ID, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	for _, authorization := range []string{"", "Bearer " + res.Token.Reveal()} {
		r := httptest.NewRequest("GET", "/me", nil)
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 401 {"error":{"code":"unauthenticated","message":"Sign in first."}}
	//
	// 200 Hello, Ann
}
