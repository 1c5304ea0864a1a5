package passkey_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/providers/passkey"
)

// held is an answer of somebody's to options of their own, and the same passkey for others'.
func (s *site) held(t *testing.T, name string) (actor, []byte) {
	t.Helper()
	a := s.newcomer(name)
	answer := create(t, a.device, begin(t, a.Browser, "register", map[string]string{"email": a.email}))
	r := finish(a.Browser, "sign-up", answer)
	if r.Status != http.StatusCreated {
		t.Fatal(r)
	}
	a.id = r.UserID()
	return a, answer
}

var owners = []negative{
	{name: "PK-09 another user's passkey is added", test: func(t *testing.T, s *site) {
		ann, answer := s.held(t, "ann")
		bob := s.register(t, "bob@example.com")
		options := begin(t, bob, "register", map[string]string{})
		s.refused(t, finish(bob, "register", again(t, answer, options)), http.StatusConflict, "credential_taken", s.rows(t))
		s.refused(t, finish(bob, "register", again(t, answer, options)), http.StatusBadRequest, "invalid_token", s.rows(t))
		if r := signIn(t, s.Browser(), ann.device); r.UserID() != ann.id {
			t.Errorf("Ann: %v", r)
		}
	}},
	{name: "PK-09 somebody's passkey signs up", test: func(t *testing.T, s *site) {
		ann, answer := s.held(t, "ann")
		bob := s.newcomer("bob")
		options := begin(t, bob.Browser, "register", map[string]string{"email": bob.email})
		s.refused(t, finish(bob.Browser, "sign-up", again(t, answer, options)), http.StatusConflict, "credential_taken", s.rows(t))
		if r := signIn(t, s.Browser(), ann.device); r.UserID() != ann.id {
			t.Errorf("Ann: %v", r)
		}
	}},
	{name: "PK-09 passkey is added twice", test: func(t *testing.T, s *site) {
		ann, answer := s.held(t, "ann")
		options := begin(t, ann.Browser, "register", map[string]string{})
		s.refused(t, finish(ann.Browser, "register", again(t, answer, options)), http.StatusConflict, "credential_taken", s.rows(t))
	}},
	{name: "PK-09 browsers are told which passkeys there are", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		options := begin(t, ann.Browser, "register", map[string]string{})
		if _, err := ann.device.Create(options); err == nil {
			t.Error("the same authenticator makes another")
		}
	}},
	{name: "PK-09 more passkeys than may be", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		options := begin(t, ann.Browser, "register", map[string]string{})
		for i := range 63 {
			id := seeded("id", i+33)
			hash := seeded("hash", i+33)[i:][:32]
			s.client.Credential.Create().SetUserID(ann.id).SetKind("passkey").
				SetIdentifier(base64.RawURLEncoding.EncodeToString(id)).SetIdentifierHash(hash).ExecX(t.Context())
		}
		before := s.rows(t)
		s.refused(t, ann.Post("/auth/passkey/register/begin", map[string]string{}), http.StatusConflict, "too_many_passkeys", before)
		answer := create(t, authtest.NewAuthenticator(), options)
		s.refused(t, finish(ann.Browser, "register", answer), http.StatusConflict, "too_many_passkeys", before)
	}},
	{name: "PK-10 user handle of another user", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		bob := s.newcomer("bob")
		bob.device = ann.device // which has the passkeys of both
		bob.enter(t)
		ann.device.Lie(authtest.PasskeyHandleOther)
		s.refused(t, signIn(t, s.Browser(), ann.device), http.StatusUnauthorized, "invalid_credentials", s.rows(t))
		ann.device.Lie()
		if r := signIn(t, s.Browser(), ann.device); r.UserID() != bob.id {
			t.Errorf("the newest: %v", r)
		}
	}},
	{name: "PK-10 another user's id on one's own signature", test: func(t *testing.T, s *site) {
		ann, bob := s.owner(t, "ann"), s.owner(t, "bob")
		victim := base64.RawURLEncoding.EncodeToString(bob.device.Credentials()[0].ID)
		for _, handle := range [][]byte{ann.device.Credentials()[0].UserHandle, bob.device.Credentials()[0].UserHandle} {
			b := s.Browser()
			answer := with(t, sign(t, ann.device, begin(t, b, "login", map[string]string{})), map[string]any{"id": victim, "rawId": victim})
			answer["response"].(map[string]any)["userHandle"] = base64.RawURLEncoding.EncodeToString(handle)
			s.refused(t, finish(b, "sign-in", answer), http.StatusUnauthorized, "invalid_credentials", s.rows(t))
		}
	}},
	{name: "PK-10 id and rawId of two users", test: func(t *testing.T, s *site) {
		ann, bob := s.owner(t, "ann"), s.owner(t, "bob")
		victim := base64.RawURLEncoding.EncodeToString(bob.device.Credentials()[0].ID)
		for _, name := range []string{"id", "rawId"} {
			b := s.Browser()
			answer := with(t, sign(t, ann.device, begin(t, b, "login", map[string]string{})), map[string]any{name: victim})
			s.refused(t, finish(b, "sign-in", answer), http.StatusUnauthorized, "invalid_credentials", s.rows(t))
		}
	}},
	{name: "PK-10 another user's passkey steps up", test: func(t *testing.T, s *site) {
		ann, bob := s.owner(t, "ann"), s.owner(t, "bob")
		options := begin(t, bob.Browser, "step-up", nil)
		old := bob.Session()
		r := finish(bob.Browser, "step-up", sign(t, ann.device, asking(t, options)))
		s.refused(t, r, http.StatusForbidden, "wrong_passkey", s.rows(t))
		if bob.Session() != old || s.events(t, auth.EventStepUpFailed) != 1 {
			t.Errorf("session renewed %t, %d events", bob.Session() != old, s.events(t, auth.EventStepUpFailed))
		}
		s.refused(t, finish(bob.Browser, "step-up", sign(t, bob.device, options)), http.StatusForbidden, "wrong_passkey", s.rows(t))
	}},
	{name: "PK-10 one's own passkey that was added meanwhile is right", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		options := begin(t, ann.Browser, "step-up", nil)
		other := authtest.NewAuthenticator()
		if r := add(t, ann.Browser, other, "other"); r.Status != http.StatusCreated {
			t.Fatal(r)
		}
		if r := finish(ann.Browser, "step-up", sign(t, other, asking(t, options))); r.Status != http.StatusOK {
			t.Errorf("%v", r)
		}
	}},
	{
		name: "PK-10 another user's passkey where passkeys are listed", cfg: passkey.Config{InsecureListCredentials: true},
		test: func(t *testing.T, s *site) {
			ann, bob := s.owner(t, "ann"), s.owner(t, "bob")
			b := s.Browser()
			options := begin(t, b, "login", map[string]string{"email": bob.email})
			if _, err := ann.device.Get(options); err == nil {
				t.Error("Ann's is listed for Bob")
			}
			s.refused(t, finish(b, "sign-in", sign(t, ann.device, asking(t, options))), http.StatusUnauthorized, "invalid_credentials", s.rows(t))
			for _, lie := range []authtest.PasskeyLie{authtest.PasskeyHandleOther, authtest.PasskeyHandleLong} {
				bob.device.Lie(lie)
				options = begin(t, b, "login", map[string]string{"email": bob.email})
				s.refused(t, finish(b, "sign-in", sign(t, bob.device, options)), http.StatusUnauthorized, "invalid_credentials", s.rows(t))
			}
			// Nobody is found by a passkey that names nobody.
			bob.device.Lie(authtest.PasskeyHandleMissing)
			options = begin(t, b, "login", map[string]string{"email": "nobody@example.com"})
			s.refused(t, finish(b, "sign-in", sign(t, bob.device, options)), http.StatusUnauthorized, "invalid_credentials", s.rows(t))
			options = begin(t, b, "login", map[string]string{"email": bob.email})
			if r := finish(b, "sign-in", sign(t, bob.device, options)); r.UserID() != bob.id {
				t.Errorf("Bob's by his address: %v", r)
			}
		},
	},
}

// meanwhile signs in, and something happens between the two requests.
func (s *site) meanwhile(t *testing.T, a actor, happens func()) *authtest.Reply {
	t.Helper()
	b := s.Browser()
	options := begin(t, b, "login", map[string]string{})
	answer := sign(t, a.device, options)
	happens()
	return finish(b, "sign-in", answer)
}

var accounts = []negative{
	{name: "PK-16 disabled user", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		disable := func() {
			if err := s.Auth.DisableUser(t.Context(), ann.id); err != nil {
				t.Fatal(err)
			}
		}
		var before rows
		r := s.meanwhile(t, ann, func() { disable(); before = s.rows(t) })
		s.refused(t, r, http.StatusUnauthorized, "invalid_credentials", before)
		disabled := signIn(t, s.Browser(), ann.device)
		s.refused(t, disabled, http.StatusUnauthorized, "invalid_credentials", before)
		ann.device.Lie(authtest.PasskeySignatureKey)
		if wrong := signIn(t, s.Browser(), ann.device); wrong.String() != disabled.String() {
			t.Errorf("disabled: %v, a wrong signature: %v", disabled, wrong)
		}
		ann.device.Lie()
		if err := s.Auth.EnableUser(t.Context(), ann.id); err != nil {
			t.Fatal(err)
		}
		if r := signIn(t, s.Browser(), ann.device); r.UserID() != ann.id {
			t.Errorf("enabled again: %v", r)
		}
	}},
	{name: "PK-16 user who was disabled while adding or stepping up", test: func(t *testing.T, s *site) {
		for _, ceremony := range []string{"register", "step-up"} {
			st := s.stageOf(t, ceremony, ceremony)
			answer := st.answer(t)
			u := s.client.User.Query().Where(user.Email(st.email)).OnlyX(t.Context())
			if err := s.Auth.DisableUser(t.Context(), u.ID); err != nil {
				t.Fatal(err)
			}
			before := s.rows(t)
			if r := finish(st.Browser, ceremony, answer); r.Status < 400 {
				t.Errorf("%s: %v", ceremony, r)
			} else {
				s.refused(t, r, r.Status, r.Code(), before)
			}
		}
	}},
	{name: "PK-16 deleted user", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		var before rows
		r := s.meanwhile(t, ann, func() {
			if err := s.Auth.DeleteUser(t.Context(), ann.id); err != nil {
				t.Fatal(err)
			}
			before = s.rows(t)
		})
		s.refused(t, r, http.StatusUnauthorized, "invalid_credentials", before)
		s.refused(t, signIn(t, s.Browser(), ann.device), http.StatusUnauthorized, "invalid_credentials", before)
	}},
	{name: "PK-16 passkey that was removed meanwhile", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		if r := add(t, ann.Browser, authtest.NewAuthenticator(), "other"); r.Status != http.StatusCreated {
			t.Fatal(r)
		}
		id := list(t, ann.Browser).Passkeys[1].ID
		var before rows
		r := s.meanwhile(t, ann, func() {
			if r := ann.Delete("/auth/passkeys/" + id); r.Status != http.StatusNoContent {
				t.Fatal(r)
			}
			before = s.rows(t)
		})
		s.refused(t, r, http.StatusUnauthorized, "invalid_credentials", before)
	}},
	{name: "PK-16 passkey that is removed while it is verified", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		add(t, ann.Browser, authtest.NewAuthenticator(), "other")
		id := list(t, ann.Browser).Passkeys[1].ID
		b := s.Browser()
		answer := sign(t, ann.device, begin(t, b, "login", map[string]string{}))
		armed := true
		s.client.Credential.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
			return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
				v, err := next.Query(ctx, q)
				if armed {
					armed = false
					s.client.Credential.Delete().Where(credential.ID(id)).ExecX(ctx)
				}
				return v, err
			})
		}))
		r := finish(b, "sign-in", answer)
		if armed || r.Status != http.StatusUnauthorized || r.Code() != "invalid_credentials" || b.Session() != "" {
			t.Errorf("%v, removed %t", r, !armed)
		}
	}},
	{name: "PK-16 sign-up whose address nobody has proven", options: []authtest.Option{authtest.ProveFirst()}, test: func(t *testing.T, s *site) {
		ann := s.newcomer("ann")
		before := s.rows(t)
		r := signUp(t, ann.Browser, ann.device, ann.email)
		if r.Status != http.StatusAccepted || ann.Session() != "" || !s.rows(t).equal(before) {
			t.Fatalf("%v, session %q: %v", r, ann.Session(), s.rows(t))
		}
		s.refused(t, signIn(t, s.Browser(), ann.device), http.StatusUnauthorized, "invalid_credentials", before)
		code := s.Mail(t, ann.email).Code()
		if r := ann.Post("/auth/email/verify", map[string]string{"code": code}); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		if r := signIn(t, s.Browser(), ann.device); r.Status != http.StatusOK {
			t.Errorf("proven: %v", r)
		}
	}},
	{name: "PK-16 account whose address nobody has proven", options: []authtest.Option{authtest.ProveFirst()}, test: func(t *testing.T, s *site) {
		ann := s.newcomer("ann")
		signUp(t, ann.Browser, ann.device, ann.email)
		ann.Post("/auth/email/verify", map[string]string{"code": s.Mail(t, ann.email).Code()})
		s.client.User.Update().Where(user.Email(ann.email)).ClearEmailVerifiedAt().ExecX(t.Context())
		s.refused(t, signIn(t, s.Browser(), ann.device), http.StatusUnauthorized, "invalid_credentials", s.rows(t))
	}},
	{name: "PK-16 second factor is not gone round", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		if err := s.factor.Enrol(t.Context(), ann.id, "123456"); err != nil {
			t.Fatal(err)
		}
		b := s.Browser()
		sessions := s.rows(t).sessions
		r := signIn(t, b, ann.device)
		if r.Status != http.StatusUnauthorized || r.Code() != "second_factor_required" || b.Session() != "" || s.rows(t).sessions != sessions {
			t.Fatalf("%v, session %q", r, b.Session())
		}
		if r := b.Post("/auth/test-factor", map[string]string{"code": "123456"}); r.UserID() != ann.id {
			t.Errorf("with both: %v", r)
		}
	}},
	{name: "PK-16 address that has an account signs up", test: func(t *testing.T, s *site) {
		s.register(t, "ann@example.com")
		mallory := s.newcomer("ann")
		r := signUp(t, mallory.Browser, mallory.device, "ann@example.com")
		if r.Status != http.StatusUnauthorized || r.Code() != "invalid_credentials" || mallory.Session() != "" {
			t.Errorf("%v", r)
		}
		if n := s.client.Credential.Query().Where(credential.Kind("passkey")).CountX(t.Context()); n != 0 {
			t.Errorf("%d passkeys", n)
		}
	}},
}

var management = []negative{
	{name: "PK-13 another user's passkey is renamed or deleted", test: func(t *testing.T, s *site) {
		ann, bob := s.owner(t, "ann"), s.owner(t, "bob")
		word := s.client.Credential.Create().SetUserID(ann.id).SetKind("password").SetIdentifier(ann.id).
			SetIdentifierHash(seeded("hash", 32)).SetSecret("x").SaveX(t.Context())
		before := s.rows(t)
		for _, id := range []string{
			bob.passkeyID(t), word.ID, "crd_06h06p9h7dsm37qd1jz8t1tg0c", "crd_" + strings.Repeat("0", 300), "x", "usr_1", "%00", "crd_%FF", "..%2f",
		} {
			s.refused(t, ann.Delete("/auth/passkeys/"+id), http.StatusNotFound, "not_found", before)
			s.refused(t, ann.Patch("/auth/passkeys/"+id, map[string]string{"name": "x"}), http.StatusNotFound, "not_found", before)
		}
		if n := s.events(t, auth.EventCredentialRemoved) + s.events(t, auth.EventCredentialRenamed); n != 0 {
			t.Errorf("%d events", n)
		}
	}},
	{name: "PK-13 session that is not recent", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		add(t, ann.Browser, authtest.NewAuthenticator(), "other")
		id := list(t, ann.Browser).Passkeys[0].ID
		s.Clock.Advance(10*time.Minute + time.Second)
		before := s.rows(t)
		s.refused(t, ann.Delete("/auth/passkeys/"+id), http.StatusForbidden, "step_up_required", before)
		s.refused(t, ann.Patch("/auth/passkeys/"+id, map[string]string{"name": "x"}), http.StatusForbidden, "step_up_required", before)
		s.refused(t, ann.Post("/auth/passkey/register/begin", map[string]string{}), http.StatusForbidden, "step_up_required", before)
		// Nor does an address make a sign-up of it.
		s.refused(t, ann.Post("/auth/passkey/register/begin", map[string]string{"email": "x@example.com"}), http.StatusForbidden, "step_up_required", before)
	}},
	{name: "PK-13 nobody is signed in", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		id, b := ann.passkeyID(t), s.Browser()
		before := s.rows(t)
		for _, r := range []*authtest.Reply{
			b.Delete("/auth/passkeys/" + id), b.Patch("/auth/passkeys/"+id, map[string]string{"name": "x"}), b.Get("/auth/passkeys"),
			b.Post("/auth/passkey/register/begin", map[string]string{}), b.Post("/auth/passkey/step-up/begin", nil),
		} {
			s.refused(t, r, http.StatusUnauthorized, "unauthenticated", before)
		}
	}},
	{name: "PK-13 last way in", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		s.refused(t, ann.Delete("/auth/passkeys/"+ann.passkeyID(t)), http.StatusConflict, "last_sign_in_method", s.rows(t))
		if r := signIn(t, s.Browser(), ann.device); r.UserID() != ann.id {
			t.Errorf("afterwards: %v", r)
		}
	}},
	{name: "PK-13 last way in beside a second factor", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		id := ann.passkeyID(t)
		if err := s.factor.Enrol(t.Context(), ann.id, "123456"); err != nil {
			t.Fatal(err)
		}
		signIn(t, ann.Browser, ann.device)
		if r := ann.Post("/auth/test-factor", map[string]string{"code": "123456"}); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		s.refused(t, ann.Delete("/auth/passkeys/"+id), http.StatusConflict, "last_sign_in_method", s.rows(t))
	}},
	{name: "PK-13 names that are none", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		id := ann.passkeyID(t)
		before := s.rows(t)
		for _, name := range []string{"", "  ", "\u202e\u200b", strings.Repeat("é", 100) + "x"} {
			s.refused(t, ann.Patch("/auth/passkeys/"+id, map[string]string{"name": name}), http.StatusUnprocessableEntity, "invalid_fields", before)
		}
	}},
	{name: "PK-13 owner is not told", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		add(t, ann.Browser, authtest.NewAuthenticator(), "other")
		added := s.Mail(t, ann.email)
		ann.Delete("/auth/passkeys/" + list(t, ann.Browser).Passkeys[0].ID)
		removed := s.Mail(t, ann.email)
		if added.Subject == "" || removed.Subject == "" || added.Subject == removed.Subject {
			t.Errorf("mailed were %q and %q", added.Subject, removed.Subject)
		}
	}},
}
