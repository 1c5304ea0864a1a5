package oauth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// What an API answers when it is broken, or somebody else answers for it: never a person,
// and never a word of it in the error.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	for _, s := range ready(t) {
		if s.idp.Profile == nil {
			continue
		}
		t.Run(s.idp.ID, func(t *testing.T) {
			t.Parallel()
			for _, address := range slices.Sorted(maps.Keys(s.answers)) {
				good := s.answers[address]
				for _, bad := range []struct {
					name   string
					status int
					body   string
				}{
					{"the token is refused", 401, `{"message":"leak-1"}`},
					{"a right answer with 401", 401, good},
					{"too many requests", 429, "leak-2"},
					{"a server's fault", 500, good},
					{"no content", 204, ""},
					{"created", 201, good},
					{"a redirect with a right body", 302, good},
					{"a redirect that keeps the method", 307, ""},
					{"HTML", 200, "<!doctype html><title>leak-3</title>"},
					{"nothing", 200, ""},
					{"half of it", 200, good[:len(good)/2]},
					{"two answers", 200, good + good},
					{"text after it", 200, good + "leak-4"},
					{"null", 200, "null"},
					{"an empty list", 200, "[]"},
					{"an empty object", 200, "{}"},
					{"a list of lists", 200, "[[]]"},
					{"a list of nothing", 200, `["leak-5"]`},
					{"a text", 200, `"leak-6"`},
					{"a number", 200, "17"},
					{"more than 1 MiB of spaces", 200, good + strings.Repeat(" ", 1<<20)},
					{"more than 1 MiB of text", 200, `{"id":"` + strings.Repeat("9", 1<<20) + `"}`},
					{"deeper than any answer", 200, strings.Repeat("[", 100_000)},
				} {
					t.Run(fmt.Sprint(address, "/", bad.name), func(t *testing.T) {
						api := newAPI(t)
						for other, body := range s.answers {
							api.say(other, http.StatusOK, body)
						}
						api.say(address, bad.status, bad.body)
						got, err := s.idp.Profile(context.Background(), api.client, accessToken)
						if err == nil || got.Subject != "" || got.Email != "" {
							t.Fatalf("got %+v, %v", got, err)
						}
						if text := err.Error(); strings.Contains(text, "leak") || strings.Contains(text, accessToken) || strings.Contains(text, "appsecret") {
							t.Errorf("the error tells too much: %s", text)
						}
					})
				}
			}
		})
	}
}

// An answer that never ends is given up after 1 MiB and a little.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	for _, s := range ready(t) {
		if s.idp.Profile == nil {
			continue
		}
		body := &endless{}
		client := &http.Client{Transport: canned(func(*http.Request) io.Reader { return body })}
		if _, err := s.idp.Profile(context.Background(), client, accessToken); err == nil || body.read > 2<<20 {
			t.Errorf("%s: %v after %d bytes", s.idp.ID, err, body.read)
		}
	}
}

type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

// The error of a connection names the URL; the proof in Facebook's stays out of it.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	for _, s := range ready(t) {
		if s.idp.Profile == nil {
			continue
		}
		client := &http.Client{Transport: canned(func(*http.Request) io.Reader { return nil })}
		_, err := s.idp.Profile(context.Background(), client, accessToken)
		if err == nil || !strings.Contains(err.Error(), "cut off") || strings.ContainsAny(err.Error(), "?=") {
			t.Errorf("%s: %v", s.idp.ID, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := s.idp.Profile(ctx, newAPI(t).client, accessToken); err == nil {
			t.Errorf("%s: asked after the request had ended", s.idp.ID)
		}
	}
}

// canned answers without a network; nil is a connection that fails.
type canned func(*http.Request) io.Reader

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	body := c(r)
	if body == nil {
		return nil, fmt.Errorf("cut off")
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), Request: r}, nil
}

// Whatever comes, nobody panics, nobody is signed in without a name, and an address is
// verified or believed only if somebody wrote true.
func FuzzProfiles(f *testing.F) {
	all := ready(f)
	for _, s := range all {
		for _, body := range s.answers {
			f.Add([]byte(body))
		}
	}
	for _, seed := range []string{
		"", "[]", "[[]]", "[null]", `{"data":[]}`, `{"id":1e3,"sub":[]}`, `{"id":-1}`, `{"picture":{"data":null}}`, `{"images":[[]]}`,
		`{"sub":"1","email":"a@gmail.com@x","email_verified":true,"hd":"x"}`, `{"id":{},"email":{"a":1},"verified":"true"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, s := range all {
			p := fuzzed(s.idp, body)
			if len(p.Subject) > 255 && s.idp.Profile != nil {
				t.Errorf("%s: a subject of %d bytes", s.idp.ID, len(p.Subject))
			}
			if p.EmailVerified && !bytes.Contains(body, []byte("true")) {
				t.Errorf("%s: verified by %s", s.idp.ID, body)
			}
			switch s.idp.ID {
			case "microsoft", "facebook", "spotify", "x":
				if p.EmailVerified {
					t.Errorf("%s does not say whether an address is verified", s.idp.ID)
				}
			}
			if s.idp.Authoritative != nil && s.idp.Authoritative(p) && (!p.EmailVerified || p.Email == "") {
				t.Errorf("%s is believed about %+v", s.idp.ID, p)
			}
			if s.idp.IssuerOf != nil {
				issuer, err := s.idp.IssuerOf(p.Claims)
				if err == nil && strings.Count(issuer, "/") != 4 {
					t.Errorf("%s: issuer %q", s.idp.ID, issuer)
				}
			}
		}
	})
}

// fuzzed is what a provider makes of an answer, the same from all its addresses.
func fuzzed(idp oauth.IDP, body []byte) oauth.Profile {
	if idp.Map != nil {
		claims, ok := anyObject(body)
		if !ok {
			return oauth.Profile{}
		}
		return idp.Map(claims)
	}
	client := &http.Client{Transport: canned(func(r *http.Request) io.Reader {
		if strings.HasSuffix(r.URL.Path, "/emails") { // GitHub: a list, so that it gets further
			return io.MultiReader(strings.NewReader("["), bytes.NewReader(body), strings.NewReader("]"))
		}
		return bytes.NewReader(body)
	})}
	p, err := idp.Profile(context.Background(), client, accessToken)
	if err != nil {
		return oauth.Profile{}
	}
	return p
}

func anyObject(body []byte) (map[string]any, bool) {
	var claims map[string]any
	return claims, json.Unmarshal(body, &claims) == nil
}

// hasDomain is for the examples.
func hasDomain(address, domain string) bool {
	_, of, ok := strings.Cut(address, "@")
	return ok && strings.EqualFold(of, domain)
}
