package authtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
)

// endpoints asks one endpoint of each part, and has its counter.
func endpoints(t *testing.T, c *rp) map[string]struct {
	ask   func() (answer, error)
	count func() int
} {
	t.Helper()
	access := c.token(t, c.form(c.code(t, person))).json(t)["access_token"]
	redeem := func() (answer, error) {
		back, err := c.idp.SignIn(c.address("response_mode", "form_post"), person)
		if err != nil {
			return answer{}, err
		}
		return c.try(t, http.MethodPost, c.idp.Issuer()+"/token", c.form(back.Form.Get("code")))
	}
	type row = struct {
		ask   func() (answer, error)
		count func() int
	}
	get := func(path string, header ...string) func() (answer, error) {
		return func() (answer, error) { return c.try(t, http.MethodGet, c.idp.Issuer()+path, nil, header...) }
	}
	return map[string]row{
		"token":     {redeem, c.idp.TokenRequests},
		"userinfo":  {get("/userinfo", "Authorization", "Bearer "+access.(string)), c.idp.UserInfoRequests},
		"jwks":      {get("/jwks"), c.idp.JWKSRequests},
		"discovery": {get("/.well-known/openid-configuration"), c.idp.DiscoveryRequests},
	}
}

func TestIDPMakesTrouble(t *testing.T) {
	for name, idp := range map[string]*authtest.IDP{"over a network": authtest.NewIDPServer(t, shop), "without": authtest.NewIDP(issuer, shop)} {
		idp.Algorithm = authtest.ES256
		c := newRP(idp)
		if name == "over a network" {
			c.http.Transport = http.DefaultTransport
		}
		for part, e := range endpoints(t, c) {
			try := func(trouble string) answer {
				t.Helper()
				idp.Lie(authtest.Lie(part + "." + trouble))
				r, err := e.ask()
				if err != nil {
					t.Fatalf("%s, %s.%s: %v", name, part, trouble, err)
				}
				idp.Lie()
				return r
			}
			before := e.count()
			if r := try("status_500"); r.status != http.StatusInternalServerError || r.json(t)["error"] != "server_error" {
				t.Errorf("%s, %s: %v", name, part, r)
			}
			if r := try("not_json"); r.status != http.StatusOK || !strings.HasPrefix(r.body, "<!DOCTYPE") {
				t.Errorf("%s, %s: %v", name, part, r)
			}
			r := try("huge")
			size := len(r.body)
			r.body = strings.TrimLeft(r.body, " ")
			if r.status != http.StatusOK || size-len(r.body) != 4<<20 || len(r.json(t)) == 0 {
				t.Errorf("%s, %s: %d bytes, status %d", name, part, size, r.status)
			}
			if r := try("redirect"); r.status != http.StatusTemporaryRedirect || !strings.HasPrefix(r.header.Get("Location"), idp.Issuer()+"/elsewhere/") || idp.Followed() != 0 {
				t.Errorf("%s, %s: %v to %s, %d followed", name, part, r, r.header.Get("Location"), idp.Followed())
			}
			if n := e.count() - before; n != 4 {
				t.Errorf("%s, %s: %d requests counted, want 4", name, part, n)
			}
		}
	}
}

// A client that follows gets what it wants, so that only the counter tells.
func TestIDPRedirectsSucceed(t *testing.T) {
	idp := authtest.NewIDPServer(t, shop)
	idp.Algorithm = authtest.ES256
	c := newRP(idp)
	c.http = http.DefaultClient
	followed := 0
	for part, e := range endpoints(t, c) {
		idp.Lie(authtest.Lie(part + ".redirect"))
		before := e.count()
		r, err := e.ask()
		if followed++; err != nil || r.status != http.StatusOK || idp.Followed() != followed || e.count() != before+2 {
			t.Errorf("%s: %v, %v, %d followed, %d counted", part, r, err, idp.Followed(), e.count()-before)
		}
	}
}

func TestIDPIsSlow(t *testing.T) {
	for name, idp := range map[string]*authtest.IDP{"over a network": authtest.NewIDPServer(t, shop), "without": authtest.NewIDP(issuer, shop)} {
		idp.Algorithm = authtest.ES256
		c := newRP(idp)
		if name == "over a network" {
			c.http.Transport = http.DefaultTransport
		}
		for part, e := range endpoints(t, c) {
			idp.Lie(authtest.Lie(part + ".slow"))
			before, done := e.count(), make(chan answer)
			go func() {
				r, err := e.ask()
				if err != nil {
					t.Error(err)
				}
				done <- r
			}()
			for e.count() == before { // it has arrived
				time.Sleep(time.Millisecond)
			}
			select {
			case r := <-done:
				t.Fatalf("%s, %s: answered before it was let go: %v", name, part, r)
			case <-time.After(20 * time.Millisecond):
			}
			idp.Release()
			idp.Release() // once more does nothing
			if r := <-done; r.status != http.StatusOK || len(r.json(t)) == 0 {
				t.Errorf("%s, %s: %v", name, part, r)
			}
			if r, err := e.ask(); err != nil || r.status != http.StatusOK {
				t.Errorf("%s, %s: after it was let go: %v, %v", name, part, r, err)
			}
		}
		// The next lie holds again, and a client that is patient for so long only gets away.
		idp.Lie(authtest.LieJWKSSlow)
		c.http.Timeout = 20 * time.Millisecond
		if _, err := c.try(t, http.MethodGet, idp.Issuer()+"/jwks", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: a client with a timeout gets %v", name, err)
		}
	}
}

// What a reader leaves unread is not written: the handler ends.
func TestIDPClientMayStopReading(t *testing.T) {
	idp, _ := newIDP()
	idp.Lie(authtest.LieJWKSHuge)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, issuer+"/jwks", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := idp.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.CopyN(io.Discard, res.Body, 1<<20); n != 1<<20 || err != nil {
		t.Errorf("read %d, %v", n, err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	if _, err := res.Body.Read(make([]byte, 1)); err == nil {
		t.Error("there is something to read after Close")
	}
	ctx, cancel := context.WithCancel(t.Context())
	res, err = idp.Client().Do(req.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, res.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("reading ends with %v", err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
}
