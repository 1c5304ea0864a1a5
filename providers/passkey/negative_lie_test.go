package passkey_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// line is the line of the list of threats that a lie is about.
func line(lie authtest.PasskeyLie) string {
	switch lie {
	case authtest.PasskeyCrossOrigin, authtest.PasskeyTopOrigin, authtest.PasskeyTopOriginAlone, authtest.PasskeyClientCrossString:
		return "PK-04"
	case authtest.PasskeyRPOther:
		return "PK-05"
	case authtest.PasskeyUPMissing, authtest.PasskeyUVMissing, authtest.PasskeyFlagsZero:
		return "PK-06"
	case authtest.PasskeyBackupImpossible:
		return "PK-07"
	case authtest.PasskeyBackupFlipped:
		return "PK-15"
	}
	name := string(lie)
	switch {
	case strings.HasPrefix(name, "client_data.challenge"):
		return "PK-01"
	case strings.HasPrefix(name, "client_data.type"), strings.HasPrefix(name, "client_data.origin"):
		return "PK-03"
	case lie.Part() == "key":
		return "PK-08"
	case lie.Part() == "credential":
		return "PK-09"
	case lie.Part() == "user_handle", lie.Part() == "signature":
		return "PK-10"
	}
	return "PK-14"
}

// believed are not refused, and why.
var believed = map[string][]authtest.PasskeyLie{
	"register": {authtest.PasskeyPackedSelf, authtest.PasskeyCopiesOther}, // no lie; not looked at
	"sign-up":  {authtest.PasskeyPackedSelf, authtest.PasskeyCopiesOther},
	"sign-in":  {authtest.PasskeyBackupFlipped},                                // is recorded
	"step-up":  {authtest.PasskeyBackupFlipped, authtest.PasskeyHandleMissing}, // who it is was asked for
}

// unfound are the lies that hide which challenge it is: no ceremony is used up.
func unfound(lie authtest.PasskeyLie) bool {
	switch lie {
	case authtest.PasskeyBase64Standard, authtest.PasskeyBase64Newline, authtest.PasskeyBase64Bits,
		authtest.PasskeyBase64Garbage, authtest.PasskeyBase64Padded:
		return true
	}
	name := string(lie)
	return strings.HasPrefix(name, "client_data.") &&
		!strings.HasPrefix(name, "client_data.origin") && !strings.HasPrefix(name, "client_data.type") &&
		lie != authtest.PasskeyCrossOrigin && lie != authtest.PasskeyTopOrigin && lie != authtest.PasskeyTopOriginAlone
}

// says is what the site answers to a lie.
func says(ceremony string, lie authtest.PasskeyLie) (int, string) {
	switch {
	case lie == authtest.PasskeyClientHuge:
		return http.StatusRequestEntityTooLarge, "body_too_large"
	case ceremony == "sign-in":
		return http.StatusUnauthorized, "invalid_credentials"
	case ceremony == "step-up":
		return http.StatusForbidden, "wrong_passkey"
	case unfound(lie):
		return http.StatusBadRequest, "invalid_token"
	}
	return http.StatusBadRequest, "invalid_request"
}

// liesOfCreate tells every lie with a new passkey, to an account and for a new one: it is
// refused, nothing is written, the challenge is used up, and the truth is accepted.
func liesOfCreate(t *testing.T) {
	s := lite(t, passkey.Config{})
	for i, lie := range authtest.PasskeyLies("create") {
		for _, ceremony := range []string{"register", "sign-up"} {
			t.Run(line(lie)+" "+string(lie)+" at "+ceremony, func(t *testing.T) {
				a := s.newcomer(ceremony + strconv.Itoa(i))
				ask := map[string]string{"email": a.email}
				if ceremony == "register" {
					a.Browser, ask = s.register(t, a.email), nil
				}
				a.IP = "198.51.100." + strconv.Itoa(i)
				body := func() any {
					if ask == nil {
						return map[string]string{}
					}
					return ask
				}
				options := begin(t, a.Browser, "register", body())
				s.tells(t, a, ceremony, lie, options, func(options []byte) []byte {
					return create(t, a.device, options)
				}, func() []byte { return begin(t, a.Browser, "register", body()) })
			})
		}
	}
}

// liesOfGet does so with a passkey that is there.
func liesOfGet(t *testing.T) {
	s := lite(t, passkey.Config{})
	for i, lie := range authtest.PasskeyLies("get") {
		for _, ceremony := range []string{"sign-in", "step-up"} {
			t.Run(line(lie)+" "+string(lie)+" at "+ceremony, func(t *testing.T) {
				a := s.newcomer(ceremony + strconv.Itoa(i))
				a.device.DeviceBound = lie == authtest.PasskeyBackupImpossible
				a.IP = "198.51.100." + strconv.Itoa(i)
				a.enter(t)
				ask := func() []byte {
					if ceremony == "sign-in" {
						return begin(t, a.Browser, "login", map[string]string{})
					}
					return begin(t, a.Browser, "step-up", nil)
				}
				s.tells(t, a, ceremony, lie, ask(), func(options []byte) []byte { return sign(t, a.device, options) }, ask)
			})
		}
	}
}

// tells has a device lie, and then not.
func (s *site) tells(t *testing.T, a actor, ceremony string, lie authtest.PasskeyLie, options []byte, answer func([]byte) []byte, ask func() []byte) {
	t.Helper()
	good := map[string]int{"register": http.StatusCreated, "sign-up": http.StatusCreated, "sign-in": http.StatusOK, "step-up": http.StatusOK}[ceremony]
	a.device.Lie(lie)
	lying := answer(options)
	a.device.Lie()
	before := s.rows(t)
	r := finish(a.Browser, ceremony, lying)
	if slices.Contains(believed[ceremony], lie) {
		if r.Status != good {
			t.Errorf("it is %v, want %d", r, good)
		}
		return
	}
	status, code := says(ceremony, lie)
	s.refused(t, r, status, code, before)

	r = finish(a.Browser, ceremony, answer(options))
	if unfound(lie) {
		if r.Status != good {
			t.Errorf("the truth is %v, want %d: nobody had found the challenge", r, good)
		}
		return
	}
	status, code = http.StatusBadRequest, "invalid_token"
	if ceremony == "sign-in" || ceremony == "step-up" {
		status, code = says(ceremony, lie)
	}
	s.refused(t, r, status, code, before)
	if r := finish(a.Browser, ceremony, answer(ask())); r.Status != good {
		t.Errorf("the truth with a new challenge is %v, want %d", r, good)
	}
}
