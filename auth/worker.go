package auth

import (
	"context"
	"sync"
	"time"

	"github.com/torii-go/torii/ent"
)

const (
	// sweepEvery is the pause between two clean-ups; the first comes one pause after
	// the start.
	sweepEvery = 10 * time.Minute
	// sweepBatch rows are deleted at once: few enough that a sign-in waits for
	// milliseconds.
	sweepBatch = 200
)

// worker is the one goroutine of an Auth.
type worker struct {
	once sync.Once
	quit context.CancelFunc
	ctx  context.Context // ends when the Auth is closed; there is no caller to give one
	done chan struct{}
}

func (w *worker) init() {
	w.ctx, w.quit = context.WithCancel(context.Background())
	w.done = make(chan struct{})
}

func (w *worker) start(a *Auth) {
	w.once.Do(func() { go w.run(a) })
}

// stop ends the worker, or makes sure that it never starts.
func (w *worker) stop(ctx context.Context) error {
	w.quit()
	w.once.Do(func() { close(w.done) })
	select {
	case <-w.done:
		return nil
	default:
	}
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *worker) run(a *Auth) {
	defer close(w.done)
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := a.CleanUp(w.ctx); err != nil && w.ctx.Err() == nil {
			a.log.Error("auth: clean-up", "error", err)
		}
	}
}

// CleanUp deletes what has expired: sessions, unfinished flows, mailed secrets,
// counters. It works in small batches with pauses as long as they took, so that
// sign-ins do not wait, and returns how many rows it deleted. It runs by itself every
// ten minutes; nothing expired is ever accepted meanwhile.
func (a *Auth) CleanUp(ctx context.Context) (int, error) {
	total := 0
	for _, sweep := range []func(context.Context, *ent.Client) (int, error){
		func(ctx context.Context, c *ent.Client) (int, error) { return a.sessions.Sweep(ctx, c, sweepBatch) },
		func(ctx context.Context, c *ent.Client) (int, error) {
			return c.Challenge.DeleteExpired(ctx, a.now(), sweepBatch)
		},
		func(ctx context.Context, c *ent.Client) (int, error) {
			return c.MagicToken.DeleteExpired(ctx, a.now(), sweepBatch)
		},
		func(ctx context.Context, c *ent.Client) (int, error) {
			return c.RateLimit.DeleteExpired(ctx, a.now(), sweepBatch)
		},
	} {
		for {
			start := time.Now()
			n, err := sweep(ctx, a.client)
			total += n
			if err != nil {
				return total, err
			}
			if n < sweepBatch {
				break
			}
			select {
			case <-ctx.Done():
				return total, ctx.Err()
			case <-time.After(time.Since(start)):
			}
		}
	}
	return total, nil
}
