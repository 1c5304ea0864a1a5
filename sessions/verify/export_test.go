package verify

// Opens tells whether a token's form, header and signature are right, whatever its type
// and claims: what vectors for signatures ask.
func (v *Verifier) Opens(token string) bool {
	_, _, err := v.open(token)
	return err == nil
}

// Check tells whether a signature is the key's.
func (k Key) Check(input string, signature []byte) bool { return k.k.check(input, signature) }
