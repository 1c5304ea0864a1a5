package sessions

import (
	"strconv"
	"strings"
	"time"
)

// Factor is one proof of identity: its kind ("password", "passkey", "totp" …) and when
// it was given.
type Factor struct {
	Kind string
	At   time.Time
}

// maxFactors bounds the column: kinds are few, and each is kept once.
const maxFactors = 8

// Merge returns have with each factor of more added, or renewed where its kind is there.
func Merge(have []Factor, more ...Factor) []Factor {
	merged := append([]Factor(nil), have...)
next:
	for _, f := range more {
		for i := range merged {
			if merged[i].Kind == f.Kind {
				if f.At.After(merged[i].At) {
					merged[i].At = f.At
				}
				continue next
			}
		}
		merged = append(merged, f)
	}
	return merged
}

// encodeFactors gives "v1 kind@microseconds …". A stored form with its version costs
// one small parse on the hot path where JSON would cost a decoder.
func encodeFactors(factors []Factor) string {
	b := []byte("v1")
	for i, f := range factors {
		if i == maxFactors {
			break
		}
		b = append(b, ' ')
		b = append(b, f.Kind...)
		b = append(b, '@')
		b = strconv.AppendInt(b, f.At.UnixMicro(), 10)
	}
	return string(b)
}

// decodeFactors reads what encodeFactors wrote. A form it does not know proves
// nothing: the session stays open and is recent for no kind.
func decodeFactors(s string) []Factor {
	rest, ok := strings.CutPrefix(s, "v1 ")
	if !ok {
		return nil
	}
	factors := make([]Factor, 0, 1+strings.Count(rest, " "))
	for rest != "" {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		kind, micros, ok := strings.Cut(word, "@")
		n, err := strconv.ParseInt(micros, 10, 64)
		if !ok || err != nil {
			continue
		}
		factors = append(factors, Factor{Kind: kind, At: time.UnixMicro(n).UTC()})
	}
	return factors
}
