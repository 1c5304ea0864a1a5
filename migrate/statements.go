package migrate

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"

	entsql "entgo.io/ent/dialect/sql"
)

const (
	maxStatements = 256
	// longestStatement keeps out the long lists of IN (…): their lengths vary, and
	// planning is not what they cost.
	longestStatement = 4 << 10
)

// statements keeps prepared statements for a pool whose driver does not: Ent hands the
// driver the text each time, and the server plans it each time.
//
// Only what reads is kept, and only outside of transactions: whatever goes wrong with
// a kept statement, the query can be sent again as text, and nothing was done twice.
// A text is prepared when it is seen for the second time, so that those which are
// never seen again cost nothing.
type statements struct {
	db   *sql.DB
	gate *gate // nil: the server need not be proved direct
	vars any   // what Ent keeps session variables under in a context

	mu   sync.Mutex // guards the rest, and what is in it
	kept *lru[*statement]
	seen *lru[bool] // once, and whether it is being prepared
	hits int
}

// statement is closed when it is evicted and nobody is about to run it. Rows that are
// still being read keep it open themselves; database/sql sees to that.
type statement struct {
	*sql.Stmt
	users   int
	evicted bool
}

func newStatements(db *sql.DB, g *gate) *statements {
	return &statements{db: db, gate: g, vars: varsKey(), kept: newLRU[*statement](maxStatements), seen: newLRU[bool](maxStatements)}
}

// query runs a query with a kept statement. When it returns no rows and no error, the
// caller sends the text: there is no such statement, or it has become useless.
func (s *statements) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	// Session variables are set on one connection, on which the query must run too.
	if len(query) > longestStatement || !isSelect(query) || ctx.Value(s.vars) != nil {
		return nil, nil
	}
	if !s.gate.enter() {
		return nil, nil
	}
	defer s.gate.leave()
	st := s.take(ctx, query)
	if st == nil {
		return nil, nil
	}
	rows, err := st.QueryContext(ctx, args...)
	stale := err != nil && isStale(err)
	s.release(query, st, stale)
	if stale {
		return nil, nil
	}
	return rows, err
}

// take returns the statement of a text, which must be released, or nil.
func (s *statements) take(ctx context.Context, query string) *statement {
	if st, prepare := s.find(query); !prepare {
		return st
	}
	stmt, err := s.db.PrepareContext(ctx, query) // meanwhile others send the text
	s.mu.Lock()
	if err != nil { // the text will tell why
		s.seen.put(query, false)
		s.mu.Unlock()
		return nil
	}
	s.seen.remove(query)
	st := &statement{Stmt: stmt, users: 1}
	gone, ok := s.kept.put(query, st)
	idle := ok && gone.evict()
	s.mu.Unlock()
	if idle {
		_ = gone.Close() // nobody waits for it any more
	}
	return st
}

// find returns the statement of a text, or says that it should be prepared now.
func (s *statements) find(query string) (st *statement, prepare bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, ok := s.kept.get(query); ok {
		st.users++
		s.hits++
		return st, false
	}
	busy, again := s.seen.get(query)
	if !busy {
		s.seen.put(query, again)
	}
	return nil, again && !busy
}

// release gives a statement back, for good if it is stale.
func (s *statements) release(query string, st *statement, stale bool) {
	s.mu.Lock()
	st.users--
	if stale {
		if now, ok := s.kept.get(query); ok && now == st {
			s.kept.remove(query)
		}
		st.evicted = true
	}
	idle := st.evicted && st.users == 0
	s.mu.Unlock()
	if idle {
		_ = st.Close() // closing it twice does nothing
	}
}

// evict marks a statement that is no longer kept, and reports whether nobody uses it.
func (st *statement) evict() bool {
	st.evicted = true
	return st.users == 0
}

// isStale reports whether a statement failed because it was prepared, before its first
// row. The package knows no driver: PostgreSQL's codes come by a method that its
// drivers share, MySQL's stand in the text.
func isStale(err error) bool {
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		switch coded.SQLState() {
		case "0A000", // cached plan must not change result type
			"26000", // prepared statement does not exist
			"42P05": // prepared statement exists already
			return true
		}
		return false
	}
	return errors.Is(err, driver.ErrBadConn) ||
		containsAny(err.Error(), "Error 1243", "Error 1461", "Error 1615") // unknown, too many, needs to be re-prepared
}

// varsKey returns the key that Ent keeps to itself, by being the context that it asks.
func varsKey() any {
	k := keyCatcher{context.Background(), new(any)}
	entsql.VarFromContext(k, "")
	return *k.key
}

type keyCatcher struct {
	context.Context
	key *any
}

// Value notes the key.
func (k keyCatcher) Value(key any) any {
	*k.key = key
	return nil
}
