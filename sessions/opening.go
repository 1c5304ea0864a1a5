package sessions

import (
	"time"

	"github.com/torii-go/torii/ent"
)

// Opening is what a new session records.
type Opening struct {
	// ID is for a session that is stored: what names it is written before it is there. A
	// token that is all there is of its session has an id of its own.
	ID   string
	User *ent.User
	// At is when the session opens: UTC in whole microseconds, and never before what last
	// ended the user's sessions, whichever instance's clock is ahead.
	At        time.Time
	Factors   []Factor
	Transport Transport
	UserAgent string
	IP        string
}
