// Package passhash stores and checks passwords with Argon2id (RFC 9106).
//
//	hasher, err := passhash.New(passhash.Config{})
//
//	encoded, err := hasher.Hash(ctx, password) // at sign-up
//
//	match, err := hasher.Verify(ctx, encoded, password) // at sign-in
//	if match.OK && match.Rehash {
//		encoded, err = hasher.Hash(ctx, password) // parameters have changed
//	}
//
//	err = hasher.Dummy(ctx, password) // at sign-in to an account that is not there
//
// It protects from fast guessing of a stolen database, from stored hashes
// that would exhaust memory, and from a flood of sign-ins: so many hashes at a
// time as memory and processors bear, a bounded queue behind them, and
// ErrOverloaded beyond it.
//
// It leaves to the caller: which passwords are good enough (it hashes the
// empty one as well), Unicode normalisation, rate limits, and calling Dummy.
package passhash
