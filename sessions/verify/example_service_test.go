package verify_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/torii-go/torii/sessions/verify"
)

// A service without a database. It has the site's public key in a file and lets in
// whoever has a token of the site's that is for this service.
func ExampleVerifier_Middleware() {
	site := pairs()["ES256"]
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "site_public.pem")
	if err := os.WriteFile(path, pkix(publicOf(site)), 0o600); err != nil {
		log.Fatal(err)
	}

	key, err := verify.ES256File("k", path)
	if err != nil {
		log.Fatal(err)
	}
	v, err := verify.New(verify.Config{Keys: []verify.Key{key}, Issuer: "site", Audience: "app", Now: atNoon})
	if err != nil {
		log.Fatal(err)
	}
	report := v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _ := verify.ClaimsFrom(r.Context())
		fmt.Fprintln(w, "report for", c.Subject)
	}))

	for _, token := range []string{site.token(site.header(), good), "guessed"} {
		r := httptest.NewRequest("GET", "/report", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		report.ServeHTTP(w, r)
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 200 report for usr_1
	// 401 {"error":{"code":"unauthenticated","message":"Sign in first."}}
}
