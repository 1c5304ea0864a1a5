package bench_test

import (
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/testdb"
)

// BenchmarkSession is what every request of a signed-in user costs: cookie, token,
// session and user from the database, expiry, context.
func BenchmarkSession(b *testing.B) {
	for _, dialect := range testdb.Dialects() {
		b.Run(dialect, func(b *testing.B) {
			s := newSite(b, dialect, stub)
			torii, hand := s.sessionChecks(b)
			b.Run("turns", func(b *testing.B) { inTurns(b, 200, torii(b), hand(b)) })
			b.Run("torii", func(b *testing.B) { alone(b, torii(b)) })
			b.Run("hand", func(b *testing.B) { alone(b, hand(b)) })
		})
	}
}

// BenchmarkNobody is what a request without a cookie costs where anybody may come: the
// floor of mux, recorder and context beside it.
func BenchmarkNobody(b *testing.B) {
	s := newSite(b, "sqlite3", stub)
	answer := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	s.mux.Handle("GET /torii", s.auth.LoadUser(http.HandlerFunc(answer)))
	s.mux.HandleFunc("GET /hand", answer)
	torii, hand := get("/torii", ""), get("/hand", "")
	b.Run("turns", func(b *testing.B) {
		inTurns(b, 2000,
			func(int) { s.serve(b, torii, http.StatusNoContent) },
			func(int) { s.serve(b, hand, http.StatusNoContent) })
	})
}

// sessionChecks mounts both ways to check a session and returns what calls them.
func (s *site) sessionChecks(b *testing.B) (torii, hand func(*testing.B) func(int)) {
	b.Helper()
	s.mux.Handle("GET /torii", s.auth.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, ok := auth.UserFrom(r.Context()); !ok || u.Email == "" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})))
	s.mux.Handle("GET /hand", requireUser(s.prepare(b, handLookup, 1), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, ok := r.Context().Value(handKey{}).(*handIdentity); !ok || id.user.Email == "" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})))
	return s.gets("/torii"), s.gets("/hand")
}

// gets returns a function that sends a GET of somebody else each time. The requests are
// made beforehand: what making one costs is no part of the answer.
func (s *site) gets(path string) func(*testing.B) func(int) {
	requests := make([]*http.Request, 4096)
	for i := range requests {
		requests[i] = get(path, s.tokens[i*7919%len(s.tokens)])
	}
	return func(b *testing.B) func(int) {
		return func(i int) { s.serve(b, requests[i%len(requests)], http.StatusNoContent) }
	}
}
