// Package gate bounds how many do something costly at a time.
package gate

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"
)

// Gate lets callers in as slots are free, first come, first served, and turns
// away who finds its queue full. It is safe for concurrent use.
type Gate struct {
	size   int // slots
	places int // in the queue

	mu    sync.Mutex
	free  int           // slots; guarded by mu
	queue list.List     // of *waiter; guarded by mu
	hold  time.Duration // how long a slot is held, lately; guarded by mu
}

// FullError means that all slots and all places in the queue are taken.
type FullError struct {
	// Wait is when the queue of now will have gone in, as far as the last holders tell.
	Wait time.Duration
}

func (e *FullError) Error() string {
	return fmt.Sprintf("the queue is full; it takes %s", e.Wait.Round(time.Millisecond))
}

// New returns a Gate with so many slots, one at least, and places in the queue.
func New(slots, places int) *Gate {
	slots = max(1, slots)
	return &Gate{size: slots, free: slots, places: max(0, places)}
}

type waiter struct {
	slots int
	in    chan struct{} // closed under mu when the slots are the waiter's
}

// Enter takes slots, all of them if that many do not exist, and returns the
// function that gives them back, to be called once. It waits its turn until ctx ends.
// Its errors wrap a [*FullError] or the error of ctx.
func (g *Gate) Enter(ctx context.Context, slots int) (release func(), err error) {
	// A caller who has hung up must not cost a hash.
	if err := ctx.Err(); err != nil {
		return nil, left(err)
	}
	slots = min(slots, g.size)
	var since time.Time
	release = func() { g.leave(slots, time.Since(since)) }

	g.mu.Lock()
	if g.queue.Len() == 0 && g.free >= slots {
		g.free -= slots
		g.mu.Unlock()
		since = time.Now()
		return release, nil
	}
	if g.queue.Len() >= g.places {
		full := &FullError{Wait: g.hold * time.Duration(g.queue.Len()+1) / time.Duration(g.size)}
		g.mu.Unlock()
		return nil, full
	}
	w := &waiter{slots: slots, in: make(chan struct{})}
	place := g.queue.PushBack(w)
	g.mu.Unlock()

	select {
	case <-w.in:
	case <-ctx.Done():
	}
	// Both may have happened, and select chooses by chance.
	if err := ctx.Err(); err != nil {
		g.abandon(place, w)
		return nil, left(err)
	}
	since = time.Now()
	return release, nil
}

// abandon frees the place of a waiter who gave up, or the slots if they were
// given in the same moment.
func (g *Gate) abandon(place *list.Element, w *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-w.in:
		g.free += w.slots
	default:
		g.queue.Remove(place)
	}
	g.admit()
}

// leave also learns how long a slot is held: an eighth of it, so that one slow caller
// is soon forgotten.
func (g *Gate) leave(slots int, held time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.hold == 0 {
		g.hold = held
	}
	g.hold += (held - g.hold) / 8
	g.free += slots
	g.admit()
}

// admit lets in from the head of the queue. A head that needs more slots than
// are free holds up those behind it: overtaken again and again, it would
// starve. The caller holds mu.
func (g *Gate) admit() {
	for head := g.queue.Front(); head != nil; head = g.queue.Front() {
		w := head.Value.(*waiter)
		if w.slots > g.free {
			return
		}
		g.free -= w.slots
		g.queue.Remove(head)
		close(w.in)
	}
}

func left(err error) error {
	return fmt.Errorf("no longer waiting for a turn: %w", err)
}
