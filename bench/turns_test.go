package bench_test

import (
	"runtime"
	"slices"
	"testing"
	"time"
)

// inTurns measures two ways to do one thing, a slice of the one and a slice of the
// other, so that whatever else the machine does hits both. The ratio of the times is
// the median over the pairs of slices: a pause in one of them is not an answer.
//
// Allocations are counted over all slices and are exact but for the runtime's own.
func inTurns(b *testing.B, slice int, torii, hand func(i int)) {
	b.Helper()
	var (
		ours, theirs side
		ratios       []float64
		next         int
	)
	for i := range 2 * slice { // statements are prepared, caches are warm
		torii(i)
		hand(i)
	}
	for b.Loop() {
		from := next
		next += slice
		var a, c float64
		if len(ratios)%2 == 0 { // who comes second finds the caches warmer
			a = ours.measure(from, slice, torii)
			c = theirs.measure(from, slice, hand)
		} else {
			c = theirs.measure(from, slice, hand)
			a = ours.measure(from, slice, torii)
		}
		ratios = append(ratios, a/c)
	}
	b.ReportMetric(0, "ns/op") // a turn is no operation
	b.ReportMetric(ours.median(), "torii-ns/op")
	b.ReportMetric(theirs.median(), "hand-ns/op")
	b.ReportMetric(median(ratios), "time-ratio")
	n := float64(next)
	b.ReportMetric(float64(ours.allocs)/n, "torii-allocs/op")
	b.ReportMetric(float64(theirs.allocs)/n, "hand-allocs/op")
	b.ReportMetric(float64(ours.allocs)/float64(theirs.allocs), "allocs-ratio")
	b.ReportMetric(float64(ours.bytes)/n, "torii-B/op")
	b.ReportMetric(float64(theirs.bytes)/n, "hand-B/op")
}

// side is what one of the two has taken.
type side struct {
	times         []float64 // ns for one operation, a slice each
	allocs, bytes uint64
}

func (s *side) measure(from, n int, f func(i int)) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for i := from; i < from+n; i++ {
		f(i)
	}
	took := float64(time.Since(start)) / float64(n)
	runtime.ReadMemStats(&after)
	s.times = append(s.times, took)
	s.allocs += after.Mallocs - before.Mallocs
	s.bytes += after.TotalAlloc - before.TotalAlloc
	return took
}

func (s *side) median() float64 { return median(s.times) }

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// alone measures one of the two in Go's own way, for profiles.
func alone(b *testing.B, f func(i int)) {
	b.Helper()
	f(0)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		f(i)
	}
}
