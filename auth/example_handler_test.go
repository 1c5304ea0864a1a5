package auth_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

// The routes that every site has, as a browser goes through them.
func ExampleAuth_Handler() {
	a, _, done := startExample(context.Background(), auth.Config{Providers: []auth.Provider{password.New(password.Config{})}})
	defer done()
	mux := http.NewServeMux()
	mux.Handle("/auth/", a.Handler())
	site := httptest.NewServer(mux)
	defer site.Close()

	jar, err := cookiejar.New(nil)
	if err != nil {
		log.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	send := func(method, path, body string) {
		r, err := http.NewRequest(method, site.URL+path, strings.NewReader(body))
		if err != nil {
			log.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Sec-Fetch-Site", "same-origin") // which browsers set
		res, err := browser.Do(r)
		if err != nil {
			log.Fatal(err)
		}
		res.Body.Close()
		fmt.Println(method, path, res.StatusCode)
	}
	const bob = `{"email":"bob@example.com","password":"a long pass phrase"}`
	send("POST", "/auth/register", bob)
	send("GET", "/auth/user", "")
	send("POST", "/auth/logout", "")
	send("GET", "/auth/user", "")
	send("POST", "/auth/login", bob)
	send("GET", "/auth/user", "")
	// Output:
	// POST /auth/register 201
	// GET /auth/user 200
	// POST /auth/logout 204
	// GET /auth/user 401
	// POST /auth/login 200
	// GET /auth/user 200
}
