package sessions_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/sessions"
)

var noon = time.Date(2030, time.January, 2, 12, 0, 0, 123456000, time.UTC)

// factors reads "kind@seconds kind@seconds …" after noon.
func factors(s string) []sessions.Factor {
	var list []sessions.Factor
	for word := range strings.FieldsSeq(s) {
		kind, at, _ := strings.Cut(word, "@")
		d, err := time.ParseDuration(at + "s")
		if err != nil {
			panic(err)
		}
		list = append(list, sessions.Factor{Kind: kind, At: noon.Add(d)})
	}
	return list
}

func TestFactorsComeBackAsTheyWere(t *testing.T) {
	for _, row := range []struct{ name, factors string }{
		{"none", ""},
		{"one", "password@0"},
		{"two", "password@0 totp@30"},
		{"before 1970", "password@-4000000000"},
		{"as many as are kept", "a@1 b@2 c@3 d@4 e@5 f@6 g@7 h@8"},
		{"a kind of another script", "пароль@0"},
	} {
		want := factors(row.factors)
		stored := sessions.EncodeFactors(want)
		if got := sessions.DecodeFactors(stored); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v, stored as %q", row.name, got, want, stored)
		}
		if n := len(stored); n > 512 {
			t.Errorf("%s: %d bytes, and the column has 512", row.name, n)
		}
	}
	if got := sessions.DecodeFactors(sessions.EncodeFactors(factors("a@1 b@2 c@3 d@4 e@5 f@6 g@7 h@8 i@9"))); len(got) != sessions.MaxFactors {
		t.Errorf("%d factors are kept, want %d", len(got), sessions.MaxFactors)
	}
}

// What is not understood proves nothing; what is stays.
func TestDecodeFactors(t *testing.T) {
	for _, row := range []struct{ name, stored, want string }{
		{"nothing", "", ""},
		{"a version and no factor", "v1", ""},
		{"a version and a space", "v1 ", ""},
		{"the next version", "v2 password@1893585600123456", ""},
		{"no version", "password@1893585600123456", ""},
		{"a version in upper case", "V1 password@1893585600123456", ""},
		{"a version that goes on", "v10 password@1893585600123456", ""},
		{"one factor", "v1 password@1893585600123456", "password@0"},
		{"two factors", "v1 password@1893585600123456 totp@1893585601123456", "password@0 totp@1"},
		{"no time", "v1 password", ""},
		{"an empty time", "v1 password@", ""},
		{"a time that is no number", "v1 password@noon", ""},
		{"a time too large", "v1 password@99999999999999999999", ""},
		{"a broken one before a good one", "v1 password@x totp@1893585600123456", "totp@0"},
		{"spaces too many", "v1   password@1893585600123456 ", "password@0"},
		{"JSON", `[{"kind":"password"}]`, ""},
	} {
		got, want := sessions.DecodeFactors(row.stored), factors(row.want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v, from %q", row.name, got, want, row.stored)
		}
	}
}

func FuzzDecodeFactors(f *testing.F) {
	for _, s := range []string{"", "v1", "v1 password@1893585600123456 totp@1", "v2 x@1", "v1 @ @@ a@-1", "v1 a@9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, stored string) {
		got := sessions.DecodeFactors(stored)
		if len(got) > 0 && !strings.HasPrefix(stored, "v1 ") {
			t.Fatalf("%v from the unknown form %q", got, stored)
		}
		for _, factor := range got {
			if strings.ContainsAny(factor.Kind, " @") || factor.At.Location() != time.UTC {
				t.Fatalf("%+v from %q", factor, stored)
			}
		}
		if len(got) > sessions.MaxFactors {
			return
		}
		if again := sessions.DecodeFactors(sessions.EncodeFactors(got)); !slices.Equal(again, got) {
			t.Fatalf("%v became %v, from %q", got, again, stored)
		}
	})
}

func TestMerge(t *testing.T) {
	for _, row := range []struct{ name, have, more, want string }{
		{"nothing and nothing", "", "", ""},
		{"a first factor", "", "password@1", "password@1"},
		{"another kind is added behind", "password@1", "totp@2", "password@1 totp@2"},
		{"the same kind is renewed in its place", "password@1 totp@2", "password@3", "password@3 totp@2"},
		{"an older proof changes nothing", "password@3", "password@1", "password@3"},
		{"the same kind twice in more", "", "totp@1 totp@2", "totp@2"},
		{"a kind differs by case", "totp@1", "TOTP@2", "totp@1 TOTP@2"},
	} {
		have := factors(row.have)
		got := sessions.Merge(have, factors(row.more)...)
		if want := factors(row.want); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v, from %s and %s", row.name, got, want, row.have, row.more)
		}
		if !slices.Equal(have, factors(row.have)) {
			t.Errorf("%s: what was given has changed to %v", row.name, have)
		}
	}
}

func TestProvenAt(t *testing.T) {
	s := sessions.Session{Factors: factors("password@1 totp@3 passkey@2")}
	for _, row := range []struct {
		name  string
		kinds []string
		want  time.Time
	}{
		{"one kind", []string{"password"}, noon.Add(time.Second)},
		{"the latest of two", []string{"password", "passkey"}, noon.Add(2 * time.Second)},
		{"a kind that was not proven", []string{"host"}, time.Time{}},
		{"no kind", nil, time.Time{}},
		{"a kind in another case", []string{"Password"}, time.Time{}},
	} {
		if got := s.ProvenAt(row.kinds...); !got.Equal(row.want) {
			t.Errorf("%s: %v, want %v for %q", row.name, got, row.want, row.kinds)
		}
	}
}
