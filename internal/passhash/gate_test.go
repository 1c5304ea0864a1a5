package passhash_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/torii-go/torii/internal/passhash"
)

// slotsOf says how many hashes run at a time: of many callers, those that are
// let in when all others wait.
func slotsOf(t *testing.T, c passhash.Config) int {
	t.Helper()
	var inside atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		h, open := newHasher(t, c), make(chan struct{})
		var in atomic.Int64
		h.WithDoor(func(uint32) { in.Add(1); <-open })
		for range 2*runtime.GOMAXPROCS(0) + 50 {
			go func() { _, _ = h.Hash(t.Context(), "x") }()
		}
		synctest.Wait()
		inside.Store(in.Load())
		close(open)
		synctest.Wait()
	})
	return int(inside.Load())
}

func TestSlotsAndQueueAreExact(t *testing.T) {
	tests := []struct{ slots, queue, callers, overloaded int }{
		{1, 100, 60, 0},
		{3, 57, 60, 0},
		{3, 56, 60, 1},
		{3, 10, 100, 87},
		{4, -1, 60, 56},
		{2, 0, 2 + 2*128, 0},
		{2, 0, 2 + 2*128 + 5, 5},
	}
	for _, tt := range tests {
		name := fmt.Sprintf("%d callers for %d slots and %d places", tt.callers, tt.slots, tt.queue)
		synctest.Test(t, func(t *testing.T) {
			h := newHasher(t, passhash.Config{Concurrency: tt.slots, Queue: tt.queue})
			step := make(chan struct{})
			var running, most, done, overloaded atomic.Int64
			h.WithDoor(func(uint32) {
				n := running.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				<-step
				running.Add(-1)
			})
			for i := range tt.callers {
				go func() {
					var err error
					if i%2 == 0 {
						_, err = h.Hash(t.Context(), "x")
					} else {
						err = h.Dummy(t.Context(), "x")
					}
					switch {
					case err == nil:
						done.Add(1)
					case errors.Is(err, passhash.ErrOverloaded):
						overloaded.Add(1)
					default:
						t.Errorf("%s: %v", name, err)
					}
				}()
			}
			served := tt.callers - tt.overloaded
			for left := served; left > 0; left-- {
				synctest.Wait()
				if got, want := running.Load(), int64(min(left, tt.slots)); got != want {
					t.Errorf("%s: %d run with %d to go, want %d", name, got, left, want)
				}
				step <- struct{}{}
			}
			synctest.Wait()
			if done.Load() != int64(served) || overloaded.Load() != int64(tt.overloaded) {
				t.Errorf("%s: %d served and %d overloaded, want %d and %d", name, done.Load(), overloaded.Load(), served, tt.overloaded)
			}
			if most.Load() != int64(tt.slots) {
				t.Errorf("%s: %d ran at a time, want %d", name, most.Load(), tt.slots)
			}
			if h.Hashes() != uint64(served) {
				t.Errorf("%s: Hashes() = %d, want %d", name, h.Hashes(), served)
			}
		})
	}
}

func TestWaiterWhoLeavesFreesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, open := newHasher(t, passhash.Config{Concurrency: 1, Queue: 1}), make(chan struct{})
		h.WithDoor(func(uint32) { <-open })
		hash := func(ctx context.Context) <-chan error {
			result := make(chan error, 1)
			go func() { _, err := h.Hash(ctx, "x"); result <- err }()
			synctest.Wait()
			return result
		}
		first := hash(t.Context())
		ctx, cancel := context.WithCancel(t.Context())
		second := hash(ctx)
		if err := <-hash(t.Context()); !errors.Is(err, passhash.ErrOverloaded) {
			t.Errorf("third caller, queue full: %v, want ErrOverloaded", err)
		}
		cancel()
		if err := <-second; !errors.Is(err, context.Canceled) {
			t.Errorf("second caller, canceled: %v, want context.Canceled", err)
		}
		fourth := hash(t.Context())
		if err := <-hash(t.Context()); !errors.Is(err, passhash.ErrOverloaded) {
			t.Errorf("fifth caller, queue full again: %v, want ErrOverloaded", err)
		}
		close(open)
		for _, result := range []<-chan error{first, fourth} {
			if err := <-result; err != nil {
				t.Errorf("caller with a slot or a place: %v, want none", err)
			}
		}
		if got := h.Hashes(); got != 2 {
			t.Errorf("Hashes() = %d, want 2", got)
		}
	})
}

func TestEndedContextIsNotServed(t *testing.T) {
	h := newHasher(t, passhash.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash = %v, want context.Canceled", err)
	}
	if got, err := h.Verify(ctx, fine, "x"); !errors.Is(err, context.Canceled) || got.OK {
		t.Errorf("Verify = %+v, %v, want context.Canceled", got, err)
	}
	if err := h.Dummy(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Dummy = %v, want context.Canceled", err)
	}
	if got := h.Hashes(); got != 0 {
		t.Errorf("Hashes() = %d, want 0", got)
	}
}

func TestSlotsSurviveLeavingAndPanics(t *testing.T) {
	// Callers who leave in the moment they are let in, and hashes that
	// panic, must give their slots back.
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, passhash.Config{Concurrency: 2, Queue: 1000})
		h.WithDoor(func(memory uint32) {
			if memory == 16 {
				panic("out of memory")
			}
		})
		for i := range 300 {
			go func() {
				defer func() { _ = recover() }()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				switch i % 3 {
				case 0:
					_ = h.Dummy(ctx, "x")
				case 1:
					go cancel()
					_ = h.Dummy(ctx, "x")
				case 2:
					_, _ = h.Verify(ctx, head("m=16,t=1,p=1"), "x")
				}
			}()
		}
		synctest.Wait()

		open := make(chan struct{})
		var running atomic.Int64
		h.WithDoor(func(uint32) { running.Add(1); <-open })
		for range 10 {
			go func() { _ = h.Dummy(t.Context(), "x") }()
		}
		synctest.Wait()
		if got := running.Load(); got != 2 {
			t.Errorf("%d hashes run at a time afterwards, want 2", got)
		}
		close(open)
		synctest.Wait()
	})
}

func TestHeavyHashTakesTheSlotsItDisplaces(t *testing.T) {
	tests := []struct {
		name   string
		stored string
		want   int64 // light hashes beside it, of 4 slots at 8 KiB
	}{
		{"less memory takes one slot", head("m=8,t=1,p=1"), 3},
		{"one KiB more takes two", head("m=9,t=1,p=1"), 2},
		{"three times takes three", head("m=24,t=1,p=1"), 1},
		{"four times takes all", head("m=32,t=1,p=1"), 0},
		{"more than there is takes all", head("m=262144,t=1,p=1"), 0},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			h, open := newHasher(t, passhash.Config{Concurrency: 4}), make(chan struct{})
			var running atomic.Int64
			h.WithDoor(func(uint32) { running.Add(1); <-open })
			go func() { _, _ = h.Verify(t.Context(), tt.stored, "x") }()
			synctest.Wait()
			for range 50 {
				go func() { _ = h.Dummy(t.Context(), "x") }()
			}
			synctest.Wait()
			if got := running.Load() - 1; got != tt.want {
				t.Errorf("%s: %d run beside it, want %d", tt.name, got, tt.want)
			}
			close(open)
			synctest.Wait()
			if got := h.Hashes(); got != 51 {
				t.Errorf("%s: Hashes() = %d, want 51", tt.name, got)
			}
		})
	}
}

func TestHeavyHashIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, open := newHasher(t, passhash.Config{Concurrency: 2}), make(chan struct{})
		order := make(chan uint32, 10)
		h.WithDoor(func(memory uint32) { order <- memory; <-open })
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = h.Dummy(t.Context(), "x") }() // one slot
		synctest.Wait()
		go func() { _, _ = h.Verify(ctx, head("m=16,t=1,p=1"), "x") }() // wants both
		synctest.Wait()
		go func() { _ = h.Dummy(t.Context(), "x") }() // fits, but came later
		synctest.Wait()
		if got := len(order); got != 1 {
			t.Errorf("%d run while the heavy one waits, want 1", got)
		}
		cancel()
		synctest.Wait()
		if got := len(order); got != 2 {
			t.Errorf("%d run when the heavy one has left, want 2", got)
		}
		close(open)
		synctest.Wait()
	})
}
