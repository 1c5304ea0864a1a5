package sessions

// What the tests look at from outside.
var (
	EncodeFactors = encodeFactors
	DecodeFactors = decodeFactors
)

// The bounds that the tests try out.
const (
	MaxFactors = maxFactors
)
