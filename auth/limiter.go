package auth

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/ratelimit"
	"github.com/torii-go/torii/internal/clientip"
	"github.com/torii-go/torii/internal/token"
)

const (
	limitWindow = 15 * time.Minute
	// freeTries is how many failures one factor of one account may see in a window
	// before each further one costs a wait.
	freeTries = 5
	// firstWait doubles with every failure after that, up to maxWait: long enough to make
	// guessing useless, short enough that locking somebody out is not worth it.
	firstWait = time.Minute
	maxWait   = 15 * time.Minute
	// ipTries is how many failures one address (or /64) may cause in a window.
	ipTries = 100
	// ipAccounts is how many accounts one address (or /64) may make in a window: more
	// than a school on its first day, less than a script on its own.
	ipAccounts = 1000
	// ipCeremonies is how many flows of a kind one address (or /64) may begin in a window: each
	// is a row. As many as ipAccounts: pages with autofill begin one whenever they are opened.
	ipCeremonies = 1000
	// What one address may have mailed in a window for one client and for all clients, what
	// one client may ask for, and all clients together.
	mailsPerAddress   = 5
	mailsPerRecipient = 20
	defaultMailsPerIP = 20
	mailsInAll        = 5000
)

// Subject is what an Attempt guesses at: one factor of one account.
type Subject struct {
	// Factor is the kind of what is verified: "password".
	Factor string
	// User is the account, nil if there is none.
	User *ent.User
	// Identifier is what was typed in place of an account that does not exist. It is
	// counted like one that does, so that a limit tells nobody which it was.
	Identifier string
	// NewAccount says that a success makes an account; an address may make so many.
	NewAccount bool
}

// Attempt is one try, counted before its result was known.
type Attempt struct {
	// Account is the counter of the factor; empty if no account is guessed at.
	Account string `json:"account,omitempty"`
	// IP is the counter of the address.
	IP string `json:"ip,omitempty"`

	userID, subject, factor string
	// locked is true for the try that starts a wait, should it fail.
	locked bool
}

// limiter counts tries in the database, which is the one place that all instances see.
// Every count is one conditional statement: of 50 tries at once exactly as many pass
// as may.
type limiter struct {
	client *ent.Client
	keys   *token.Keys
	now    func() time.Time
	// mailsPerIP is Config.Mail.PerIP.
	mailsPerIP int
}

// attempt counts a try and refuses it if there were too many. It runs outside the
// request's cancellation: a client that hangs up has still tried.
func (l *limiter) attempt(ctx context.Context, c Client, s Subject, known device) (Attempt, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureEventGracePeriod)
	defer cancel()
	try := Attempt{factor: s.Factor}
	switch {
	case s.User != nil:
		try.userID = s.User.ID
		try.Account = "a:" + s.Factor + ":" + s.User.ID + known.suffix()
	case s.Identifier != "":
		try.subject = l.subject(s.Identifier)
		try.Account = "u:" + s.Factor + ":" + try.subject[:32]
	}
	if c.IP.IsValid() {
		try.IP = "i:" + clientip.Bucket(c.IP)
		if err := l.countWindow(ctx, try.IP, ipTries); err != nil {
			return try, err
		}
		if s.NewAccount {
			if err := l.countWindow(ctx, "n:"+clientip.Bucket(c.IP), ipAccounts); err != nil {
				return try, err
			}
		}
	}
	if try.Account == "" {
		return try, nil
	}
	locked, err := l.countAccount(ctx, try.Account)
	try.locked = locked
	// A try that the account's wait refuses still counts for the address: hammering at a
	// locked account is not free.
	return try, err
}

// attempt is Kit.Attempt: a browser that is known to the account has its own counter.
func (a *Auth) attempt(ctx context.Context, c Client, s Subject) (Attempt, error) {
	known := device("")
	if s.User != nil {
		known = a.devices.known(c.Device, s.User, a.now())
	}
	return a.limits.attempt(ctx, c, s, known)
}

// mail counts a request for a mail, before anybody looks whether there is an account. A
// request that is refused for its client's address does not use up the recipient's.
func (l *limiter) mail(ctx context.Context, c Client, purpose, email string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureEventGracePeriod)
	defer cancel()
	if c.IP.IsValid() {
		if err := l.countWindow(ctx, "mi:"+clientip.Bucket(c.IP), l.mailsPerIP); err != nil {
			return err
		}
	}
	// Whoever asks for somebody else uses up what they may ask for themselves, long before
	// what the recipient may get: nobody's mails are stopped from one place.
	recipient := l.subject(email)[:32]
	if c.IP.IsValid() {
		from := l.subject(clientip.Bucket(c.IP))[:32]
		if err := l.countWindow(ctx, "mc:"+purpose+":"+recipient+from, mailsPerAddress); err != nil {
			return err
		}
	}
	most := mailsPerAddress
	if c.IP.IsValid() {
		most = mailsPerRecipient
	}
	if err := l.countWindow(ctx, "mr:"+purpose+":"+recipient, most); err != nil {
		return err
	}
	return l.countWindow(ctx, "m:", mailsInAll)
}

// subject stands for what somebody typed.
func (l *limiter) subject(identifier string) string {
	return hex.EncodeToString(l.keys.MAC(token.PurposeIdentifier, []byte(identifier)))
}

// countWindow adds one to a window, or refuses.
func (l *limiter) countWindow(ctx context.Context, key string, most int) error {
	for {
		now := l.now()
		n, err := l.client.RateLimit.Update().
			Where(ratelimit.ID(key), ratelimit.ExpiresAtGT(now), ratelimit.CountLT(most)).
			AddCount(1).
			Save(ctx)
		if err != nil || n == 1 {
			return err
		}
		row, err := l.row(ctx, key, now)
		switch {
		case err != nil:
			return err
		case row == nil: // made or renewed by now; count in it
			continue
		case row.Count >= most && row.ExpiresAt.After(now):
			return &RetryError{After: row.ExpiresAt.Sub(now), Err: ErrTooManyAttempts}
		}
	}
}

// countAccount adds one failure to an account's factor, or refuses while a wait runs. It
// tells whether this one starts a wait.
// The update is conditional on the count that it read: of tries at once, one passes
// and the others look again.
func (l *limiter) countAccount(ctx context.Context, key string) (bool, error) {
	for {
		now := l.now()
		row, err := l.row(ctx, key, now)
		switch {
		case err != nil:
			return false, err
		case row == nil:
			continue
		case row.BlockedUntil != nil && row.BlockedUntil.After(now):
			return false, &RetryError{After: row.BlockedUntil.Sub(now), Err: ErrTooManyAttempts}
		}
		update := l.client.RateLimit.Update().
			Where(ratelimit.ID(key), ratelimit.Count(row.Count), ratelimit.ExpiresAt(row.ExpiresAt)).
			SetCount(row.Count + 1)
		wait := waitAfter(row.Count + 1)
		if wait > 0 {
			update.SetBlockedUntil(now.Add(wait)).SetExpiresAt(now.Add(wait + limitWindow))
		}
		n, err := update.Save(ctx)
		if err != nil || n == 1 {
			return wait > 0, err
		}
	}
}

// waitAfter is how long the next try has to wait after so many failures.
func waitAfter(failures int) time.Duration {
	if failures < freeTries {
		return 0
	}
	wait := firstWait
	for range failures - freeTries {
		if wait *= 2; wait >= maxWait {
			return maxWait
		}
	}
	return wait
}

// row returns a live counter. If there is none it makes one, or renews an expired one,
// and returns nil: whoever made it, the caller looks again.
func (l *limiter) row(ctx context.Context, key string, now time.Time) (*ent.RateLimit, error) {
	row, err := l.client.RateLimit.Get(ctx, key)
	switch {
	case ent.IsNotFound(err):
		err = l.client.RateLimit.Create().SetID(key).SetCount(0).SetExpiresAt(now.Add(limitWindow)).Exec(ctx)
		if ent.IsConstraintError(err) {
			err = nil // made by another at the same moment
		}
		return nil, err
	case err != nil:
		return nil, err
	case row.ExpiresAt.After(now):
		return row, nil
	}
	err = l.client.RateLimit.Update().
		Where(ratelimit.ID(key), ratelimit.ExpiresAtLTE(now)).
		SetCount(0).ClearBlockedUntil().SetExpiresAt(now.Add(limitWindow)).
		Exec(ctx)
	return nil, err
}

// clear forgets the failures of a factor that has just been proven, and takes back
// this one try from its address: what the address did to other accounts stays.
func (l *limiter) clear(ctx context.Context, try Attempt) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureEventGracePeriod)
	defer cancel()
	if try.Account != "" {
		// Emptied, not deleted: a row that is not there would have to be made again by
		// many at once. An error leaves a count that expires by itself.
		_ = l.client.RateLimit.Update().
			Where(ratelimit.ID(try.Account)).
			SetCount(0).ClearBlockedUntil().
			Exec(ctx)
	}
	l.uncount(ctx, try.IP)
}

// cancel takes back a try that verified nothing, because the server was too busy.
func (l *limiter) cancel(ctx context.Context, try Attempt) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureEventGracePeriod)
	defer cancel()
	if try.Account != "" {
		_ = l.client.RateLimit.Update().
			Where(ratelimit.ID(try.Account), ratelimit.CountGT(0)).
			AddCount(-1).ClearBlockedUntil().
			Exec(ctx)
	}
	l.uncount(ctx, try.IP)
}

func (l *limiter) uncount(ctx context.Context, key string) {
	if key == "" {
		return
	}
	_ = l.client.RateLimit.Update().
		Where(ratelimit.ID(key), ratelimit.CountGT(0)).
		AddCount(-1).
		Exec(ctx)
}
