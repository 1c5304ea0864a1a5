package auth

import "github.com/torii-go/torii/internal/returnto"

// ReturnTo is where to send a browser after a sign-in: raw, if it is a path of this
// site, else fallback. What comes in "?return_to=" can be anything; most simple checks
// let "//evil.example" or "/\evil.example" through, and http.Redirect sends them on.
func ReturnTo(raw, fallback string) string {
	if path, ok := returnto.Clean(raw); ok {
		return path
	}
	return fallback
}
