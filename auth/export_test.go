package auth

// What the tests of the pure functions reach for.
var (
	CheckOrigin   = checkOrigin
	CleanText     = cleanText
	IsDevelopment = isDevelopment
	WaitAfter     = waitAfter
)

// Decide is decide with what it depends on spelled out.
func Decide(disabled, stale bool, secondFactors []string, p Proof) (methods []string, refuse error) {
	v := decide(standing{disabled: disabled, stale: stale, secondFactors: secondFactors}, p)
	return v.methods, v.refuse
}
