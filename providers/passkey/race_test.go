package passkey_test

import (
	"maps"
	"net/http"
	"strconv"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/user"
)

const many = 50

// said is an answer in brief.
func said(r *authtest.Reply) string {
	if r.Code() == "" {
		return strconv.Itoa(r.Status)
	}
	return strconv.Itoa(r.Status) + " " + r.Code()
}

// clones are browsers for goroutines.
func clones(b *authtest.Browser) []*authtest.Browser {
	list := make([]*authtest.Browser, many)
	for i := range list {
		list[i] = b.Clone()
	}
	return list
}

// Of fifty answers to one challenge at once one is taken, whatever the ceremony.
func TestOneOfManyFinishesOneCeremony(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, ceremony := range allCeremonies {
			st := s.stageOf(t, ceremony, ceremony)
			answer := st.answer(t)
			before := s.rows(t)
			browsers := clones(st.Browser)
			got := authtest.InParallel(many, func(i int) string { return said(finish(browsers[i], ceremony, answer)) })
			// A step-up gives the session another token: later requests come without one. A
			// sign-in ends what it finds; the flow is gone with it.
			won := strconv.Itoa(st.ok())
			refused := 0
			for code, n := range got {
				switch {
				case code == won:
				case code == "400 invalid_token", code == "401 invalid_credentials", code == "403 wrong_passkey", code == "401 unauthenticated":
					refused += n
				default:
					t.Errorf("%s: %d times %s", ceremony, n, code)
				}
			}
			if got[won] != 1 || refused != many-1 {
				t.Errorf("%s: %v, want %s once", ceremony, got, won)
			}
			after := s.rows(t)
			want := map[string][3]int{
				"register": {0, 0, 1}, "sign-up": {1, 1, 1}, "sign-in": {0, 1, 0}, "step-up": {0, 0, 0},
			}[ceremony]
			if n := [3]int{after.users - before.users, after.sessions - before.sessions, len(after.credentials) - len(before.credentials)}; n != want {
				t.Errorf("%s: %v users, sessions and passkeys more, want %v", ceremony, n, want)
			}
		}
	})
}

// One passkey that many want to have at once, each with a challenge and an account of their
// own, is one account's.
func TestOnePasskeyIsOneAccounts(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const contenders = 12
		type contender struct {
			b        *authtest.Browser
			ceremony string
			answer   map[string]any
		}
		var (
			list   []contender
			answer []byte
		)
		for i := range contenders {
			name := "user" + strconv.Itoa(i)
			ceremony := []string{"register", "sign-up"}[i%2]
			st := s.stageOf(t, ceremony, name)
			if answer == nil {
				answer = st.answer(t)
			}
			list = append(list, contender{st.Browser, ceremony, again(t, answer, st.options)})
		}
		before := s.rows(t)
		got := authtest.InParallel(contenders, func(i int) string { return said(finish(list[i].b, list[i].ceremony, list[i].answer)) })
		if want := map[string]int{"201": 1, "409 credential_taken": contenders - 1}; !maps.Equal(got, want) {
			t.Errorf("%v, want %v; log:\n%s", got, want, s.Log())
		}
		after := s.rows(t)
		if len(after.credentials) != len(before.credentials)+1 || after.users > before.users+1 {
			t.Errorf("%v, before %v", after, before)
		}
	})
}

// One address that two people sign up with at once is one account, with one of the passkeys.
func TestOneAddressSignsUpOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const contenders = 8
		var (
			list    []*authtest.Browser
			answers [][]byte
		)
		for range contenders {
			b := s.Browser()
			options := begin(t, b, "register", map[string]string{"email": "ann@example.com"})
			list, answers = append(list, b), append(answers, create(t, authtest.NewAuthenticator(), options))
		}
		got := authtest.InParallel(contenders, func(i int) string { return said(finish(list[i], "sign-up", answers[i])) })
		if want := map[string]int{"201": 1, "401 invalid_credentials": contenders - 1}; !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if r := s.rows(t); r.users != 1 || r.sessions != 1 || len(r.credentials) != 1 {
			t.Errorf("%v", r)
		}
	})
}

// Of two passkeys that are deleted at once one stays: it is the last way in.
func TestTheLastPasskeyStays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for i := range 5 {
			ann := s.owner(t, "ann"+strconv.Itoa(i))
			if r := add(t, ann.Browser, authtest.NewAuthenticator(), "other"); r.Status != http.StatusCreated {
				t.Fatal(r)
			}
			passkeys := list(t, ann.Browser).Passkeys
			browsers := clones(ann.Browser)
			got := authtest.InParallel(10, func(i int) string { return said(browsers[i].Delete("/auth/passkeys/" + passkeys[i%2].ID)) })
			if got["204"] != 1 || got["204"]+got["409 last_sign_in_method"]+got["404 not_found"] != 10 {
				t.Errorf("%v", got)
			}
			if n := len(list(t, ann.Browser).Passkeys); n != 1 {
				t.Errorf("%d passkeys are left, want 1", n)
			}
		}
	})
}

// No more passkeys than may be, however many are made at once.
func TestNoMorePasskeysThanMayBe(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		for i := range 61 {
			id := hexed(seeded("id"+strconv.Itoa(i), 32))
			s.client.Credential.Create().SetUserID(ann.id).SetKind("passkey").SetIdentifier(id.url()).SetIdentifierHash(id).ExecX(t.Context())
		}
		const contenders = 8
		var (
			browsers []*authtest.Browser
			answers  [][]byte
		)
		for range contenders {
			options := begin(t, ann.Browser, "register", map[string]string{})
			answers = append(answers, create(t, authtest.NewAuthenticator(), options))
		}
		for range contenders {
			browsers = append(browsers, ann.Browser.Clone())
		}
		got := authtest.InParallel(contenders, func(i int) string { return said(finish(browsers[i], "register", answers[i])) })
		if want := map[string]int{"201": 2, "409 too_many_passkeys": contenders - 2}; !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if n := s.client.Credential.Query().Where(credential.UserID(ann.id)).CountX(t.Context()); n != 64 {
			t.Errorf("%d passkeys, want 64", n)
		}
	})
}

// A counter that many sign-ins raise at once ends as high as the highest, if that is strict
// about it or not; each that is not the highest so far is an event.
func TestCountersUnderARace(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ann := s.newcomer("ann")
		ann.device.DeviceBound, ann.device.CountsFrom = true, 1
		ann.enter(t)
		const contenders = 10
		var (
			list    []*authtest.Browser
			answers [][]byte
		)
		for range contenders {
			b := s.Browser()
			list, answers = append(list, b), append(answers, sign(t, ann.device, begin(t, b, "login", map[string]string{})))
		}
		got := authtest.InParallel(contenders, func(i int) string { return said(finish(list[i], "sign-in", answers[i])) })
		if got["200"] != contenders {
			t.Errorf("%v", got)
		}
		c := s.client.Credential.Query().Where(credential.Kind("passkey"), credential.HasUserWith(user.ID(ann.id))).OnlyX(t.Context())
		if n := s.events(t, auth.EventCounterBackwards); c.SignCount < 2 || c.SignCount > contenders+1 || c.SignCount < contenders+1 && n == 0 {
			t.Errorf("%d is stored, %d events", c.SignCount, n)
		}
	})
}
