package timing_test

import (
	"math"
	"slices"
	"testing"
)

// The values are printed by R's wilcox.test and SciPy's mannwhitneyu with the normal
// approximation and both corrections.
func TestMannWhitneyAgreesWithPublishedValues(t *testing.T) {
	for _, test := range []struct {
		name   string
		xs, ys []float64
		u      float64
		p      float64
		digits float64 // to which p was printed
	}{
		{
			"without ties: the example of SciPy's manual, ages at diagnosis of men and women",
			[]float64{19, 22, 16, 29, 24}, []float64{20, 11, 17, 12},
			17, 0.11134688653314041, 1e-12,
		},
		{
			"with ties, far apart: the example of R's manual, ozone in New York in May and August 1973",
			[]float64{41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37},
			[]float64{39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85},
			127.5, 0.0001208, 5e-8,
		},
		{
			"with ties, alike: R, from endmemo.com/r/wilcoxon.php",
			[]float64{1, 5, 9, 24, 56, 21, 3, 7, 21, 4}, []float64{12, 15, 5, 9, 9, 14, 56, 22, 3, 7, 32, 5},
			51.5, 0.5966, 5e-5,
		},
		{
			"all of one below all of the other: R, from the same page",
			[]float64{1, 5, 9, 24, 56, 21, 3, 7, 21, 4}, []float64{1233, 4356, 987, 39999, 1111, 200000},
			0, 0.001364, 5e-7,
		},
		{"a sample and itself", []float64{1, 2, 3}, []float64{3, 2, 1}, 4.5, 1, 0},
		{"one value everywhere", []float64{7, 7}, []float64{7, 7, 7}, 3, 1, 0},
		{"nothing to compare with", []float64{7, 8}, nil, 0, 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			xs := slices.Clone(test.xs)
			u, p := mannWhitney(xs, test.ys)
			if u != test.u || !(math.Abs(p-test.p) <= test.digits) {
				t.Errorf("U = %v, p = %v, want %v, %v", u, p, test.u, test.p)
			}
			// The other way round the same pairs are counted from the other side.
			back, q := mannWhitney(test.ys, xs)
			if all := float64(len(xs) * len(test.ys)); back != all-test.u || !(math.Abs(q-test.p) <= test.digits) {
				t.Errorf("the other way round: U = %v, p = %v, want %v, %v", back, q, all-test.u, test.p)
			}
			if !slices.Equal(xs, test.xs) {
				t.Error("the sample was changed")
			}
		})
	}
}
