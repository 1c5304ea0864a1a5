package auth

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/token"
)

// A device cookie tells a browser that has signed in to an account before from every
// other, so that a stranger who keeps guessing does not lock the owner out: the owner's
// browser has its own counter. It opens nothing. The cookie holds up to maxDevices
// entries, one for each account, joined by ".": 16 random bytes, the time in
// microseconds, and a MAC over both and the account's id, in base64url. An entry is void
// after a year, and when the account's secret changes: who knew the old one cannot keep
// a store of counters to guess the new one with.
const (
	maxDevices     = 5
	deviceLifetime = 365 * 24 * time.Hour
	deviceIDBytes  = 16
	deviceBytes    = deviceIDBytes + 8 + 32
)

var deviceChars = base64.RawURLEncoding.EncodedLen(deviceBytes)

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
func (d devices) known(cookie string, u *ent.User, now time.Time) device {
	for _, entry := range deviceEntries(cookie) {
		if id, ok := d.parse(entry, u, now); ok {
			return device(hex.EncodeToString(id))
		}
	}
	return ""
}

// remember returns the cookie with an entry for this account, or "" if it has one.
func (d devices) remember(cookie string, u *ent.User, now time.Time) string {
	if d.known(cookie, u, now) != "" {
		return ""
	}
	raw := make([]byte, deviceIDBytes, deviceBytes)
	rand.Read(raw)
	raw = binary.BigEndian.AppendUint64(raw, uint64(now.UnixMicro()))
	raw = append(raw, d.keys.MAC(token.PurposeCookie, []byte("device"), raw, []byte(u.ID))...)
	entries := append([]string{base64.RawURLEncoding.EncodeToString(raw)}, deviceEntries(cookie)...)
	return strings.Join(entries[:min(len(entries), maxDevices)], ".")
}

func (d devices) parse(entry string, u *ent.User, now time.Time) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(entry)
	if err != nil || len(raw) != deviceBytes {
		return nil, false
	}
	signed, mac := raw[:deviceIDBytes+8], raw[deviceIDBytes+8:]
	if !d.keys.Verify(token.PurposeCookie, mac, []byte("device"), signed, []byte(u.ID)) {
		return nil, false
	}
	issued := time.UnixMicro(int64(binary.BigEndian.Uint64(signed[deviceIDBytes:]))) // #nosec G115 -- ours, under the MAC
	if now.Sub(issued) > deviceLifetime || u.SessionsValidAfter != nil && issued.Before(*u.SessionsValidAfter) {
		return nil, false
	}
	return signed[:deviceIDBytes], true
}

// deviceEntries splits a cookie, whatever a client made of it, into at most as many
// entries as we write.
func deviceEntries(cookie string) []string {
	var entries []string
	for entry := range strings.SplitSeq(cookie, ".") {
		if len(entry) != deviceChars || len(entries) == maxDevices {
			break
		}
		entries = append(entries, entry)
	}
	return entries
}
