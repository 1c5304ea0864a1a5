package auth

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/torii-go/torii/internal/token"
)

// A device cookie tells a browser that has signed in to an account before from every
// other, so that a stranger who keeps guessing does not lock the owner out: the owner's
// browser has its own counter. It opens nothing. The cookie holds up to maxDevices
// entries, one for each account, joined by ".": 16 random bytes and a MAC over them and
// the account's id, in base64url.
const (
	maxDevices     = 5
	deviceLifetime = 365 * 24 * time.Hour
	deviceIDBytes  = 16
	deviceMACBytes = 32
)

// device is the id of a browser that is known to an account; "" is a stranger.
type device string

// suffix tells the counters of an account's browsers apart.
func (d device) suffix() string {
	if d == "" {
		return ""
	}
	return ":" + string(d)
}

type devices struct{ keys *token.Keys }

// known is the browser's id for this account, or "" if the cookie has none.
func (d devices) known(cookie, userID string) device {
	for entry := range strings.SplitSeq(cookie, ".") {
		if id, ok := d.parse(entry, userID); ok {
			return device(hex.EncodeToString(id))
		}
	}
	return ""
}

// remember returns the cookie with an entry for this account, or "" if it has one.
func (d devices) remember(cookie, userID string) string {
	if d.known(cookie, userID) != "" {
		return ""
	}
	id := make([]byte, deviceIDBytes)
	rand.Read(id)
	entry := base64.RawURLEncoding.EncodeToString(append(id, d.mac(id, userID)...))
	entries := []string{entry}
	for old := range strings.SplitSeq(cookie, ".") {
		if len(old) == len(entry) && len(entries) < maxDevices {
			entries = append(entries, old)
		}
	}
	return strings.Join(entries, ".")
}

func (d devices) parse(entry, userID string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(entry)
	if err != nil || len(raw) != deviceIDBytes+deviceMACBytes {
		return nil, false
	}
	id, mac := raw[:deviceIDBytes], raw[deviceIDBytes:]
	return id, d.keys.Verify(token.PurposeCookie, mac, []byte("device"), id, []byte(userID))
}

func (d devices) mac(id []byte, userID string) []byte {
	return d.keys.MAC(token.PurposeCookie, []byte("device"), id, []byte(userID))
}
