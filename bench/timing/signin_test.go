package timing_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/internal/passhash"
	"github.com/torii-go/torii/internal/testdb"
)

const (
	// tries is how often each kind is tried.
	tries = 300
	// warmUp is how many more there are before, whose times are not kept: connections
	// are made and statements prepared.
	warmUp = 20
	// Two kinds are told apart if the one's median is further than this from the
	// other's, or if chance would make such a difference more rarely than that.
	mostOff = 0.10
	leastP  = 0.01
)

// stub is a hash that costs next to nothing.
var stub = passhash.Params{Memory: 8, Time: 1, Threads: 1}

// BenchmarkSignInTiming fails to sign in. In each round every kind is tried once, in
// random order: whatever else the machine does falls on all of them.
//
// "whole" has the hash at its default cost, as somebody who guesses meets it. "stub" shows
// what is around the hash: differences that the hash and the machine's noise hide from
// 300 tries, and perhaps not from a million.
func BenchmarkSignInTiming(b *testing.B) {
	for _, hash := range []struct {
		name   string
		params passhash.Params
		config auth.HashConfig
	}{
		{"whole", passhash.DefaultParams, auth.HashConfig{}},
		{"stub", stub, auth.HashConfig{MemoryKiB: stub.Memory, Passes: stub.Time, InsecureParams: true}},
	} {
		for _, dialect := range testdb.Dialects() {
			b.Run(hash.name+"/"+dialect, func(b *testing.B) {
				all := kinds(hash.params)
				for b.Loop() {
					s := newSite(b, testdb.New(b, dialect), hash.config, all, warmUp+tries)
					report(b, all, s.measure(b, all, warmUp, tries))
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// measure returns the milliseconds of each kind's tries.
func (s *site) measure(t testing.TB, kinds []kind, warmUp, tries int) [][]float64 {
	t.Helper()
	took := make([][]float64, len(kinds))
	for try := range warmUp + tries {
		for _, i := range rand.Perm(len(kinds)) {
			k := kinds[i]
			d := s.signIn(t, k.name, k.email(try), k.password)
			if try >= warmUp {
				took[i] = append(took[i], float64(d)/float64(time.Millisecond))
			}
		}
	}
	return took
}

// report prints a line for each kind, and what tells them apart as metrics. There are no
// more than nine kinds: of the tenth line on, benchmarks print nothing.
func report(b *testing.B, kinds []kind, took [][]float64) {
	b.Helper()
	var text strings.Builder
	for i, k := range kinds {
		median := quantile(took[i], 0.5)
		ratio := median / quantile(took[0], 0.5)
		_, p := mannWhitney(took[i], took[0])
		verdict := "alike"
		if p < leastP || ratio < 1-mostOff || ratio > 1+mostOff {
			verdict = "told apart"
		}
		fmt.Fprintf(&text, "\n%14s: p10 %6.2f, median %6.2f, p90 %6.2f ms, ratio %.3f, p %.4f, %s",
			k.name, quantile(took[i], 0.1), median, quantile(took[i], 0.9), ratio, p, verdict)
		if i == 0 {
			b.ReportMetric(median, k.name+"-ms")
			continue
		}
		b.ReportMetric(ratio, k.name+"-ratio")
		b.ReportMetric(p, k.name+"-p")
	}
	b.Log(strings.TrimPrefix(text.String(), "\n"))
}

// quantile is the value below which that part of a sample lies, between its neighbours.
func quantile(sample []float64, part float64) float64 {
	sample = slices.Sorted(slices.Values(sample))
	at := part * float64(len(sample)-1)
	i := int(at)
	if i+1 >= len(sample) {
		return sample[i]
	}
	return sample[i] + (at-float64(i))*(sample[i+1]-sample[i])
}

// signIn ends the test at an answer that differs from the others, and at a refusal that
// did not cost one hash.
func TestEveryKindHasOneAnswerForOneHash(t *testing.T) {
	hash := auth.HashConfig{MemoryKiB: stub.Memory, Passes: stub.Time, InsecureParams: true}
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		all := kinds(stub)
		s, want := newSite(t, db, hash, all, 3), 0
		for i, list := range s.measure(t, all, 1, 2) {
			if len(list) != 2 || slices.Min(list) <= 0 {
				t.Errorf("%s: %v, want two times", all[i].name, list)
			}
			if all[i].account {
				want += 3
			}
		}
		// What is taken for a kind of account is one: the log has the user's id.
		got, err := s.client.AuthEvent.Query().Where(authevent.UserIDNEQ("")).Count(t.Context())
		if err != nil || got != want {
			t.Errorf("%d refusals at accounts, want %d: %v", got, want, err)
		}
	})
}
