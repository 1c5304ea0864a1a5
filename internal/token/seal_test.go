package token_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/token"
)

// sealedBefore holds "JBSWY3DPEHPK3PXP" under secret(0) for the blob at
// credentials, 7, secret. Python's cryptography made it.
const sealedBefore = "v1.ba46f93b62bf5a87.AAECAwQFBgcICQoLYh1VYd-WBHobdYwPUnmFsNZPc_52aXP5GEDaWn2G0Qk"

func TestSealRoundTrip(t *testing.T) {
	k := newKeys(t, secret(0))
	for _, plaintext := range []string{"JBSWY3DPEHPK3PXP", "", "\x00", strings.Repeat("long ", 1000)} {
		sealed, err := k.Seal(token.PurposeBlob, []byte(plaintext), "credentials", "7", "secret")
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^v1\.[0-9a-f]{16}\.[A-Za-z0-9_-]{38,}$`).MatchString(sealed) {
			t.Errorf("Seal(%.20q) = %.80s, want v1.<key id>.<base64url>", plaintext, sealed)
		}
		got, err := k.Open(token.PurposeBlob, sealed, "credentials", "7", "secret")
		if err != nil || string(got) != plaintext {
			t.Errorf("Open(Seal(%.20q)) = %.20q, %v", plaintext, got, err)
		}
	}
}

func TestOpenReadsTheReleaseBefore(t *testing.T) {
	got, err := newKeys(t, secret(0)).Open(token.PurposeBlob, sealedBefore, "credentials", "7", "secret")
	if err != nil || string(got) != "JBSWY3DPEHPK3PXP" {
		t.Errorf("Open = %q, %v, want JBSWY3DPEHPK3PXP", got, err)
	}
}

func TestSealNeverRepeats(t *testing.T) {
	k := newKeys(t, secret(0))
	seen := make(map[string]bool)
	for range 1000 {
		sealed, err := k.Seal(token.PurposeBlob, []byte("same"))
		if err != nil || seen[sealed] {
			t.Fatalf("Seal = %s, %v: seen before: %v", sealed, err, seen[sealed])
		}
		seen[sealed] = true
	}
}

func TestOpenRotation(t *testing.T) {
	plaintext, place := []byte("JBSWY3DPEHPK3PXP"), []string{"credentials", "7", "secret"}
	during := newKeys(t, secret(100), secret(0))
	fresh, err := during.Seal(token.PurposeBlob, plaintext, place...)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		keys   *token.Keys
		sealed string
		ok     bool
	}{
		{"old value opens while both secrets are there", during, sealedBefore, true},
		{"new value opens while both secrets are there", during, fresh, true},
		{"new value opens when the old secret is gone", newKeys(t, secret(100)), fresh, true},
		{"old value is refused when its secret is gone", newKeys(t, secret(100)), sealedBefore, false},
		{"new value is refused by who does not have its secret", newKeys(t, secret(0)), fresh, false},
		{"zero Keys open nothing", &token.Keys{}, sealedBefore, false},
	}
	for _, tt := range tests {
		got, err := tt.keys.Open(token.PurposeBlob, tt.sealed, place...)
		if tt.ok && (err != nil || !bytes.Equal(got, plaintext)) {
			t.Errorf("%s: Open = %q, %v, want %q", tt.name, got, err, plaintext)
		}
		if !tt.ok && (!errors.Is(err, token.ErrOpen) || got != nil) {
			t.Errorf("%s: Open = %q, %v, want ErrOpen", tt.name, got, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	k := newKeys(t, secret(0), secret(100))
	const head, body = "v1.ba46f93b62bf5a87.", "AAECAwQFBgcICQoLYh1VYd-WBHobdYwPUnmFsNZPc_52aXP5GEDaWn2G0Qk"
	other, err := newKeys(t, secret(100)).Seal(token.PurposeBlob, nil)
	if err != nil {
		t.Fatal(err)
	}
	otherID := strings.Split(other, ".")[1]
	place := []string{"credentials", "7", "secret"}
	tests := []struct {
		name    string
		purpose token.Purpose
		sealed  string
		aad     []string
	}{
		{"another purpose is refused", token.PurposeCookie, sealedBefore, place},
		{"an empty purpose is refused", "", sealedBefore, place},
		{"another table is refused", token.PurposeBlob, sealedBefore, []string{"accounts", "7", "secret"}},
		{"another row is refused", token.PurposeBlob, sealedBefore, []string{"credentials", "8", "secret"}},
		{"another column is refused", token.PurposeBlob, sealedBefore, []string{"credentials", "7", "key"}},
		{"shifted places are refused", token.PurposeBlob, sealedBefore, []string{"credentials7", "", "secret"}},
		{"joined places are refused", token.PurposeBlob, sealedBefore, []string{"credentials7secret"}},
		{"no place is refused", token.PurposeBlob, sealedBefore, nil},
		{"a place too many is refused", token.PurposeBlob, sealedBefore, append(place, "")},
		{"an empty string is refused", token.PurposeBlob, "", place},
		{"plaintext is refused", token.PurposeBlob, "JBSWY3DPEHPK3PXP", place},
		{"version 2 is refused", token.PurposeBlob, "v2" + sealedBefore[2:], place},
		{"a capital version is refused", token.PurposeBlob, "V1" + sealedBefore[2:], place},
		{"no version is refused", token.PurposeBlob, sealedBefore[3:], place},
		{"an unknown key id is refused", token.PurposeBlob, "v1.0000000000000000." + body, place},
		{"the id of another key of the ring is refused", token.PurposeBlob, "v1." + otherID + "." + body, place},
		{"an empty key id is refused", token.PurposeBlob, "v1.." + body, place},
		{"a key id in capitals is refused", token.PurposeBlob, "v1.BA46F93B62BF5A87." + body, place},
		{"no body is refused", token.PurposeBlob, strings.TrimSuffix(head, "."), place},
		{"an empty body is refused", token.PurposeBlob, head, place},
		{"a body shorter than nonce and tag is refused", token.PurposeBlob, head + body[:16], place},
		{"a fourth part is refused", token.PurposeBlob, sealedBefore + ".x", place},
		{"padding is refused", token.PurposeBlob, sealedBefore + "=", place},
		{"a line feed behind is refused", token.PurposeBlob, sealedBefore + "\n", place},
		{"a CRLF inside is refused", token.PurposeBlob, head + body[:8] + "\r\n" + body[8:], place},
		{"left-over bits are refused", token.PurposeBlob, head + body[:len(body)-1] + "l", place},
	}
	for _, tt := range tests {
		got, err := k.Open(tt.purpose, tt.sealed, tt.aad...)
		if !errors.Is(err, token.ErrOpen) || got != nil {
			t.Errorf("%s: Open(%q) = %q, %v, want ErrOpen", tt.name, tt.sealed, got, err)
		}
	}
}

func TestOpenRefusesEveryAlteration(t *testing.T) {
	k := newKeys(t, secret(0))
	for i := range len(sealedBefore) {
		altered := []byte(sealedBefore)
		altered[i] ^= 1
		for _, s := range []string{string(altered), sealedBefore[:i], sealedBefore[i+1:]} {
			if got, err := k.Open(token.PurposeBlob, s, "credentials", "7", "secret"); !errors.Is(err, token.ErrOpen) {
				t.Errorf("Open(%q) = %q, %v, want ErrOpen", s, got, err)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	k := newKeys(f, secret(0))
	f.Add(sealedBefore)
	f.Add("")
	f.Add("v1..")
	f.Add("v1.ba46f93b62bf5a87.")
	f.Add(sealedBefore + "\n")
	f.Add(sealedBefore + "=")
	f.Add("v2" + sealedBefore[2:])
	f.Fuzz(func(t *testing.T, s string) {
		got, err := k.Open(token.PurposeBlob, s, "credentials", "7", "secret")
		// Whoever cannot seal can only present what was sealed.
		if s == sealedBefore {
			if err != nil || string(got) != "JBSWY3DPEHPK3PXP" {
				t.Fatalf("Open = %q, %v", got, err)
			}
			return
		}
		if !errors.Is(err, token.ErrOpen) || got != nil {
			t.Fatalf("Open(%q) = %q, %v, want ErrOpen", s, got, err)
		}
	})
}
