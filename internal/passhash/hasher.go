package passhash

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// MaxPassword is the greatest length of a password, in bytes. Longer ones are
// refused whole, never cut.
const MaxPassword = 4096

// Hasher hashes and checks passwords. It is safe for concurrent use; one
// serves a whole process, since its limits hold for itself only.
type Hasher struct {
	params Params
	gate   *gate
	dummy  string
	hashes atomic.Uint64
	// derive is argon2.IDKey; tests put a door in its place.
	derive func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte
}

// Match is the answer of Verify.
type Match struct {
	// OK means that the password is the one that was hashed.
	OK bool
	// Rehash asks to store a new Hash, because the stored one has other
	// parameters than the Hasher, cheaper or dearer. It is set only with OK.
	Rehash bool
}

// New returns a Hasher, or every problem of c at once.
func New(c Config) (*Hasher, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &Hasher{
		params: c.Params,
		gate:   &gate{size: c.Concurrency, free: c.Concurrency, places: c.Queue},
		derive: argon2.IDKey,
	}
	h.dummy = newArgon2id(c.Params).String()
	return h, nil
}

// Hash returns the PHC string to store for password: Argon2id version 19 with
// the Hasher's parameters, a random salt of 16 bytes and a tag of 32. It
// waits for a slot. Its errors wrap ErrTooLong, ErrOverloaded or the error of
// ctx.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	a := newArgon2id(h.params)
	tag, err := h.compute(ctx, a, password)
	if err != nil {
		return "", err
	}
	a.tag = tag
	return a.String(), nil
}

// Verify checks password against a stored PHC string. A wrong password is no
// error but a Match that is not OK. Its errors wrap ErrMalformed, ErrTooLong,
// ErrOverloaded or the error of ctx; with each the Match is zero.
//
// Verify returns early on an empty or malformed string. An account without a
// password must go through Dummy, or the time tells that it has none.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (Match, error) {
	stored, err := parse(encoded)
	if err != nil {
		return Match{}, err
	}
	tag, err := h.compute(ctx, stored, password)
	if err != nil {
		return Match{}, err
	}
	if subtle.ConstantTimeCompare(tag, stored.tag) != 1 {
		return Match{}, nil
	}
	return Match{OK: true, Rehash: !stored.current(h.params)}, nil
}

// Dummy does the work of a Verify that fails, at the Hasher's parameters and
// in the same queue, and never says that a password matches. Call it where
// there is no hash to verify, with the password received, and treat its
// errors as Verify's.
func (h *Hasher) Dummy(ctx context.Context, password string) error {
	_, err := h.Verify(ctx, h.dummy, password)
	return err
}

// Hashes returns how many hashes have been computed so far, for metrics and
// for tests that no path skips the work.
func (h *Hasher) Hashes() uint64 { return h.hashes.Load() }

// compute is the only place where the work is done.
func (h *Hasher) compute(ctx context.Context, a argon2id, password string) ([]byte, error) {
	if len(password) > MaxPassword {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLong, len(password), MaxPassword)
	}
	release, err := h.gate.enter(ctx, h.slots(a.params.Memory))
	if err != nil {
		return nil, err
	}
	defer release()
	h.hashes.Add(1)
	return h.derive([]byte(password), a.salt, a.params.Time, a.params.Memory, a.params.Threads, uint32(len(a.tag))), nil
}

// slots says how many slots a hash takes. One stored with more memory than
// ours (imported, or from before the parameters were lowered) takes as many
// as it displaces, so that the budget holds.
func (h *Hasher) slots(memory uint32) int {
	own := h.params.Memory
	return int((memory + own - 1) / own)
}

// newArgon2id returns a hash with a random salt and, until computed, a random
// tag: nobody's password, which is what Dummy compares with.
func newArgon2id(p Params) argon2id {
	a := argon2id{params: p, salt: make([]byte, saltBytes), tag: make([]byte, tagBytes)}
	// Read never fails: the runtime ends the process first.
	_, _ = rand.Read(a.salt)
	_, _ = rand.Read(a.tag)
	return a
}
