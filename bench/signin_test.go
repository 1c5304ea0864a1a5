package bench_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/testdb"
)

// BenchmarkSignIn is POST /auth/login, with a hash that costs nothing and with the
// default one. The hand-written one limits nothing, records nothing and ends no
// session: the difference is what those cost.
func BenchmarkSignIn(b *testing.B) {
	for _, hash := range []struct {
		name   string
		config auth.HashConfig
		memory uint32
		passes uint32
		slice  int
	}{
		{"stub", stub, stub.MemoryKiB, stub.Passes, 20},
		{"whole", auth.HashConfig{}, 19456, 2, 2},
	} {
		for _, dialect := range testdb.Dialects() {
			b.Run(hash.name+"/"+dialect, func(b *testing.B) {
				s := newSite(b, dialect, hash.config)
				s.mux.Handle("POST /hand", signIn(s.prepare(b, handPassword, 1), s.prepare(b, handInsert, 11), hash.memory, hash.passes))
				torii := func(b *testing.B) func(int) { return func(i int) { s.login(b, "/auth/login", i) } }
				hand := func(b *testing.B) func(int) { return func(i int) { s.login(b, "/hand", i) } }
				b.Run("turns", func(b *testing.B) { inTurns(b, hash.slice, torii(b), hand(b)) })
				b.Run("torii", func(b *testing.B) { alone(b, torii(b)) })
			})
		}
	}
}

// login signs in somebody else each time, from an address of their own.
func (s *site) login(b *testing.B, path string, i int) {
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, email(i%users), phrase)
	r := httptest.NewRequest(http.MethodPost, origin+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", userAgent)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = fmt.Sprintf("198.51.100.%d:4000", i%250)
	s.serve(b, r, http.StatusOK)
}
