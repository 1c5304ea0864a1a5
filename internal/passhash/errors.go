package passhash

import "errors"

var (
	// ErrMalformed means that a stored hash is empty, not a PHC string of
	// Argon2id version 19, or out of bounds. Nothing was computed. It is
	// the fault of what wrote the row, not of who signs in.
	ErrMalformed = errors.New("passhash: stored hash is malformed")

	// ErrTooLong means that a password has more than MaxPassword bytes.
	// Nothing was computed.
	ErrTooLong = errors.New("passhash: password is too long")

	// ErrOverloaded means that all slots and all places in the queue are
	// taken. Nothing was computed; trying again later is right, and 503
	// with Retry-After is the answer to give.
	ErrOverloaded = errors.New("passhash: too many passwords are being checked")
)
