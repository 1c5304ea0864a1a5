package passhash

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/torii-go/torii/internal/gate"
)

// MaxPassword is the greatest length of a password, in bytes. Longer ones are
// refused whole, never cut.
const MaxPassword = 4096

// Hasher hashes and checks passwords. It is safe for concurrent use; one
// serves a whole process, since its limits hold for itself only.
type Hasher struct {
	cfg    Config // completed
	gate   *gate.Gate
	dummy  string
	hashes atomic.Uint64
	// run does the work; tests put a door in its place.
	run func(memory uint32, work func())
}

// Match is the answer of Verify.
type Match struct {
	// OK means that the password is the one that was hashed.
	OK bool
	// Rehash asks to store a new Hash, because the stored one is of another
	// scheme or has other parameters than the Hasher, cheaper or dearer. It is
	// set only with OK.
	Rehash bool
}

// New returns a Hasher, or every problem of c at once.
func New(c Config) (*Hasher, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &Hasher{
		cfg:  c,
		gate: gate.New(c.Concurrency, c.Queue),
		run:  func(_ uint32, work func()) { work() },
	}
	h.dummy = newArgon2id(c.Params).String()
	return h, nil
}

// Hash returns the PHC string to store for password: Argon2id version 19 with
// the Hasher's parameters, a random salt of 16 bytes and a tag of 32. It
// waits for a slot. Its errors wrap ErrTooLong, ErrOverloaded or the error of
// ctx.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	a := newArgon2id(h.cfg.Params)
	if err := h.compute(ctx, a.memory(), password, func() { a.tag = a.derive(password) }); err != nil {
		return "", err
	}
	return a.String(), nil
}

// Verify checks password against a stored hash: a PHC string, or one of the other
// schemes of the package. A wrong password is no error but a Match that is not OK.
// Its errors wrap ErrMalformed, ErrTooLong, ErrOverloaded or the error of ctx; with
// each the Match is zero.
//
// Verify returns early on an empty or malformed string. An account without a
// password must go through Dummy, or the time tells that it has none.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (Match, error) {
	s, err := parse(encoded)
	if err != nil {
		return Match{}, err
	}
	ok := false
	if err := h.compute(ctx, s.memory(), password, func() { ok = s.matches(password) }); err != nil || !ok {
		return Match{}, err
	}
	own, isOwn := s.(argon)
	return Match{OK: true, Rehash: !isOwn || !own.current(h.cfg.Params)}, nil
}

// Dummy does the work of a Verify that fails, at the Hasher's parameters and
// in the same queue, and never says that a password matches. Call it where
// there is no hash to verify, with the password received, and treat its
// errors as Verify's.
func (h *Hasher) Dummy(ctx context.Context, password string) error {
	_, err := h.Verify(ctx, h.dummy, password)
	return err
}

// Concurrency is how many hashes are computed at a time.
func (h *Hasher) Concurrency() int { return h.cfg.Concurrency }

// Queue is how many callers may wait for a slot.
func (h *Hasher) Queue() int { return h.cfg.Queue }

// Hashes returns how many hashes have been computed so far, for metrics and
// for tests that no path skips the work.
func (h *Hasher) Hashes() uint64 { return h.hashes.Load() }

// compute is the only place where work is done.
func (h *Hasher) compute(ctx context.Context, memory uint32, password string, work func()) error {
	if len(password) > MaxPassword {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLong, len(password), MaxPassword)
	}
	release, err := h.gate.Enter(ctx, h.slots(memory))
	if full, ok := errors.AsType[*gate.FullError](err); ok {
		return fmt.Errorf("%w: %w", ErrOverloaded, full)
	}
	if err != nil {
		return fmt.Errorf("passhash: %w", err)
	}
	defer release()
	h.hashes.Add(1)
	h.run(memory, work)
	return nil
}

// slots says how many slots a hash takes, one at least. One stored with more memory
// than ours (imported, or from before the parameters were lowered) takes as many as it
// displaces, so that the budget holds.
func (h *Hasher) slots(memory uint32) int {
	own := h.cfg.Params.Memory
	return max(1, int((memory+own-1)/own))
}
