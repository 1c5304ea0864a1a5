package authtest

import "sync"

// InParallel runs f n times at once, with 0 to n-1, and counts what the calls returned.
// It is for what only one of many may win: a code that is used once, the last seat, an
// address that two people register.
//
//	won := authtest.InParallel(20, func(int) bool { return redeem(code) == nil })
//	if won[true] != 1 {
//		t.Errorf("%d of 20 redeemed one code", won[true])
//	}
//
// The calls start together, when each has a goroutine; InParallel returns when the last
// is done. f calls t.Error where it must, never t.Fatal, which is for the test's own
// goroutine. A [Browser] is for one goroutine: give each call a Clone.
func InParallel[K comparable](n int, f func(i int) K) map[K]int {
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		counts = map[K]int{} // guarded by mu
		start  = make(chan struct{})
	)
	for i := range n {
		wg.Go(func() {
			<-start
			k := f(i)
			mu.Lock()
			defer mu.Unlock()
			counts[k]++
		})
	}
	close(start)
	wg.Wait()
	return counts
}
