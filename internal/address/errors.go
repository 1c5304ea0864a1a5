package address

import (
	"errors"
	"fmt"
)

// ErrInvalid says that a string is not one e-mail address of the kind that
// [Parse] accepts. The reason is in the text of the error that wraps it; the
// address never is, so the error may be logged.
var ErrInvalid = errors.New("address: not an e-mail address")

func invalid(reason string) error {
	return fmt.Errorf("%w: %s", ErrInvalid, reason)
}
