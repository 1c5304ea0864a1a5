package auth

// What the tests of the pure functions reach for.
var (
	CheckOrigin   = checkOrigin
	CleanText     = cleanText
	IsDevelopment = isDevelopment
	WaitAfter     = waitAfter
	NewCode       = newCode
	ReadCode      = readCode
	ShowCode      = showCode
)

// DecideUnproven is decide for a user whose address has to be proven first.
func DecideUnproven(disabled, stale bool, p Proof) (methods []string, refuse error) {
	v := decide(standing{disabled: disabled, unproven: true, stale: stale, secondFactors: []string{"totp"}}, p)
	return v.methods, v.refuse
}

// Decide is decide with what it depends on spelled out.
func Decide(disabled, stale bool, secondFactors []string, p Proof) (methods []string, refuse error) {
	v := decide(standing{disabled: disabled, stale: stale, secondFactors: secondFactors}, p)
	return v.methods, v.refuse
}
