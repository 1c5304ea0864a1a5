package strictjson

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

var (
	// ErrInvalid says that a body is not the JSON object that was asked for
	// (400). The reason is in the text of the error that wraps it; the contents
	// of the body never are.
	ErrInvalid = errors.New("strictjson: invalid body")

	// ErrTooLarge says that a body has more bytes than allowed (413).
	ErrTooLarge = errors.New("strictjson: body too large")
)

// errTarget is the programmer's mistake and none of the above: a 500.
var errTarget = errors.New("strictjson: Decode needs a non-nil pointer")

func invalid(reason string) error {
	return fmt.Errorf("%w: %s", ErrInvalid, reason)
}

// unreadable keeps the reader's error, so that a caller can tell a client that
// went away (context.Canceled) from one that sent nonsense.
func unreadable(err error) error {
	return fmt.Errorf("%w: it cannot be read: %w", ErrInvalid, err)
}

// syntax names the kind of mistake. The parser's error points to the place by
// member names, which are the sender's text, so it is not wrapped.
func syntax(err error) error {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return invalid("a member name occurs twice")
	}
	return invalid("the body is not valid JSON")
}
