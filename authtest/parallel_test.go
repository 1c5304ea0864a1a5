package authtest_test

import (
	"maps"
	"sync"
	"testing"

	"github.com/torii-go/torii/authtest"
)

func TestInParallelCountsEveryCall(t *testing.T) {
	for _, n := range []int{-1, 0, 1, 50} {
		got := authtest.InParallel(n, func(i int) int { return i % 3 })
		want := map[int]int{}
		for i := range n {
			want[i%3]++
		}
		if !maps.Equal(got, want) {
			t.Errorf("of %d calls: %v, want %v", n, got, want)
		}
	}
}

// A call that waited for the one before it to return would wait for ever.
func TestInParallelRunsAllAtOnce(t *testing.T) {
	const n = 20
	var all sync.WaitGroup
	all.Add(n)
	authtest.InParallel(n, func(int) struct{} {
		all.Done()
		all.Wait()
		return struct{}{}
	})
}
