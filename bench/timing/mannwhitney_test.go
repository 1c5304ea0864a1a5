package timing_test

import (
	"cmp"
	"math"
	"slices"
)

// mannWhitney compares two samples by the ranks of their values in both together. It
// returns U, how many pairs (x, y) have x > y, ties counted half; and p, how likely a U
// as far from the middle is if both come from the same distribution: 1 is in the middle,
// 0 says that they do not.
//
// p is two-sided, by the normal approximation with corrections for ties and continuity,
// which is good from some ten values on. Samples that are empty or all one value tell
// nothing: p is 1.
func mannWhitney(xs, ys []float64) (u, p float64) {
	type value struct {
		v    float64
		ours bool // of xs
	}
	var all []value
	for _, v := range xs {
		all = append(all, value{v, true})
	}
	for _, v := range ys {
		all = append(all, value{v, false})
	}
	slices.SortFunc(all, func(a, b value) int { return cmp.Compare(a.v, b.v) })

	ranks, ties := 0.0, 0.0 // the sum of the ranks of xs; that of t³-t for each tie of t
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].v == all[from].v {
			to++
		}
		rank := float64(from+1+to) / 2 // the mean of from+1 … to
		for _, v := range all[from:to] {
			if v.ours {
				ranks += rank
			}
		}
		t := float64(to - from)
		ties += t*t*t - t
		from = to
	}
	n, m := float64(len(xs)), float64(len(ys))
	u = ranks - n*(n+1)/2
	variance := n * m / 12 * (n + m + 1 - ties/((n+m)*(n+m-1)))
	if !(variance > 0) {
		return u, 1
	}
	z := max(0, math.Abs(u-n*m/2)-0.5) / math.Sqrt(variance)
	return u, math.Erfc(z / math.Sqrt2)
}
