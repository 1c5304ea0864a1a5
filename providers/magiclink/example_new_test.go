package magiclink_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/magiclink"
)

// Only people with an account may sign in. Who has none is told the same, and gets no
// mail.
func ExampleNew() {
	client, closeDB := openExample() // migrate.Open(ctx, "sqlite3", "file:app.db")
	defer closeDB()
	ctx := context.Background()
	outbox := &mail.Outbox{} // an application has mail.SMTP here
	a, err := auth.New(client, auth.Config{
		BaseURL:   "http://localhost:8080",
		Mail:      auth.MailConfig{Sender: outbox, From: mail.Address{Name: "Engines", Address: "app@engines.example"}},
		Providers: []auth.Provider{magiclink.New(magiclink.Config{IgnoreUnknown: true})},
		Logger:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close(ctx)
	mux := http.NewServeMux()
	mux.Handle("/auth/", a.Handler())
	if _, err := a.CreateUser(ctx, auth.NewUser{Email: "ann@example.com"}); err != nil {
		fmt.Println(err)
		return
	}

	for _, email := range []string{"ann@example.com", "nobody@example.com"} {
		r := httptest.NewRequest("POST", "/auth/magic-link", strings.NewReader(`{"email":"`+email+`"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if err := a.Deliver(ctx); err != nil {
			fmt.Println(err)
			return
		}
		_, mailed := outbox.Last(email)
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()), "mailed:", mailed)
	}
	// Output:
	// 202 {"status":"check_email"} mailed: true
	// 202 {"status":"check_email"} mailed: false
}
