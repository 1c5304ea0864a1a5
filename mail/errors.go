package mail

import (
	"errors"
	"fmt"
)

// ErrInvalidMessage is wrapped by every refusal of a message, of an address or of data
// for a template that cannot become a safe mail. The text names the field, never its
// value. It is permanent: the same message will be refused again.
var ErrInvalidMessage = errors.New("mail: invalid message")

func invalid(field, why string) error {
	return Permanent(fmt.Errorf("%w: %s %s", ErrInvalidMessage, field, why))
}

// ErrInvalidConfig is wrapped by what [SMTP] says about settings that cannot work or
// are not safe.
var ErrInvalidConfig = errors.New("mail: invalid configuration")

// ErrInvalidTemplate is wrapped by everything that [Catalogue.With] finds wrong with a
// host's templates.
var ErrInvalidTemplate = errors.New("mail: invalid template")

// permanent marks an error that another try will not cure.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error of a [Sender] as one that another try will not cure, such as
// a recipient who does not exist. The text stays as it is; nil stays nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// IsPermanent tells whether a [Sender] has given up on a message for good. All other
// errors are to be tried again, later and with the same [Message.ID].
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}
