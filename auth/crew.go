package auth

import (
	"context"
	"sync"
)

// crew is who sends mails: so many at a time.
type crew struct {
	slots chan struct{}

	mu   sync.Mutex
	busy int           // guarded by mu
	idle chan struct{} // guarded by mu; closed when nobody is busy any more
}

// enter waits for a place.
func (c *crew) enter(ctx context.Context) error {
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy == 0 {
		c.idle = make(chan struct{})
	}
	c.busy++
	return nil
}

func (c *crew) leave() {
	c.mu.Lock()
	if c.busy--; c.busy == 0 {
		close(c.idle)
	}
	c.mu.Unlock()
	<-c.slots
}

// wait returns when nobody is busy.
func (c *crew) wait(ctx context.Context) error {
	c.mu.Lock()
	idle, busy := c.idle, c.busy
	c.mu.Unlock()
	if busy == 0 {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
