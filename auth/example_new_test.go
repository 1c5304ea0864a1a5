package auth_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

func ExampleNew() {
	ctx := context.Background()
	client, done := openExample(ctx) // migrate.Open(ctx, "sqlite3", "file:app.db")
	defer done()

	a, err := auth.New(client, auth.Config{
		BaseURL:   "http://localhost:8080",
		Logger:    slog.New(slog.DiscardHandler),
		Providers: []auth.Provider{password.New(password.Config{})},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close(ctx)

	mux := http.NewServeMux()
	mux.Handle("/auth/", a.Handler())
	site := httptest.NewServer(mux)
	defer site.Close()

	res, err := http.Post(site.URL+"/auth/register", "application/json",
		strings.NewReader(`{"email":"ann@example.com","password":"a long pass phrase"}`))
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	fmt.Println(res.Status, res.Cookies()[0].Name)
	// Output: 201 Created torii_session
}
