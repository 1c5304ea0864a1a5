package auth_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/sessions"
)

func TestAProofOfOneFactorLetsAUserIn(t *testing.T) {
	methods, refuse := auth.Decide(false, false, nil, proofOf("password"))
	if refuse != nil || methods != nil {
		t.Errorf("decide = %v, %q, want neither a refusal nor a wait", refuse, methods)
	}
}

// proofOf is a proof of factors of these kinds.
func proofOf(kinds ...string) auth.Proof {
	var p auth.Proof
	for i, k := range kinds {
		p.Factors = append(p.Factors, sessions.Factor{Kind: k, At: time.Unix(int64(1000+i), 0)})
	}
	return p
}

func TestDecide(t *testing.T) {
	totp, both := []string{"totp"}, []string{"recovery", "totp"}
	tests := []struct {
		name            string
		disabled, stale bool
		enrolled        []string
		proven          []string
		refuse          error
		wait            []string
	}{
		{"any factor opens an account without a second one", false, false, nil, []string{"passkey"}, nil, nil},
		{"two factors open an account without a second one", false, false, nil, []string{"password", "totp"}, nil, nil},
		{"a disabled user reads like a wrong password", true, false, nil, []string{"password"}, auth.ErrInvalidCredentials, nil},
		{"a disabled user is not asked for a second factor", true, false, totp, []string{"password"}, auth.ErrInvalidCredentials, nil},
		{"a disabled user with both factors stays out", true, false, totp, []string{"password", "totp"}, auth.ErrInvalidCredentials, nil},
		{"that a user is disabled comes before that a proof is stale", true, true, nil, []string{"password"}, auth.ErrInvalidCredentials, nil},
		{"a proof of a secret replaced meanwhile is stale", false, true, nil, []string{"password"}, auth.ErrStaleProof, nil},
		{"a stale proof is not parked", false, true, totp, []string{"password"}, auth.ErrStaleProof, nil},
		{"a stale proof of both factors is stale", false, true, totp, []string{"password", "totp"}, auth.ErrStaleProof, nil},
		{"one factor waits for the second", false, false, totp, []string{"password"}, nil, totp},
		{"a mailed link waits for the second factor", false, false, totp, []string{"magic_link"}, nil, totp},
		{"an account elsewhere waits for the second factor", false, false, totp, []string{"oauth"}, nil, totp},
		{"the host's word waits for the second factor", false, false, totp, []string{"host"}, nil, totp},
		{"two factors that are no second factor wait for one", false, false, totp, []string{"password", "magic_link"}, nil, totp},
		{"the second factor alone is one factor", false, false, totp, []string{"totp"}, nil, totp},
		{"the second factor given twice is one factor", false, false, totp, []string{"totp", "totp"}, nil, totp},
		{"the first factor given twice is one factor", false, false, totp, []string{"password", "password"}, nil, totp},
		{"first and second factor enter", false, false, totp, []string{"password", "totp"}, nil, nil},
		{"the order of the factors does not matter", false, false, totp, []string{"totp", "password"}, nil, nil},
		{"any enrolled second factor will do", false, false, both, []string{"password", "recovery"}, nil, nil},
		{"all enrolled kinds are offered", false, false, both, []string{"password"}, nil, both},
		{"a second factor that is not enrolled does not count", false, false, totp, []string{"password", "recovery"}, nil, totp},
		{"a kind that only begins like the enrolled one does not count", false, false, totp, []string{"password", "totp2"}, nil, totp},
	}
	for _, tt := range tests {
		methods, refuse := auth.Decide(tt.disabled, tt.stale, tt.enrolled, proofOf(tt.proven...))
		if !errors.Is(refuse, tt.refuse) || (refuse == nil) != (tt.refuse == nil) || !slices.Equal(methods, tt.wait) {
			t.Errorf("%s: decide = %v, %q, want %v, %q; enrolled %q, proven %q", tt.name, refuse, methods, tt.refuse, tt.wait, tt.enrolled, tt.proven)
		}
	}
}

// Nobody enters before the address is proven where that comes first, nobody is asked for
// a second factor, and only the host, which asks by itself, is told why.
func TestDecideForAnUnprovenAddress(t *testing.T) {
	tests := []struct {
		name            string
		provider        string
		disabled, stale bool
		proven          []string
		want            error
	}{
		{"one factor", "password", false, false, []string{"password"}, auth.ErrInvalidCredentials},
		{"both factors", "password", false, false, []string{"password", "totp"}, auth.ErrInvalidCredentials},
		{"before that a proof is stale", "password", false, true, []string{"password"}, auth.ErrInvalidCredentials},
		{"the host's word", auth.FactorHost, false, false, []string{auth.FactorHost}, auth.ErrEmailUnverified},
		{"the host's word, stale", auth.FactorHost, false, true, []string{auth.FactorHost}, auth.ErrEmailUnverified},
		{"that a user is disabled comes first", auth.FactorHost, true, false, []string{auth.FactorHost}, auth.ErrInvalidCredentials},
		{"another's factor of the host's name", "passkey", false, false, []string{auth.FactorHost}, auth.ErrInvalidCredentials},
	}
	for _, tt := range tests {
		p := proofOf(tt.proven...)
		p.Provider = tt.provider
		if methods, refuse := auth.DecideUnproven(tt.disabled, tt.stale, p); !errors.Is(refuse, tt.want) || methods != nil {
			t.Errorf("%s: decide = %v, %q, want %v", tt.name, refuse, methods, tt.want)
		}
	}
}
