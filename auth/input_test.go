package auth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
)

// odd is a request that nobody should send.
type odd struct {
	name, route, body string
	status            int
	code              string
	header            http.Header // added to a browser's
}

func long(n int) string { return strings.Repeat("a", n) }

// bodies are refused, or read as credentials of nobody.
var oddBodies = []odd{
	{"no address", "POST /auth/login", `{"password":"x"}`, 400, "invalid_request", nil},
	{"no password", "POST /auth/login", `{"email":"a@x.example"}`, 400, "invalid_request", nil},
	{"null for both", "POST /auth/login", `{"email":null,"password":null}`, 400, "invalid_request", nil},
	{"a list for an address", "POST /auth/login", `{"email":["a@x.example"],"password":"x"}`, 400, "invalid_request", nil},
	{"an operator for an address", "POST /auth/login", `{"email":{"$ne":1},"password":"x"}`, 400, "invalid_request", nil},
	{"an operator for a password", "POST /auth/login", `{"email":"a@x.example","password":{"$gt":""}}`, 400, "invalid_request", nil},
	{"zero for an address", "POST /auth/login", `{"email":0,"password":"x"}`, 400, "invalid_request", nil},
	{"a huge number", "POST /auth/login", `{"email":1e999999,"password":"x"}`, 400, "invalid_request", nil},
	{"a truth value for a password", "POST /auth/login", `{"email":"a@x.example","password":true}`, 400, "invalid_request", nil},
	{"an address twice", "POST /auth/login", `{"email":"a@x.example","email":"b@x.example","password":"x"}`, 400, "invalid_request", nil},
	{"invalid UTF-8", "POST /auth/login", "{\"email\":\"a\xff@x.example\",\"password\":\"x\"}", 400, "invalid_request", nil},
	{"half a surrogate pair", "POST /auth/login", `{"email":"a@x.example","password":"\udc00"}`, 400, "invalid_request", nil},
	{"a member in another case", "POST /auth/login", `{"Email":"a@x.example","Password":"x"}`, 400, "invalid_request", nil},
	{"a deep nest", "POST /auth/login", `{"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, 400, "invalid_request", nil},
	{"a body over the limit", "POST /auth/login", `{"email":"` + long(64<<10) + `"}`, 413, "body_too_large", nil},
	{"a long password", "POST /auth/login", `{"email":"a@x.example","password":"` + long(60_000) + `"}`, 401, "invalid_credentials", nil},
	{"a long address", "POST /auth/login", `{"email":"` + long(60_000) + `","password":"x"}`, 401, "invalid_credentials", nil},
	{"a NUL in an address", "POST /auth/login", `{"email":"a\u0000@x.example","password":"x"}`, 401, "invalid_credentials", nil},
	{"a NUL alone", "POST /auth/login", `{"email":"\u0000","password":"\u0000"}`, 401, "invalid_credentials", nil},
	{"SQL in an address", "POST /auth/login", `{"email":"' OR 1=1 --","password":"' OR 1=1 --"}`, 401, "invalid_credentials", nil},
	{"emoji", "POST /auth/login", `{"email":"🙂@🙂.example","password":"🙂"}`, 401, "invalid_credentials", nil},
	{"two addresses in one", "POST /auth/login", `{"email":"a@x.example,b@x.example","password":"x"}`, 401, "invalid_credentials", nil},
	{"a line break and a header", "POST /auth/login", `{"email":"a@x.example\r\nBcc: b@x.example","password":"x"}`, 401, "invalid_credentials", nil},
	{"empty strings", "POST /auth/login", `{"email":"","password":""}`, 401, "invalid_credentials", nil},

	{"an empty form", "POST /auth/register", `{}`, 422, "invalid_fields", nil},
	{"a NUL in an address", "POST /auth/register", `{"email":"a\u0000@x.example","password":"a long pass phrase"}`, 422, "invalid_fields", nil},
	{"a full-width at sign", "POST /auth/register", `{"email":"a＠x.example","password":"a long pass phrase"}`, 422, "invalid_fields", nil},
	{"a quoted local part with another address", "POST /auth/register", `{"email":"\"a@evil.example\"@x.example","password":"a long pass phrase"}`, 422, "invalid_fields", nil},
	{"an address literal", "POST /auth/register", `{"email":"a@[127.0.0.1]","password":"a long pass phrase"}`, 422, "invalid_fields", nil},
	{"a tag in an address", "POST /auth/register", `{"email":"<script>@x.example","password":"a long pass phrase"}`, 422, "invalid_fields", nil},
	{"a long local part", "POST /auth/register", `{"email":"` + long(300) + `@x.example","password":"a long pass phrase"}`, 422, "invalid_fields", nil},
	{"a password of 129 characters", "POST /auth/register", `{"email":"n@x.example","password":"` + long(129) + `"}`, 422, "invalid_fields", nil},
	{"a password of 60,000 characters", "POST /auth/register", `{"email":"n@x.example","password":"` + long(60_000) + `"}`, 422, "invalid_fields", nil},
	{"a name of 60,000 characters", "POST /auth/register", `{"email":"n@x.example","password":"a long pass phrase","name":"` + long(60_000) + `"}`, 422, "invalid_fields", nil},
	{"a list for a name", "POST /auth/register", `{"email":"n@x.example","password":"a long pass phrase","name":["x"]}`, 400, "invalid_request", nil},
	{"an operator for a password", "POST /auth/register", `{"email":"n@x.example","password":{"$gt":""}}`, 400, "invalid_request", nil},

	{"a list for a name", "PATCH /auth/user", `{"name":[]}`, 400, "invalid_request", nil},
	{"a huge number for a name", "PATCH /auth/user", `{"name":99999999999999999999999999}`, 400, "invalid_request", nil},
	{"a long name", "PATCH /auth/user", `{"name":"` + long(5_000) + `"}`, 422, "invalid_fields", nil},
	{"emoji without end", "PATCH /auth/user", `{"name":"` + strings.Repeat("🙂", 101) + `"}`, 422, "invalid_fields", nil},
	{"a list for a password", "POST /auth/step-up", `{"password":["a long pass phrase"]}`, 400, "invalid_request", nil},
	{"an empty object", "POST /auth/step-up", `{}`, 400, "invalid_request", nil},
	{"a long password", "POST /auth/step-up", `{"password":"` + long(60_000) + `"}`, 403, "wrong_password", nil},
	{"a NUL for a password", "POST /auth/step-up", `{"password":"\u0000"}`, 403, "wrong_password", nil},
	{"no new password", "POST /auth/password", `{"current_password":"a long pass phrase"}`, 400, "invalid_request", nil},
	{"a number for a new password", "POST /auth/password", `{"current_password":"a long pass phrase","new_password":12345678901234567890}`, 400, "invalid_request", nil},
	{"a long new password", "POST /auth/password", `{"current_password":"a long pass phrase","new_password":"` + long(60_000) + `"}`, 422, "invalid_fields", nil},
	{"a wrong current password", "POST /auth/password", `{"current_password":"\u0000","new_password":"another long pass phrase"}`, 403, "wrong_password", nil},

	{"a NUL for an id", "DELETE /auth/sessions/%00", "", 404, "not_found", nil},
	{"a byte that is no text for an id", "DELETE /auth/sessions/%ff", "", 404, "not_found", nil},
	{"SQL for an id", "DELETE /auth/sessions/'%20OR%201=1%20--", "", 404, "not_found", nil},
	{"dots for an id", "DELETE /auth/sessions/%2e%2e", "", 404, "not_found", nil},
	{"a slash in an id", "DELETE /auth/sessions/..%2fuser", "", 404, "not_found", nil},
	{"a wildcard for an id", "DELETE /auth/sessions/%25", "", 404, "not_found", nil},
	{"a long id", "DELETE /auth/sessions/" + long(5_000), "", 404, "not_found", nil},
	{"emoji for an id", "DELETE /auth/sessions/%F0%9F%99%82", "", 404, "not_found", nil},
	{"a route of nobody", "POST /auth/login/x", `{}`, 404, "not_found", nil},
	{"an unknown method", "BREW /auth/login", "", 405, "method_not_allowed", nil},
	{"a method in lower case", "post /auth/login", "", 405, "method_not_allowed", nil},

	{"another method in a header", "GET /auth/login", "", 405, "method_not_allowed", http.Header{"X-Http-Method-Override": {"POST"}}},
	{"a form", "POST /auth/login", `email=a&password=b`, 415, "unsupported_media_type", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}},
	{"text", "POST /auth/login", `{}`, 415, "unsupported_media_type", http.Header{"Content-Type": {"text/plain"}}},
	{"two types", "POST /auth/login", `{}`, 415, "unsupported_media_type", http.Header{"Content-Type": {"application/json", "text/plain"}}},
	{"a type that is no text", "POST /auth/login", `{}`, 415, "unsupported_media_type", http.Header{"Content-Type": {"\xff\x00"}}},
	{"odd bytes in every header", "POST /auth/login", `{}`, 400, "invalid_request", http.Header{
		"User-Agent": {"\xff\xfe\x00\x1b[31m"}, "Torii-Flow": {"\xff\x00"}, "Torii-Transport": {"\xff"}, "X-Forwarded-For": {"\xff"}, "Accept": {"\xff"},
	}},
	{"odd bytes in the cookies", "POST /auth/login", `{"email":"a@x.example","password":"x"}`, 401, "invalid_credentials", http.Header{
		"Cookie": {deviceCookie + "=\xff\x00;;;=;" + flowCookie + "=%00.\xff." + strings.Repeat("A", 43) + "; " + sessionCookie + "=\x00"},
	}},
	{"a thousand flows", "POST /auth/login", `{"email":"a@x.example","password":"x"}`, 401, "invalid_credentials", http.Header{
		"Cookie": {flowCookie + "=" + strings.Repeat(strings.Repeat("A", 43)+".", 1000)},
	}},
}

func TestOddRequestsAreRefusedAndWriteNothing(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		visitor := s.Browser()
		id := register(t, visitor, person())
		before := rows(t, client)
		user := client.User.GetX(t.Context(), id)
		for i, tt := range oddBodies {
			method, path, _ := strings.Cut(tt.route, " ")
			b := s.Browser()
			if path != "/auth/login" && path != "/auth/register" {
				b = visitor.Clone()
			}
			b.IP = fmt.Sprintf("2001:db8:0:%x::1", i) // each from a house of its own
			for name, values := range tt.header {
				b.Header[name] = values
			}
			var body any
			if tt.body != "" {
				body = tt.body
			}
			r := b.Do(method, path, body)
			if r.Status != tt.status || r.Code() != tt.code {
				t.Errorf("%s: %.200s %.200s = %v, want %d %s", tt.name, tt.route, tt.body, r, tt.status, tt.code)
			}
			if strings.Contains(string(r.Body), "aaaaaaaa") || strings.Contains(string(r.Body), "OR 1=1") {
				t.Errorf("%s: the answer repeats what was sent: %v", tt.name, r)
			}
			s.Clock.Advance(1e9) // so that wrong passwords do not add up
			if r := visitor.Get("/auth/user"); r.Status != http.StatusOK {
				t.Fatalf("%s: the session did not survive: %v", tt.name, r)
			}
		}
		unchanged(t, client, before, "odd requests")
		if now := client.User.GetX(t.Context(), id); !now.UpdatedAt.Equal(user.UpdatedAt) || now.Name != nil {
			t.Errorf("the user was changed: %v, want %v", now, user)
		}
		if strings.Contains(s.Log(), "level=ERROR") {
			t.Errorf("an internal error:\n%s", s.Log())
		}
	})
}
