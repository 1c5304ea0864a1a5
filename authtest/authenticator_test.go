package authtest_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/torii-go/torii/authtest"
)

// An honest authenticator registers and signs in, whatever kind it is.
func TestAuthenticatorSatisfiesARelyingParty(t *testing.T) {
	key := [16]byte{1, 2, 3}
	for name, row := range map[string]struct {
		authenticator                  *authtest.Authenticator
		offered                        []int
		asked                          protocol.UserVerificationRequirement
		resident                       protocol.ResidentKeyRequirement
		algorithm                      int
		verified, synced, discoverable bool
		attachment                     protocol.AuthenticatorAttachment
		wantTransports                 string
	}{
		"an ordinary one":          {algorithm: -7, verified: true, synced: true, discoverable: true},
		"EdDSA first":              {offered: []int{-8, -7}, algorithm: -8, verified: true, synced: true, discoverable: true},
		"RS256 first":              {offered: []int{-257, -7}, algorithm: -257, verified: true, synced: true, discoverable: true},
		"unknown algorithms first": {offered: []int{-53, -65535, -8}, algorithm: -8, verified: true, synced: true, discoverable: true},
		"one that can RS256 only": {
			authenticator: &authtest.Authenticator{Algorithms: []int{authtest.CoseRS256}}, algorithm: -257, verified: true, synced: true, discoverable: true,
		},
		"verification preferred":   {asked: protocol.VerificationPreferred, algorithm: -7, verified: true, synced: true, discoverable: true},
		"verification discouraged": {asked: protocol.VerificationDiscouraged, algorithm: -7, synced: true, discoverable: true},
		"one that verifies nobody": {
			authenticator: &authtest.Authenticator{NoVerification: true}, asked: protocol.VerificationPreferred, algorithm: -7, synced: true, discoverable: true,
		},
		"one that is bound":          {authenticator: &authtest.Authenticator{DeviceBound: true}, algorithm: -7, verified: true, discoverable: true},
		"a resident key discouraged": {resident: protocol.ResidentKeyRequirementDiscouraged, algorithm: -7, verified: true, synced: true, discoverable: true},
		"a security key": {
			authenticator: &authtest.Authenticator{
				AAGUID: key, Transports: []string{"usb", "nfc"}, DeviceBound: true, NotDiscoverable: true, CountsFrom: 5,
			},
			resident: protocol.ResidentKeyRequirementPreferred, algorithm: -7, verified: true,
			attachment: protocol.CrossPlatform, wantTransports: "[usb nfc]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, a := newParty(t), row.authenticator
			if a == nil {
				a = authtest.NewAuthenticator()
			}
			if row.offered != nil {
				p.offered = offer(row.offered...)
			}
			if row.asked != "" {
				p.verification = row.asked
			}
			if row.resident != "" {
				p.resident = row.resident
			}
			if row.attachment == "" {
				row.attachment, row.wantTransports = protocol.Platform, "[internal hybrid]"
			}
			c, refused, failed := p.register(t, a)
			if refused != nil || failed != nil {
				t.Fatalf("register: %v, %v", refused, failed)
			}
			held := a.Credentials()
			want := authtest.Passkey{
				ID: c.ID, RPID: "app.example", UserHandle: p.user.id, UserName: p.user.name, Discoverable: row.discoverable, Algorithm: row.algorithm,
			}
			if len(held) != 1 || fmt.Sprint(held[0]) != fmt.Sprint(want) {
				t.Errorf("it holds %v, want %v", held, want)
			}
			if rk := c.Extensions.RK; rk == nil || *rk != row.discoverable {
				t.Errorf("credProps.rk is %v", rk)
			}
			if got := fmt.Sprint(c.Transport); got != row.wantTransports || c.Authenticator.Attachment != row.attachment {
				t.Errorf("reached by %s, %s", got, c.Authenticator.Attachment)
			}
			if !bytes.Equal(c.Authenticator.AAGUID, a.AAGUID[:]) || c.Authenticator.SignCount != a.CountsFrom || c.AttestationFormat != "none" {
				t.Errorf("registered is %+v", c.Authenticator)
			}
			for _, listed := range []bool{true, false} {
				got, refused, failed := p.signIn(t, a, listed)
				if !listed && !row.discoverable {
					if !errors.Is(refused, authtest.ErrNotAllowed) {
						t.Errorf("unasked it answers %v", refused)
					}
					continue
				}
				if refused != nil || failed != nil {
					t.Fatalf("sign in (listed %v): %v, %v", listed, refused, failed)
				}
				f := got.Flags
				if !f.UserPresent || f.UserVerified != row.verified || f.BackupEligible != row.synced || f.BackupState != row.synced {
					t.Errorf("signed in with %+v", f)
				}
			}
		})
	}
}

// What a browser would not do is an error with the name that it has there.
func TestAuthenticatorIsAsStrictAsABrowser(t *testing.T) {
	const user, rest = `"user":{"id":"dXNlcg","name":"ann","displayName":"Ann"}`, `"challenge":"Y2hhbGxlbmdlLWNoYWxsZW5nZQ","pubKeyCredParams":[{"type":"public-key","alg":-7}]`
	create := func(members string) string {
		return `{"publicKey":{"rp":{"name":"App"},` + user + `,` + rest + members + `}}`
	}
	honest := create("")
	for _, row := range []struct {
		name    string
		a       *authtest.Authenticator
		options string
		want    error
	}{
		{"honest options are taken", &authtest.Authenticator{}, honest, nil},
		{"no JSON", &authtest.Authenticator{}, `{`, authtest.ErrOptions},
		{"no publicKey", &authtest.Authenticator{}, `{}`, authtest.ErrOptions},
		{"publicKey in another case", &authtest.Authenticator{}, strings.Replace(honest, "publicKey", "PublicKey", 1), authtest.ErrOptions},
		{"a challenge with padding", &authtest.Authenticator{}, strings.Replace(honest, "ZQ\"", "ZQ==\"", 1), authtest.ErrOptions},
		{"a challenge with a line break", &authtest.Authenticator{}, strings.Replace(honest, "Y2hh", `Y2\nhh`, 1), authtest.ErrOptions},
		{"no challenge", &authtest.Authenticator{}, strings.Replace(honest, "challenge", "challenged", 1), authtest.ErrOptions},
		{"no displayName", &authtest.Authenticator{}, strings.Replace(honest, `,"displayName":"Ann"`, "", 1), authtest.ErrOptions},
		{"no name of the site", &authtest.Authenticator{}, strings.Replace(honest, `"name":"App"`, "", 1), authtest.ErrOptions},
		{"an empty user handle", &authtest.Authenticator{}, strings.Replace(honest, "dXNlcg", "", 1), authtest.ErrOptions},
		{"a user handle of 65 bytes", &authtest.Authenticator{}, strings.Replace(honest, "dXNlcg", strings.Repeat("A", 87), 1), authtest.ErrOptions},
		{"no algorithm in common", &authtest.Authenticator{}, strings.Replace(honest, "-7", "-53", 1), authtest.ErrNotSupported},
		{"algorithms of no public key", &authtest.Authenticator{}, strings.Replace(honest, "public-key", "password", 1), authtest.ErrNotSupported},
		{"no list of algorithms", &authtest.Authenticator{}, strings.Replace(honest, `[{"type":"public-key","alg":-7}]`, "[]", 1), nil},
		{"a domain above", &authtest.Authenticator{Origin: "https://www.app.example"}, strings.Replace(honest, `"rp":{`, `"rp":{"id":"app.example",`, 1), nil},
		{"a top level domain", &authtest.Authenticator{}, strings.Replace(honest, `"rp":{`, `"rp":{"id":"example",`, 1), authtest.ErrSecurity},
		{"a domain below", &authtest.Authenticator{}, strings.Replace(honest, `"rp":{`, `"rp":{"id":"www.app.example",`, 1), authtest.ErrSecurity},
		{"a domain that ends alike", &authtest.Authenticator{}, strings.Replace(honest, `"rp":{`, `"rp":{"id":"p.example",`, 1), authtest.ErrSecurity},
		{"a related origin", &authtest.Authenticator{Related: true}, strings.Replace(honest, `"rp":{`, `"rp":{"id":"another.example",`, 1), nil},
		{"http", &authtest.Authenticator{Origin: "http://app.example"}, honest, authtest.ErrSecurity},
		{"http on this machine", &authtest.Authenticator{Origin: "http://localhost:8080"}, honest, nil},
		{"an origin that is none", &authtest.Authenticator{Origin: "app.example"}, honest, authtest.ErrSecurity},
		{"verification that it cannot do", &authtest.Authenticator{NoVerification: true}, create(`,"authenticatorSelection":{"userVerification":"required"}`), authtest.ErrNotAllowed},
		{"a resident key that it cannot keep", &authtest.Authenticator{NotDiscoverable: true}, create(`,"authenticatorSelection":{"residentKey":"required"}`), authtest.ErrNotAllowed},
		{"the same in the old words", &authtest.Authenticator{NotDiscoverable: true}, create(`,"authenticatorSelection":{"requireResidentKey":true}`), authtest.ErrNotAllowed},
		{"a platform that it is not", &authtest.Authenticator{Transports: []string{"usb"}}, create(`,"authenticatorSelection":{"authenticatorAttachment":"platform"}`), authtest.ErrNotAllowed},
		{"another device that it is not", &authtest.Authenticator{Transports: []string{"internal"}}, create(`,"authenticatorSelection":{"authenticatorAttachment":"cross-platform"}`), authtest.ErrNotAllowed},
		{"another device that a phone is", &authtest.Authenticator{}, create(`,"authenticatorSelection":{"authenticatorAttachment":"cross-platform"}`), nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.name != "honest options are taken" && row.options == honest && row.a.Origin == "" {
				t.Fatal("the options are honest")
			}
			answer, err := row.a.Create([]byte(row.options))
			if !errors.Is(err, row.want) || (err == nil) != (row.want == nil) || (answer == nil) != (err != nil) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			if n := len(row.a.Credentials()); (n == 1) != (row.want == nil) {
				t.Errorf("it holds %d", n)
			}
		})
	}
	a := authtest.NewAuthenticator()
	for options, want := range map[string]error{
		`{"publicKey":{"challenge":"Y2hhbGxlbmdl"}}`:                       authtest.ErrNotAllowed, // it has none
		`{"publicKey":{"challenge":"Y2hhbGxlbmdl","rpId":"liar.example"}}`: authtest.ErrSecurity,
		`{"publicKey":{"challenge":""}}`:                                   authtest.ErrOptions,
		`{}`:                                                               authtest.ErrOptions, `[`: authtest.ErrOptions,
	} {
		if _, err := a.Get([]byte(options)); !errors.Is(err, want) {
			t.Errorf("Get(%s): %v, want %v", options, err, want)
		}
	}
}

func TestAuthenticatorKeepsPasskeys(t *testing.T) {
	ann, ben, a := newParty(t), newParty(t), authtest.NewAuthenticator()
	ben.user.id, ben.user.name = bytes.Repeat([]byte{8}, 64), "ben@example.com"
	for _, p := range []*party{ann, ben} {
		if _, refused, failed := p.register(t, a); refused != nil || failed != nil {
			t.Fatal(refused, failed)
		}
	}
	if _, refused, failed := ben.signIn(t, a, false); refused != nil || failed != nil {
		t.Errorf("the newest does not answer: %v, %v", refused, failed)
	}
	if _, _, failed := ann.signIn(t, a, false); failed == nil {
		t.Error("the oldest answers")
	}
	if _, refused, failed := ann.signIn(t, a, true); refused != nil || failed != nil {
		t.Errorf("the one that is listed does not answer: %v, %v", refused, failed)
	}
	ann.exclude = true
	if _, refused, _ := ann.register(t, a); !errors.Is(refused, authtest.ErrInvalidState) {
		t.Errorf("a second one for the same account: %v", refused)
	}
	if _, refused, failed := ann.register(t, &authtest.Authenticator{}); refused != nil || failed != nil {
		t.Errorf("a second authenticator: %v, %v", refused, failed)
	}
	ann.exclude = false
	if _, refused, failed := ann.register(t, a); refused != nil || failed != nil || len(a.Credentials()) != 2 {
		t.Errorf("a new one in place of the old: %v, %v, %d", refused, failed, len(a.Credentials()))
	}
	newest := a.Credentials()[1]
	if !bytes.Equal(newest.ID, ann.user.keys[2].ID) || !a.Forget(newest.ID) || a.Forget(newest.ID) {
		t.Error("the newest is not forgotten once")
	}
	if _, refused, _ := ann.signIn(t, a, true); !errors.Is(refused, authtest.ErrNotAllowed) {
		t.Errorf("one that is forgotten: %v", refused)
	}
	if _, refused, failed := ben.signIn(t, a, false); refused != nil || failed != nil {
		t.Errorf("the other one: %v, %v", refused, failed)
	}
}

func TestAuthenticatorCounts(t *testing.T) {
	for _, row := range []struct {
		from uint32
		set  []int // before each use; -1 leaves it
		want []uint32
	}{
		{0, []int{-1, -1, -1}, []uint32{0, 0, 0}},
		{5, []int{-1, -1, -1}, []uint32{5, 6, 7}},
		{5, []int{-1, 5, 4, -1}, []uint32{5, 5, 4, 5}},
		{5, []int{-1, 0, -1}, []uint32{5, 0, 1}},
		{0, []int{0, -1, 9, -1, 0, -1}, []uint32{0, 0, 9, 10, 0, 1}},
		{5, []int{0, -1}, []uint32{0, 1}},
	} {
		p, a := newParty(t), &authtest.Authenticator{CountsFrom: row.from}
		var got []uint32
		for i, n := range row.set {
			if n >= 0 {
				a.SetCounter(uint32(n))
			}
			use := func() (*webauthn.Credential, error, error) { return p.signIn(t, a, false) }
			if i == 0 {
				use = func() (*webauthn.Credential, error, error) { return p.register(t, a) }
			}
			c, refused, failed := use()
			if refused != nil || failed != nil {
				t.Fatal(refused, failed)
			}
			said := c.Authenticator.SignCount
			if c.Authenticator.CloneWarning { // the count is not taken over then
				said = row.want[i]
			} else if i > 0 && row.want[i] != 0 && row.want[i] <= got[i-1] {
				t.Errorf("from %d, set %v: no warning at use %d", row.from, row.set, i)
			}
			got = append(got, said)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("from %d, set %v: %v, want %v", row.from, row.set, got, row.want)
		}
	}
}

func TestAuthenticatorIsSafeForConcurrentUse(t *testing.T) {
	p, a := newParty(t), authtest.NewAuthenticator()
	if _, refused, failed := p.register(t, a); refused != nil || failed != nil {
		t.Fatal(refused, failed)
	}
	a.SetCounter(1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			mine := *p
			if _, refused, failed := mine.signIn(t, a, false); refused != nil || failed != nil {
				t.Error(refused, failed)
			}
			a.Credentials()
			a.Lie()
		})
	}
	wg.Wait()
	if c, _, _ := p.signIn(t, a, false); c == nil || c.Authenticator.SignCount != 9 {
		t.Errorf("after eight uses: %+v", c)
	}
}
