package passhash_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/passhash"
)

const letMeIn = "lètmein"

// The hashes of other systems. Where nothing else is said, they were made by Python's
// hashlib and crypt (libxcrypt).
var foreign = []struct{ name, encoded, password string }{
	// phc-winner-argon2, src/test.c.
	{"Argon2i", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8", "password"},
	{"Argon2i of 64 MiB", "$argon2i$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$0WgHXE2YXhPr6uVgz4uUw7XYoWxRkWtvSsLaOsEbvs8", "password"},
	{"Argon2i in two lanes", "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E", "password"},
	// The same, in Django's spelling.
	{"Django, Argon2id", "argon2$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"},
	// Passlib's tests.
	{"Django, Argon2i", "argon2$argon2i$v=19$m=256,t=1,p=1$c29tZXNhbHQ$AJFIsNZTMKTAewB4+ETN1A", "password"},
	{"Django, Argon2i in two lanes", "argon2$argon2i$v=19$m=380,t=2,p=2$c29tZXNhbHQ$SrssP8n7m/12VWPM8dvNrw", "password"},

	{"bcrypt of Laravel", "$2y$10$abcdefghijklmnopqrstuuxmM2LWfxFfsw7CBLfyuCzOrhaxxlSDy", letMeIn},
	{"bcrypt of Devise", "$2a$10$N9qo8uLOickgx2ZMRZoMyeBwftAgoqq1JK03hbV1IjCx/KwqG5GnO", letMeIn},
	{"bcrypt at its least cost", "$2b$04$abcdefghijklmnopqrstuuanVo7Xut1CH8VGIGlz1JovQh9GJbbtG", letMeIn},
	{"bcrypt of nothing", "$2b$04$LZSJchsWG/DrBy1erNs4eefu654unq1vRIkPXEU26xa5pP4f4hqIS", ""},
	{"Django, bcrypt", "bcrypt$$2b$05$LZSJchsWG/DrBy1erNs4eeqVlozgwRSV8RvlM0rShGC1p5UjlLejW", letMeIn},
	{"Django, bcrypt of SHA-256", "bcrypt_sha256$$2b$04$LZSJchsWG/DrBy1erNs4ee3gfcEYpWiAjD1w8DTbOXujQlLi9eTni", letMeIn},

	{"Django, PBKDF2", "pbkdf2_sha256$29000$seasalt$OXvcmd5X4lstJYTdn4pNJCadC+PD0daYfoJ18IQ9vb0=", letMeIn},
	{"Django, PBKDF2 with SHA-1", "pbkdf2_sha1$30000$seasalt$6/5h7qgEePCUoe8yZfjlzi9SSaw=", letMeIn},
	{"Passlib, PBKDF2 with SHA-1", "$pbkdf2$12000$yMnKy8zNzs/Q0dLT1NXW1w$Sg3UxPTTVrTdPfvJYx/0rK33CAs", letMeIn},
	{"Passlib, PBKDF2", "$pbkdf2-sha256$29000$yMnKy8zNzs/Q0dLT1NXW1w$qO2YkJ7asW4dvnKMTBX7aTKRpTKNFGyVIKrkEw.2uzc", letMeIn},
	{"Passlib, PBKDF2 with SHA-512", "$pbkdf2-sha512$25000$yMnKy8zNzs/Q0dLT1NXW1w$wPF4YRIV7w/QqxGH0M8D7r7oY6qvT5jTTgLyXIRT0TKfE8T8P4EXKX3XUFRft6n3onkaovphNGiqe57XUu6pDg", letMeIn},

	// The first is in Django's tests too.
	{"Django 4, scrypt", "scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==", letMeIn},
	{"Django, scrypt in five lanes", "scrypt$2048$seasalt$8$5$j/jcQDmseOiuf79lrS1PWsKimivftVxWPgc/KGQZ0LJkCVM6gRgLVCo78pd6sUtlx2uv4KFTHU2NPdJ6LZr1sA==", letMeIn},
	{"Passlib, scrypt in three lanes", "$scrypt$ln=10,r=8,p=3$yMnKy8zNzs/Q0dLT1NXW1w$fR6XxJfezKHR3yETIciaRXGGFEBPzxw1g2Nh581ntk0", letMeIn},
}

func TestVerifyForeignHashes(t *testing.T) {
	h := newHasher(t, passhash.Config{})
	for _, tt := range foreign {
		if err := passhash.Check(tt.encoded); err != nil {
			t.Errorf("%s: Check = %v", tt.name, err)
		}
		if got, err := h.Verify(t.Context(), tt.encoded, tt.password); err != nil || got != (passhash.Match{OK: true, Rehash: true}) {
			t.Errorf("%s: Verify = %+v, %v, want a match to be rehashed", tt.name, got, err)
		}
		if got, err := h.Verify(t.Context(), tt.encoded, tt.password+"x"); err != nil || got != (passhash.Match{}) {
			t.Errorf("%s: Verify of a wrong password = %+v, %v, want no match", tt.name, got, err)
		}
	}
}

// What is current but for its spelling is stored anew, so that one spelling remains.
func TestOwnHashInAnotherSpelling(t *testing.T) {
	h := newHasher(t, passhash.Config{})
	encoded := mustHash(t, h, "right")
	if got, err := h.Verify(t.Context(), "argon2"+encoded, "right"); err != nil || got != (passhash.Match{OK: true, Rehash: true}) {
		t.Errorf("Verify = %+v, %v, want a match to be rehashed", got, err)
	}
}

func TestBcryptTakesPasswordsAsItsSystemsDid(t *testing.T) {
	const of72 = "$2b$06$LZSJchsWG/DrBy1erNs4eevHiRYVEe/uf7D5WdIlKW9.wHb4pt9qS" // 71 x and a y
	const of0 = "$2b$04$LZSJchsWG/DrBy1erNs4eefu654unq1vRIkPXEU26xa5pP4f4hqIS"  // nothing
	long := strings.Repeat("x", 71) + "y"
	tests := []struct {
		name, encoded, password string
		want                    bool
	}{
		{"72 bytes", of72, long, true},
		{"what is behind byte 72 is ignored", of72, long + "tail", true},
		{"a kilobyte behind it too", of72, long + strings.Repeat("z", 1024), true},
		{"byte 72 counts", of72, strings.Repeat("x", 72), false},
		{"71 bytes", of72, long[:71], false},
		{"a NUL behind byte 72", of72, long + "\x00", false},
		{"the empty password", of0, "", true},
		{"a NUL is not the empty password", of0, "\x00", false},
		{"nor are two", of0, "\x00\x00", false},
		{"a letter behind a NUL", of0, "\x00x", false},
		{"a password twice, with the NUL that bcrypt puts between", "$2b$04$abcdefghijklmnopqrstuuanVo7Xut1CH8VGIGlz1JovQh9GJbbtG", letMeIn + "\x00" + letMeIn, false},
	}
	h := newHasher(t, passhash.Config{})
	for _, tt := range tests {
		before := h.Hashes()
		if got, err := h.Verify(t.Context(), tt.encoded, tt.password); err != nil || got.OK != tt.want || h.Hashes() != before+1 {
			t.Errorf("%s: Verify = %+v, %v after %d hashes, want %t after 1", tt.name, got, err, h.Hashes()-before, tt.want)
		}
	}
}

// Hashes are of bytes. Who normalises passwords before Verify will not match a hash
// that another system made of the decomposed form.
func TestForeignHashesAreOfBytes(t *testing.T) {
	h := newHasher(t, passhash.Config{})
	for _, encoded := range []string{
		"$2b$04$abcdefghijklmnopqrstuuanVo7Xut1CH8VGIGlz1JovQh9GJbbtG",
		"pbkdf2_sha1$30000$seasalt$6/5h7qgEePCUoe8yZfjlzi9SSaw=",
	} {
		if got, err := h.Verify(t.Context(), encoded, "le\u0300tmein"); err != nil || got.OK {
			t.Errorf("Verify(%q) of a decomposed letter = %+v, %v, want no match", encoded, got, err)
		}
	}
}

func unbase64(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sample is the project of firebase/scrypt's README.
func sample(t *testing.T) (f passhash.Firebase, hash, salt []byte) {
	t.Helper()
	f = passhash.Firebase{
		SignerKey:     unbase64(t, "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="),
		SaltSeparator: unbase64(t, "Bw=="), Rounds: 8, MemoryCost: 14,
	}
	return f, unbase64(t, "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="), unbase64(t, "42xEC+ixf3L2lw==")
}

func TestFirebase(t *testing.T) {
	f, hash, salt := sample(t)
	encoded, err := f.Encode(hash, salt)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(encoded, "$firebase-scrypt$ln=14,r=8$42xEC+ixf3L2lwc$") || len(encoded) > 256 {
		t.Errorf("Encode = %s", encoded)
	}
	h := newHasher(t, passhash.Config{})
	if got, err := h.Verify(t.Context(), encoded, "user1password"); err != nil || got != (passhash.Match{OK: true, Rehash: true}) {
		t.Errorf("Verify = %+v, %v, want a match to be rehashed", got, err)
	}
	if got, err := h.Verify(t.Context(), encoded, "user2password"); err != nil || got.OK {
		t.Errorf("Verify of a wrong password = %+v, %v", got, err)
	}
	f.SignerKey[63] ^= 1
	if encoded, err = f.Encode(hash, salt); err != nil {
		t.Fatal(err)
	}
	if got, err := h.Verify(t.Context(), encoded, "user1password"); err != nil || got.OK {
		t.Errorf("Verify with another signer key = %+v, %v, want no match", got, err)
	}
}

func TestFirebaseRefuses(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(f *passhash.Firebase, hash, salt *[]byte)
	}{
		{"no signer key", func(f *passhash.Firebase, _, _ *[]byte) { f.SignerKey = nil }},
		{"no hash", func(_ *passhash.Firebase, hash, _ *[]byte) { *hash = nil }},
		{"neither", func(f *passhash.Firebase, hash, _ *[]byte) { *hash, f.SignerKey = nil, nil }},
		{"a short hash", func(_ *passhash.Firebase, hash, _ *[]byte) { *hash = (*hash)[:63] }},
		{"no salt", func(_ *passhash.Firebase, _, salt *[]byte) { *salt = nil }},
		{"a long salt", func(_ *passhash.Firebase, _, salt *[]byte) { *salt = make([]byte, 64) }},
		{"no rounds", func(f *passhash.Firebase, _, _ *[]byte) { f.Rounds = 0 }},
		{"too many rounds", func(f *passhash.Firebase, _, _ *[]byte) { f.Rounds = 1 << 30 }},
		{"no memory", func(f *passhash.Firebase, _, _ *[]byte) { f.MemoryCost = 0 }},
		{"too much memory", func(f *passhash.Firebase, _, _ *[]byte) { f.MemoryCost = 19 }},
	}
	for _, tt := range tests {
		f, hash, salt := sample(t)
		tt.spoil(&f, &hash, &salt)
		if got, err := f.Encode(hash, salt); err == nil || got != "" {
			t.Errorf("%s: Encode = %q, %v, want an error", tt.name, got, err)
		}
	}
}

func TestKnownSchemesThatAreNotComputed(t *testing.T) {
	for _, encoded := range []string{
		strings.Replace(fine, "argon2id", "argon2d", 1),
		"argon2" + strings.Replace(fine, "argon2id", "argon2d", 1),
		"$2x$05$6bNw2HLQYeqHYyBfLMsv/OiwqTymGIGzFsA4hOTWebfehXHNprcAS",
	} {
		if err := passhash.Check(encoded); !errors.Is(err, passhash.ErrUnsupported) || !errors.Is(err, passhash.ErrMalformed) {
			t.Errorf("Check(%q) = %v, want ErrUnsupported, which is ErrMalformed", encoded, err)
		}
	}
	if err := passhash.Check("$7$nobody$knows"); errors.Is(err, passhash.ErrUnsupported) || !errors.Is(err, passhash.ErrMalformed) {
		t.Errorf("Check of an unknown scheme = %v, want ErrMalformed alone", err)
	}
}

func TestDearestHashesAreAccepted(t *testing.T) {
	for name, encoded := range dearest {
		if err := passhash.Check(encoded); err != nil {
			t.Errorf("%s: Check(%q) = %v", name, encoded, err)
		}
	}
}
