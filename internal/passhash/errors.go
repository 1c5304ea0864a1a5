package passhash

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed means that a stored hash is empty, of no known scheme, not
	// spelled as its scheme asks for, or out of bounds. Nothing was computed. It
	// is the fault of what wrote the row, not of who signs in.
	ErrMalformed = errors.New("passhash: stored hash is malformed")

	// ErrUnsupported is the ErrMalformed of a scheme that is known and not
	// computed here: Argon2d, and bcrypt's $2x$.
	ErrUnsupported = fmt.Errorf("%w: its scheme is not supported", ErrMalformed)

	// ErrTooLong means that a password has more than MaxPassword bytes.
	// Nothing was computed.
	ErrTooLong = errors.New("passhash: password is too long")

	// ErrOverloaded means that all slots and all places in the queue are
	// taken. Nothing was computed; trying again later is right, and 503
	// with Retry-After is the answer to give.
	ErrOverloaded = errors.New("passhash: too many passwords are being checked")
)

func unsupported(scheme string) error { return fmt.Errorf("%w: %s", ErrUnsupported, scheme) }
