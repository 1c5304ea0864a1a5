package passhash_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/passhash"
)

func TestNewAcceptsTheZeroConfig(t *testing.T) {
	if _, err := passhash.New(passhash.Config{}); err != nil {
		t.Errorf("New = %v", err)
	}
}

func TestNewParams(t *testing.T) {
	tests := []struct {
		name     string
		params   passhash.Params
		insecure bool
		want     []string // all in the error; nil for none
	}{
		{"defaults", passhash.DefaultParams, false, nil},
		{"OWASP at one pass", passhash.Params{Memory: 47104, Time: 1, Threads: 1}, false, nil},
		{"OWASP at three passes", passhash.Params{Memory: 12288, Time: 3, Threads: 1}, false, nil},
		{"OWASP at four passes", passhash.Params{Memory: 9216, Time: 4, Threads: 1}, false, nil},
		{"OWASP at five passes", passhash.Params{Memory: 7168, Time: 5, Threads: 1}, false, nil},
		{"RFC 9106, second choice", passhash.Params{Memory: 65536, Time: 3, Threads: 4}, false, nil},
		{"the greatest", passhash.Params{Memory: 262144, Time: 16, Threads: 16}, false, nil},
		{"below OWASP at one pass", passhash.Params{Memory: 47103, Time: 1, Threads: 1}, false, []string{"Params.Memory is 47103", "47104", "InsecureParams"}},
		{"below OWASP at two passes", passhash.Params{Memory: 19455, Time: 2, Threads: 1}, false, []string{"19456"}},
		{"below OWASP at three passes", passhash.Params{Memory: 12287, Time: 3, Threads: 1}, false, []string{"12288"}},
		{"below OWASP at four passes", passhash.Params{Memory: 9215, Time: 4, Threads: 1}, false, []string{"9216"}},
		{"below OWASP at sixteen passes", passhash.Params{Memory: 7167, Time: 16, Threads: 1}, false, []string{"7168"}},
		{"test suites may go below", cheap, true, nil},
		{"nobody goes below 8 KiB", passhash.Params{Memory: 7, Time: 1, Threads: 1}, true, []string{"Params.Memory is 7 KiB", "use 8"}},
		{"nobody goes below 8 KiB a lane", passhash.Params{Memory: 31, Time: 1, Threads: 4}, true, []string{"use 32"}},
		{"nobody goes above 256 MiB", passhash.Params{Memory: 262145, Time: 1, Threads: 1}, false, []string{"262144"}},
		{"only memory set", passhash.Params{Memory: 65536}, false, []string{"Params.Time is 0", "Params.Threads is 0"}},
		{"all fields wrong", passhash.Params{Memory: 1, Time: 17, Threads: 17}, true, []string{"Params.Memory is 1 ", "Params.Time is 17", "Params.Threads is 17"}},
	}
	for _, tt := range tests {
		h, err := passhash.New(passhash.Config{Params: tt.params, InsecureParams: tt.insecure})
		requireProblems(t, tt.name, h, err, tt.want)
	}
}

func TestNewReportsAllProblems(t *testing.T) {
	h, err := passhash.New(passhash.Config{Params: passhash.Params{Time: 17}, Concurrency: -1})
	requireProblems(t, "four problems", h, err, []string{"Params.Memory", "Params.Time", "Params.Threads", "Concurrency is -1"})
}

func requireProblems(t *testing.T, name string, h *passhash.Hasher, err error, want []string) {
	t.Helper()
	if (err == nil) != (want == nil) || (h == nil) != (err != nil) {
		t.Errorf("%s: New = %v, %v, want %q in the error", name, h, err, want)
		return
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: error %q, want %q in it", name, err, w)
		}
	}
}

func TestConcurrencyFitsTheBudget(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	tests := []struct {
		name   string
		config passhash.Config
		want   int
	}{
		{"default is GOMAXPROCS", passhash.Config{Params: passhash.Params{Memory: 64, Time: 1, Threads: 1}}, procs},
		{"as asked when it fits", passhash.Config{Params: passhash.Params{Memory: 64, Time: 1, Threads: 1}, Concurrency: 10}, 10},
		{"lowered to the budget given", passhash.Config{Params: passhash.Params{Memory: 64, Time: 1, Threads: 1}, Concurrency: 10, MemoryBudget: 319}, 4},
		{"lowered to the default budget", passhash.Config{Params: passhash.Params{Memory: 65536, Time: 1, Threads: 1}, Concurrency: 10}, 4},
		{"one even if it does not fit", passhash.Config{Params: passhash.Params{Memory: 64, Time: 1, Threads: 1}, MemoryBudget: 1}, 1},
	}
	for _, tt := range tests {
		if got := slotsOf(t, tt.config); got != tt.want {
			t.Errorf("%s: %d hashes at a time, want %d", tt.name, got, tt.want)
		}
	}
}
