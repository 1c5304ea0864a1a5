package passkey_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/torii-go/torii/providers/passkey"
)

// A site under two domains has one relying party. Browsers read at a fixed place that the
// other domain may use its passkeys.
func ExampleConfig() {
	a, _, done := example(passkey.New(passkey.Config{Origins: []string{"https://app.example.de"}}))
	defer done()

	mux := http.NewServeMux()
	mux.Handle("/auth/", a.Handler())
	mux.Handle("/.well-known/", a.WellKnown())

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/.well-known/webauthn", nil))
	fmt.Println(w.Body)
	// Output: {"origins":["http://localhost:8080","https://app.example.de"]}
}
