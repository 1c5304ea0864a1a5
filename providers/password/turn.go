package password

import (
	"context"
	"sync"
)

// turns lets tries at one account go one after the other in this process. The limiter
// counts a try before it is verified, so a person whose five tabs sign in at once would
// else be taken for one who guesses. It decides nothing: the count is in the database,
// which all instances share.
type turns struct {
	mu    sync.Mutex
	queue map[string]*turn // guarded by mu
}

type turn struct {
	free    chan struct{} // holds one value while nobody has the turn
	waiting int           // guarded by turns.mu: who has it or wants it
}

// wait takes the turn of a key and returns what gives it back.
func (t *turns) wait(ctx context.Context, key string) (done func(), err error) {
	t.mu.Lock()
	if t.queue == nil {
		t.queue = map[string]*turn{}
	}
	mine := t.queue[key]
	if mine == nil {
		mine = &turn{free: make(chan struct{}, 1)}
		mine.free <- struct{}{}
		t.queue[key] = mine
	}
	mine.waiting++
	t.mu.Unlock()

	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if mine.waiting--; mine.waiting == 0 {
			delete(t.queue, key)
		}
	}
	select {
	case <-mine.free:
		return func() {
			mine.free <- struct{}{}
			leave()
		}, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
