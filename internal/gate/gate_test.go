package gate_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/torii-go/torii/internal/gate"
)

// Who finds the queue full is told how long it takes until it is through.
func TestAFullQueueTellsHowLongItTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gate.New(2, 4)
		hold := func() {
			leave, err := g.Enter(t.Context(), 1)
			if err != nil {
				t.Error(err)
				return
			}
			time.Sleep(time.Second)
			leave()
		}
		hold() // nobody knows how long a slot is held before this
		for range 6 {
			go hold()
		}
		synctest.Wait()
		_, err := g.Enter(t.Context(), 1)
		full, ok := errors.AsType[*gate.FullError](err)
		if !ok {
			t.Fatalf("got %v, want a FullError", err)
		}
		if want := 2500 * time.Millisecond; full.Wait != want { // 5 of 1 s through 2 slots
			t.Errorf("the wait is %s, want %s", full.Wait, want)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if leave, err := g.Enter(t.Context(), 1); err != nil {
			t.Errorf("after the wait: %v", err)
		} else {
			leave()
		}
	})
}

// A turn is kept for nobody who has gone, and no slot is lost with them.
func TestWhoLeavesTheQueueCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gate.New(1, 10)
		first, err := g.Enter(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		for range 10 {
			go func() {
				if _, err := g.Enter(ctx, 1); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want context.Canceled", err)
				}
			}()
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		first()
		leave, err := g.Enter(t.Context(), 5) // more than there are: all of them
		if err != nil {
			t.Fatal(err)
		}
		leave()
	})
}
