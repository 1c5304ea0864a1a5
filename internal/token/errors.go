package token

import "errors"

// ErrOpen is what Open's errors wrap when a sealed value is refused: it is
// malformed, altered, sealed under a key that is not in the ring, or for
// another purpose, table, row or column. The value must be treated as absent;
// there is no fallback.
var ErrOpen = errors.New("token: sealed value cannot be opened")
