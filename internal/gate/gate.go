package passhash

import (
	"container/list"
	"context"
	"fmt"
	"sync"
)

// gate lets callers in as slots are free, first come, first served, and turns
// away who finds its queue full.
type gate struct {
	size   int // slots
	places int // in the queue

	mu    sync.Mutex
	free  int       // slots; guarded by mu
	queue list.List // of *waiter; guarded by mu
}

type waiter struct {
	slots int
	in    chan struct{} // closed under mu when the slots are the waiter's
}

// enter takes slots, all of them if that many do not exist, and returns the
// function that gives them back. It waits its turn until ctx ends.
func (g *gate) enter(ctx context.Context, slots int) (release func(), err error) {
	// A caller who has hung up must not cost a hash.
	if err := ctx.Err(); err != nil {
		return nil, left(err)
	}
	slots = min(slots, g.size)
	release = func() { g.leave(slots) }

	g.mu.Lock()
	if g.queue.Len() == 0 && g.free >= slots {
		g.free -= slots
		g.mu.Unlock()
		return release, nil
	}
	if g.queue.Len() >= g.places {
		g.mu.Unlock()
		return nil, ErrOverloaded
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
	return release, nil
}

// abandon frees the place of a waiter who gave up, or the slots if they were
// given in the same moment.
func (g *gate) abandon(place *list.Element, w *waiter) {
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

func (g *gate) leave(slots int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free += slots
	g.admit()
}

// admit lets in from the head of the queue. A head that needs more slots than
// are free holds up those behind it: overtaken again and again, it would
// starve. The caller holds mu.
func (g *gate) admit() {
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
	return fmt.Errorf("passhash: no longer waiting for a slot: %w", err)
}
