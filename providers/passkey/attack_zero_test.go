package passkey_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/passkey"
	"github.com/torii-go/torii/sessions"
)

// calls are the methods that do something, for a user who may be nobody.
func calls(t *testing.T, p *passkey.Provider, s sessions.Session, u *ent.User, answer []byte, text string, c auth.Client) map[string]error {
	t.Helper()
	ctx, errs := t.Context(), map[string]error{}
	_, errs["BeginSignUp"] = p.BeginSignUp(ctx, passkey.SignUp{Email: text, Name: text, ReturnTo: text}, c)
	_, errs["FinishSignUp"] = p.FinishSignUp(ctx, answer, c)
	_, errs["BeginRegistration"] = p.BeginRegistration(ctx, s, c)
	_, errs["FinishRegistration"] = p.FinishRegistration(ctx, s, answer, text, c)
	_, errs["BeginStepUp"] = p.BeginStepUp(ctx, s, c)
	_, errs["FinishStepUp"] = p.FinishStepUp(ctx, s, answer, c)
	_, errs["FinishSignIn"] = p.FinishSignIn(ctx, answer, c)
	_, errs["Rename"] = p.Rename(ctx, s, text, text, c)
	errs["Delete"] = p.Delete(ctx, s, text, c)
	_, errs["StepUp"] = p.StepUp(ctx, c, &ent.User{}, func(any) error { return auth.ErrInvalidRequest })
	_, errs["Signals"] = p.Signals(ctx, u)
	return errs
}

func TestAProviderThatIsNotMounted(t *testing.T) {
	p := passkey.New(passkey.Config{})
	errs := calls(t, p, sessions.Session{}, &ent.User{}, []byte(`{}`), "x", auth.Client{})
	_, errs["BeginSignIn"] = p.BeginSignIn(t.Context(), "", auth.Client{})
	_, errs["Passkeys"] = p.Passkeys(t.Context(), "")
	delete(errs, "StepUp") // which asks for the body first
	for name, err := range errs {
		if !errors.Is(err, auth.ErrNotMounted) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p.RelatedOrigins() != nil || p.Name() != "passkey" || len(p.Mailings()) == 0 {
		t.Error("what needs no Auth does not work without one")
	}
}

func TestNothingIsNobody(t *testing.T) {
	s := crowded(t, authtest.Database(t), passkey.Config{}, nil)
	s.owner(t, "ann")
	before := s.rows(t)
	for _, answer := range [][]byte{nil, {}, []byte("null"), []byte("{}"), []byte("[]"), []byte(`{"response":null}`), []byte(strings.Repeat("[", 1<<16)), []byte(strings.Repeat(" ", 1<<21))} {
		for _, text := range []string{"", "\x00", "\xff", strings.Repeat("a", 1<<20), "crd_"} {
			for _, own := range []sessions.Session{{}, {ID: "ses_x"}, {UserID: "usr_x"}, {UserID: strings.Repeat("u", 1<<16)}} {
				for name, err := range calls(t, s.passkeys, own, nil, answer, text, auth.Client{Flows: []string{"", text}, Sessions: []string{text}}) {
					if e, ok := errors.AsType[*auth.Error](err); !ok || e.Status >= http.StatusInternalServerError {
						t.Fatalf("%s(%.20q, %.20q): %v", name, answer, text, err)
					}
				}
			}
		}
	}
	if _, err := s.passkeys.BeginSignIn(t.Context(), strings.Repeat("a", 1<<20), auth.Client{}); err != nil {
		t.Errorf("BeginSignIn of somebody without anything: %v", err)
	}
	if list, err := s.passkeys.Passkeys(t.Context(), "\x00"); err != nil && !errors.Is(err, auth.ErrNotFound) || len(list) > 0 {
		t.Errorf("the passkeys of nobody: %v, %v", list, err)
	}
	if after := s.rows(t); !after.equal(before) {
		t.Errorf("it wrote something:\n%v", after)
	}
}
