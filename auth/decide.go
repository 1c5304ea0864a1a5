package auth

import "slices"

// standing is what the database says about a user at the moment of the decision, read
// under a lock on the user's row.
type standing struct {
	disabled bool
	// unproven is true if the address has to be proven first, and has not been.
	unproven bool
	// secondFactors are the kinds of second factor that the user has enrolled.
	secondFactors []string
	// stale is true if a credential that was verified is not there any more, or is
	// another one now.
	stale bool
}

// verdict is the door's decision: refused with an error, or entering, or waiting for
// one of the methods.
type verdict struct {
	refuse  error
	methods []string
}

// decide says whether a proof lets a user in. It is pure: everything it depends on is
// in its arguments.
func decide(s standing, p Proof) verdict {
	switch {
	case s.disabled:
		// The same as a wrong password: that an account is disabled is not told.
		return verdict{refuse: ErrInvalidCredentials}
	case s.unproven && p.Provider == FactorHost:
		return verdict{refuse: ErrEmailUnverified}
	case s.unproven:
		return verdict{refuse: ErrInvalidCredentials} // nor is this
	case s.stale:
		return verdict{refuse: ErrStaleProof}
	}
	if len(s.secondFactors) == 0 {
		return verdict{}
	}
	proven := map[string]bool{}
	second := false
	for _, f := range p.Factors {
		proven[f.Kind] = true
		second = second || slices.Contains(s.secondFactors, f.Kind)
	}
	// A second factor by itself is one factor.
	if second && len(proven) >= 2 {
		return verdict{}
	}
	return verdict{methods: s.secondFactors}
}
