package token_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"sync"
	"testing"

	"github.com/torii-go/torii/internal/token"
)

// secret returns 32 bytes counting up from n.
func secret(n byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = n + byte(i)
	}
	return b
}

func newKeys(t testing.TB, secrets ...[]byte) *token.Keys {
	t.Helper()
	k, err := token.NewKeys(secrets)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var purposes = []token.Purpose{token.PurposeCode, token.PurposeChallenge, token.PurposeBlob, token.PurposeCookie, token.PurposeIdentifier}

func TestRotation(t *testing.T) {
	before := newKeys(t, secret(0))
	during := newKeys(t, secret(100), secret(0))
	after := newKeys(t, secret(100))
	code := []byte("K7QF2M9X")
	old := before.MAC(token.PurposeCode, code)
	fresh := during.MAC(token.PurposeCode, code)

	tests := []struct {
		name string
		keys *token.Keys
		mac  []byte
		want bool
	}{
		{"old mac verifies before", before, old, true},
		{"old mac verifies while both secrets are there", during, old, true},
		{"new mac verifies while both secrets are there", during, fresh, true},
		{"new mac verifies when the old secret is gone", after, fresh, true},
		{"old mac is refused when its secret is gone", after, old, false},
		{"new mac is refused by who does not have its secret", before, fresh, false},
		{"zero Keys verify nothing", &token.Keys{}, old, false},
	}
	for _, tt := range tests {
		if got := tt.keys.Verify(token.PurposeCode, tt.mac, code); got != tt.want {
			t.Errorf("%s: Verify = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestMACIsStable(t *testing.T) {
	// Computed with Python's hmac from RFC 5869 and the format of join. A
	// change would refuse every value made by the release before.
	const want = "824ad9c3092c811f3cab3ae4be4db8625537dca895bb1c61766815351c6fba2c"
	got := newKeys(t, secret(0)).MAC(token.PurposeCode, []byte("ab"), []byte("c"))
	if hex.EncodeToString(got) != want {
		t.Errorf("MAC = %x, want %s", got, want)
	}
}

func TestMACSeparatesPurposes(t *testing.T) {
	k := newKeys(t, secret(0))
	for _, made := range purposes {
		mac := k.MAC(made, []byte("x"))
		for _, asked := range purposes {
			if got := k.Verify(asked, mac, []byte("x")); got != (made == asked) {
				t.Errorf("mac for %q verified for %q = %v, want %v", made, asked, got, made == asked)
			}
		}
	}
}

func TestMACSeparatesParts(t *testing.T) {
	k := newKeys(t, secret(0))
	lists := [][]string{
		{"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}, {"", "abc"}, {"a", "b", "c"},
		{}, {""}, {"", ""}, {"\x00\x00\x00\x00\x00\x00\x00\x00"}, {"abd"}, {"ABC"},
	}
	seen := make(map[string][]string)
	for _, list := range lists {
		var parts [][]byte
		for _, p := range list {
			parts = append(parts, []byte(p))
		}
		mac := string(k.MAC(token.PurposeCode, parts...))
		if other, ok := seen[mac]; ok {
			t.Errorf("%q and %q have the same mac", other, list)
		}
		seen[mac] = list
	}
}

func TestVerifyRefusesOtherMACs(t *testing.T) {
	k := newKeys(t, secret(0))
	mac := k.MAC(token.PurposeCode, []byte("x"))
	for i := range mac {
		if k.Verify(token.PurposeCode, mac[:i], []byte("x")) {
			t.Errorf("the first %d bytes of the mac verify", i)
		}
		altered := bytes.Clone(mac)
		altered[i] ^= 1
		if k.Verify(token.PurposeCode, altered, []byte("x")) {
			t.Errorf("a mac altered in byte %d verifies", i)
		}
	}
	if k.Verify(token.PurposeCode, append(bytes.Clone(mac), 0), []byte("x")) {
		t.Error("a mac with one byte more verifies")
	}
	if k.Verify(token.PurposeCode, nil) {
		t.Error("no mac of nothing verifies")
	}
}

func TestNewKeysRefuses(t *testing.T) {
	tests := []struct {
		name    string
		secrets [][]byte
		want    []string // all in the error; nil for none
	}{
		{"32 random bytes are accepted", [][]byte{secret(0)}, nil},
		{"a hexadecimal secret is accepted", [][]byte{[]byte("9f86d081884c7d659a2feaa0c55ad015")}, nil},
		{"no list is refused", nil, []string{"no secret", "openssl rand"}},
		{"an empty list is refused", [][]byte{}, []string{"no secret"}},
		{"a nil secret is refused", [][]byte{nil}, []string{"secret 0", "0 bytes"}},
		{"31 bytes are refused", [][]byte{secret(0)[:31]}, []string{"secret 0", "31 bytes", "at least 32", "openssl rand"}},
		{"zeroes are refused", [][]byte{make([]byte, 32)}, []string{"secret 0", "not random"}},
		{"one letter is refused", [][]byte{bytes.Repeat([]byte("x"), 64)}, []string{"secret 0", "not random"}},
		{"a repeated word is refused", [][]byte{bytes.Repeat([]byte("test"), 8)}, []string{"secret 0", "not random"}},
		{"all bad ones are named", [][]byte{secret(0), []byte("short"), make([]byte, 40)}, []string{"secret 1", "5 bytes", "secret 2"}},
	}
	for _, tt := range tests {
		k, err := token.NewKeys(tt.secrets)
		if (err == nil) != (tt.want == nil) || (k == nil) != (err != nil) {
			t.Errorf("%s: NewKeys = %v, %v", tt.name, k, err)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %q, want %q in it", tt.name, err, want)
			}
		}
		if err != nil && strings.Contains(err.Error(), "short") {
			t.Errorf("%s: error %q shows the secret", tt.name, err)
		}
	}
}

func TestNewKeysCopiesItsInput(t *testing.T) {
	input := secret(0)
	k := newKeys(t, input)
	want := k.MAC(token.PurposeCode)
	clear(input)
	if got := k.MAC(token.PurposeCode); !bytes.Equal(got, want) {
		t.Errorf("MAC after the input was cleared = %x, want %x", got, want)
	}
}

func TestKeysServeManyAtOnce(t *testing.T) {
	k := newKeys(t, secret(0), secret(100))
	want := k.MAC(token.PurposeCookie, []byte("x"))
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if !bytes.Equal(k.MAC(token.PurposeCookie, []byte("x")), want) || !k.Verify(token.PurposeCookie, want, []byte("x")) {
				t.Error("MAC and Verify differ under concurrency")
			}
			sealed, err := k.Seal(token.PurposeBlob, want)
			if err != nil {
				t.Error(err)
			}
			if got, err := k.Open(token.PurposeBlob, sealed); err != nil || !bytes.Equal(got, want) {
				t.Errorf("Open = %x, %v, want %x", got, err, want)
			}
		})
	}
	wg.Wait()
}
