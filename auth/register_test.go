package auth_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

func TestFiftyPeopleRegisterAtOnce(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		got := authtest.InParallel(50, func(int) int {
			return s.Browser().Post("/auth/register", credentials(person(), phrase)).Status
		})
		if got[http.StatusCreated] != 50 {
			t.Errorf("answers %v, want 50 times 201; log:\n%s", got, s.Log())
		}
		after := rows(t, client)
		if after["users"] != 50 || after["credentials"] != 50 || after["sessions"] != 50 {
			t.Errorf("rows %v, want 50 users, credentials and sessions", after)
		}
	})
}

func TestOneAddressIsRegisteredOnce(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		spellings := []string{"ann@example.com", "ANN@EXAMPLE.COM", " Ann@example.com", "ann@Example.Com ", "aNN@example.COM"}
		got := authtest.InParallel(50, func(i int) int {
			return s.Browser().Post("/auth/register", credentials(spellings[i%len(spellings)], phrase)).Status
		})
		won, lost := got[http.StatusCreated], got[http.StatusConflict]+got[http.StatusTooManyRequests]+got[http.StatusServiceUnavailable]
		if won != 1 || lost != 49 {
			t.Errorf("answers %v, want one 201 and 49 refusals; log:\n%s", got, s.Log())
		}
		after := rows(t, client)
		if after["users"] != 1 || after["credentials"] != 1 || after["sessions"] != 1 {
			t.Errorf("rows %v, want one user, credential and session", after)
		}
	})
}

func TestARegistrationThatIsRefusedLeavesNothing(t *testing.T) {
	tests := []struct {
		name, email, password, person string
		status                        int
		code                          string
		fields                        string
	}{
		{"an address that is none", "ann", phrase, "", 422, "invalid_fields", "email:invalid_email"},
		{"a short password", "new@example.com", "short", "", 422, "invalid_fields", "password:weak_password"},
		{"both", "ann", "short", "", 422, "invalid_fields", "email:invalid_email password:weak_password"},
		{"a name that is too long", "new@example.com", phrase, strings.Repeat("a", 101), 422, "invalid_fields", "name:invalid_name"},
		{"a taken address", "taken@example.com", phrase, "", 409, "email_taken", ""},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		register(t, s.Browser(), "taken@example.com")
		before := rows(t, client)
		for _, tt := range tests {
			r := s.Browser().Post("/auth/register", map[string]string{"email": tt.email, "password": tt.password, "name": tt.person})
			if r.Status != tt.status || r.Code() != tt.code || fieldsOf(r) != tt.fields || len(r.Cookies) != 0 {
				t.Errorf("%s: %v, fields %q, cookies %v; want %d %s %q and none", tt.name, r, fieldsOf(r), r.Cookies, tt.status, tt.code, tt.fields)
			}
		}
		unchanged(t, client, before, "refused registrations")
		if r := s.Browser().Post("/auth/register", credentials("new@example.com", phrase)); r.Status != http.StatusCreated {
			t.Errorf("the same address after the refusals: %v", r)
		}
	})
}

// fieldsOf writes the codes of a refusal as "name:code name:code", sorted.
func fieldsOf(r *authtest.Reply) string {
	var body struct{ Fields map[string]string }
	_ = r.JSON(&body) // a body without fields has none
	var list []string
	for name, code := range body.Fields {
		list = append(list, name+":"+code)
	}
	return strings.Join(sorted(list), " ")
}
