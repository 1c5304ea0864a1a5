package passhash

import (
	"errors"
	"fmt"
	"runtime"
)

// Params is the cost of one hash. Each is stored with the hash, so raising
// them leaves old hashes valid; Verify then asks for a new one.
type Params struct {
	Memory  uint32 // in KiB, 8 for each thread at least, 262144 (256 MiB) at most
	Time    uint32 // passes over the memory, 1 to 16
	Threads uint8  // lanes computed in parallel, 1 to 16
}

// DefaultParams is OWASP's minimum (Password Storage Cheat Sheet): 19 MiB,
// two passes, one thread; some 20 ms on one core of a server.
var DefaultParams = Params{Memory: 19456, Time: 2, Threads: 1}

// Config is what New needs. The zero value is right for most.
type Config struct {
	// Params is the cost of a new hash; left zero, DefaultParams. Less than
	// OWASP's minimum is refused: 47104 KiB at one pass, 19456 at two,
	// 12288 at three, 9216 at four, 7168 at five and more.
	Params Params

	// InsecureParams accepts Params below the minimum. It is for test
	// suites: a database of cheap hashes is a database of passwords.
	InsecureParams bool

	// Concurrency is how many hashes are computed at a time; default
	// GOMAXPROCS, more of them only make each slower. It is lowered, never
	// below 1, until Concurrency times Params.Memory fits MemoryBudget.
	Concurrency int

	// MemoryBudget is what all running hashes may hold together, in KiB;
	// default 262144 (256 MiB). The process needs about twice as much,
	// since the garbage collector lags. A single hash may exceed it, but
	// then runs alone.
	MemoryBudget uint32

	// Queue is how many callers may wait for a slot; default 128 for each
	// slot. A negative number means none: a caller who finds no slot gets
	// ErrOverloaded at once.
	Queue int
}

// The bounds of what is computed, in Config and in stored hashes alike: a row
// must not be able to exhaust the machine.
const (
	maxMemory     = 256 << 10 // KiB
	maxTime       = 16
	maxThreads    = 16
	defaultBudget = 256 << 10 // KiB
	defaultQueue  = 128       // a slot
)

// floor is OWASP's minimum memory in KiB for 1, 2, … passes; the last is for
// more as well.
var floor = [...]uint32{47104, 19456, 12288, 9216, 7168}

// withDefaults fills what is zero and reports every problem at once.
func (c Config) withDefaults() (Config, error) {
	if c.Params == (Params{}) {
		c.Params = DefaultParams
	}
	errs := c.Params.problems()
	if len(errs) == 0 && !c.InsecureParams {
		if least := floor[min(int(c.Params.Time), len(floor))-1]; c.Params.Memory < least {
			errs = append(errs, fmt.Errorf("passhash: Params.Memory is %d KiB, OWASP's minimum at Time %d is %d: raise it, or set InsecureParams in a test suite",
				c.Params.Memory, c.Params.Time, least))
		}
	}
	if c.Concurrency < 0 {
		errs = append(errs, fmt.Errorf("passhash: Concurrency is %d: leave it zero for GOMAXPROCS", c.Concurrency))
	}
	if err := errors.Join(errs...); err != nil {
		return Config{}, err
	}
	if c.Concurrency == 0 {
		c.Concurrency = runtime.GOMAXPROCS(0)
	}
	if c.MemoryBudget == 0 {
		c.MemoryBudget = defaultBudget
	}
	c.Concurrency = max(1, min(c.Concurrency, int(c.MemoryBudget/c.Params.Memory)))
	if c.Queue == 0 {
		c.Queue = defaultQueue * c.Concurrency
	}
	c.Queue = max(0, c.Queue)
	return c, nil
}

// problems says what keeps p from being computed at all.
func (p Params) problems() []error {
	var errs []error
	if p.Time < 1 || p.Time > maxTime {
		errs = append(errs, fmt.Errorf("passhash: Params.Time is %d: use 1 to %d", p.Time, maxTime))
	}
	if p.Threads < 1 || p.Threads > maxThreads {
		errs = append(errs, fmt.Errorf("passhash: Params.Threads is %d: use 1 to %d", p.Threads, maxThreads))
	}
	// RFC 9106, section 3.1: at least 8 KiB a lane.
	if least := 8 * max(1, uint32(p.Threads)); p.Memory < least || p.Memory > maxMemory {
		errs = append(errs, fmt.Errorf("passhash: Params.Memory is %d KiB: use %d to %d", p.Memory, least, maxMemory))
	}
	return errs
}
