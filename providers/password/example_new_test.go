package password_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

func ExampleNew() {
	client, closeDB := openExample() // migrate.Open(ctx, "sqlite3", "file:app.db")
	defer closeDB()

	a, err := auth.New(client, auth.Config{
		BaseURL:   "http://localhost:8080",
		Logger:    slog.New(slog.DiscardHandler),
		Providers: []auth.Provider{password.New(password.Config{MinLength: 15})},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close(context.Background())
	mux := http.NewServeMux()
	mux.Handle("/auth/", a.Handler())

	for _, secret := range []string{"too short", "a long pass phrase"} {
		body := fmt.Sprintf(`{"email":"ann@example.com","password":%q}`, secret)
		r := httptest.NewRequest("POST", "/auth/register", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code, len(w.Result().Cookies()) > 0)
	}
	// Output:
	// 422 false
	// 201 true
}
