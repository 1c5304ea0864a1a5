package token

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a string that must not be printed, such as a bearer token or a
// client secret. The fmt package, log/slog, encoding/json and text encoders
// show "[redacted]" in its place, also when it is empty.
//
// Ways around that stay open: fmt prints the text of a Secret held in an
// unexported struct field, since it may not call methods there, and under %p
// and %w, which go vet reports; encoding/json prints one used as a map key;
// and a conversion to string is a plain string.
//
// Compare two secrets by their hashes, not with ==, which tells by its time
// where they differ.
type Secret string

// Reveal returns the secret text, for the one place that sends it.
func (s Secret) Reveal() string { return string(s) }

// String returns "[redacted]".
func (Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (Secret) GoString() string { return redacted }

// Format writes "[redacted]" for every verb that asks it, since %d and the
// like would pass String by.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue returns "[redacted]" for log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns "[redacted]" as a JSON string. Nothing undoes it: a
// Secret does not survive a round trip through JSON.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText returns "[redacted]".
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
