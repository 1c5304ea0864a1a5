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
	// due holds a value when a mail waits to be sent.
	due chan struct{}
	// crew sends the mails.
	crew crew
}

func (w *worker) init() {
	w.ctx, w.quit = context.WithCancel(context.Background())
	w.done = make(chan struct{})
	w.due = make(chan struct{}, 1)
	w.crew.slots = make(chan struct{}, mailsAtOnce)
}

// wake has the outbox looked at now.
func (w *worker) wake() {
	select {
	case w.due <- struct{}{}:
	default: // it will be
	}
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
	defer func() {
		_ = w.crew.wait(context.Background()) // each of them ends soon after w.ctx
		close(w.done)
	}()
	sweep, mails := time.NewTicker(sweepEvery), time.NewTicker(mailEvery)
	defer sweep.Stop()
	defer mails.Stop()
	for {
		var err error
		select {
		case <-w.ctx.Done():
			return
		case <-sweep.C:
			_, err = a.CleanUp(w.ctx)
		case <-mails.C:
			err = a.postSome()
		case <-w.due:
			err = a.postSome()
		}
		if err != nil && w.ctx.Err() == nil {
			a.log.Error("auth: background work", "error", err)
		}
	}
}

// postSome begins to send mails and does not wait until they are sent: one that takes
// long holds up neither the others nor the clean-up.
func (a *Auth) postSome() error {
	if a.cfg.Mail.Sender == nil {
		return nil
	}
	more, err := a.post(a.worker.ctx)
	if more && err == nil {
		a.worker.wake()
	}
	return err
}

// CleanUp deletes what has expired: sessions, unfinished flows, mailed secrets, mails
// that could not be sent, counters. It works in small batches with pauses as long as they took, so that
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
		func(ctx context.Context, c *ent.Client) (int, error) {
			return c.Outbox.DeleteExpired(ctx, a.now(), sweepBatch)
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
