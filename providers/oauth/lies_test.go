package oauth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// lies are what a provider, or somebody in its place, may say that is not so: each fails
// closed. The code has then been sent as often as it says.
var lies = []struct {
	lie   authtest.Lie
	sent  int
	code  string
	fresh bool // asked by max_age
}{
	{lie: authtest.LieIssOther, sent: 1}, {lie: authtest.LieIssMissing, sent: 1}, {lie: authtest.LieIssSlash, sent: 1},
	{lie: authtest.LieAudOther, sent: 1}, {lie: authtest.LieAudMissing, sent: 1}, {lie: authtest.LieAudArrayOther, sent: 1},
	{lie: authtest.LieAzpOther, sent: 1}, {lie: authtest.LieAzpMissing, sent: 1}, {lie: authtest.LieAzpOtherAlone, sent: 1},
	{lie: authtest.LieExpPast, sent: 1}, {lie: authtest.LieExpMissing, sent: 1}, {lie: authtest.LieExpZero, sent: 1},
	{lie: authtest.LieIatMissing, sent: 1}, {lie: authtest.LieIatFuture, sent: 1},
	{lie: authtest.LieNonceOther, sent: 1}, {lie: authtest.LieNonceMissing, sent: 1}, {lie: authtest.LieAtHashOther, sent: 1},
	{lie: authtest.LieSubMissing, sent: 1}, {lie: authtest.LieSubEmpty, sent: 1}, {lie: authtest.LieSubNumber, sent: 1},
	{lie: authtest.LieSubLong, sent: 1}, {lie: authtest.LieSubTwice, sent: 1},
	{lie: authtest.LieAuthTimeFuture, sent: 1},
	{lie: authtest.LieAuthTimeFuture, sent: 1, fresh: true}, {lie: authtest.LieAuthTimeMissing, sent: 1, fresh: true}, {lie: authtest.LieAuthTimePast, sent: 1, fresh: true},
	{lie: authtest.LieAlgNone, sent: 1}, {lie: authtest.LieHS256Secret, sent: 1}, {lie: authtest.LieHS256PublicKey, sent: 1},
	{lie: authtest.LieKeyOther, sent: 1}, {lie: authtest.LieKidUnknown, sent: 1}, {lie: authtest.LieKidAbsentOfTwo, sent: 1},
	{lie: authtest.LieKeyInHeader, sent: 1}, {lie: authtest.LieSignatureBad, sent: 1}, {lie: authtest.LieSignatureMissing, sent: 1},
	{lie: authtest.LieCritUnknown, sent: 1}, {lie: authtest.LieEmailList, sent: 1},
	{lie: authtest.LieCallbackIssOther}, {lie: authtest.LieCallbackIssMissing}, {lie: authtest.LieCallbackIssTwice},
	{lie: authtest.LieCallbackStateOther, code: "oauth_expired"}, {lie: authtest.LieCallbackStateMissing, code: "oauth_expired"},
	{lie: authtest.LieCallbackCodeMissing}, {lie: authtest.LieCallbackMarkup},
	{lie: authtest.LieTokenRedirect, sent: 1}, {lie: authtest.LieTokenStatus500, sent: 1}, {lie: authtest.LieTokenSlow, sent: 1},
	{lie: authtest.LieTokenHuge, sent: 1}, {lie: authtest.LieTokenNotJSON, sent: 1}, {lie: authtest.LieTokenErrorMarkup, sent: 1},
	{lie: authtest.LieTokenTrailing, sent: 1}, {lie: authtest.LieTokenNoIDToken, sent: 1}, {lie: authtest.LieTokenNoAccessToken, sent: 1}, {lie: authtest.LieTokenTypeOther, sent: 1},
	{lie: authtest.LieUserInfoSubOther, sent: 1}, {lie: authtest.LieUserInfoSubMissing, sent: 1}, {lie: authtest.LieUserInfoRedirect, sent: 1},
	{lie: authtest.LieUserInfoStatus500, sent: 1}, {lie: authtest.LieUserInfoSlow, sent: 1}, {lie: authtest.LieUserInfoHuge, sent: 1}, {lie: authtest.LieUserInfoNotJSON, sent: 1},
	{lie: authtest.LieJWKSRedirect, sent: 1}, {lie: authtest.LieJWKSStatus500, sent: 1}, {lie: authtest.LieJWKSSlow, sent: 1}, {lie: authtest.LieJWKSHuge, sent: 1}, {lie: authtest.LieJWKSNotJSON, sent: 1},
	{lie: authtest.LieDiscoveryIssuer}, {lie: authtest.LieDiscoveryIssuerMissing}, {lie: authtest.LieDiscoveryRedirect},
	{lie: authtest.LieDiscoveryStatus500}, {lie: authtest.LieDiscoverySlow}, {lie: authtest.LieDiscoveryHuge}, {lie: authtest.LieDiscoveryNotJSON},
}

func TestLiesFailClosed(t *testing.T) {
	client := authtest.Database(t)
	for _, row := range lies {
		t.Run(string(row.lie), func(t *testing.T) {
			quick := row.lie.Part() != "signature" // keys for RS256 take long to make
			s := newSite(t, client, func(idp *oauth.IDP) {
				if quick {
					idp.Algorithms = []string{authtest.ES256}
				}
				if row.lie.Part() == "userinfo" {
					idp.UserInfoURL = idp.Issuer + "/userinfo"
				}
			})
			if was := oauth.SetTimeout(s.oauth, 300*time.Millisecond); was != 10*time.Second {
				t.Errorf("providers have %v to answer", was)
			}
			b := s.Browser()
			if quick {
				s.idp.Algorithm = authtest.ES256
			}
			s.idp.Lie(row.lie)
			defer s.idp.Release()
			to, r := begin(b, map[string]any{"fresh": row.fresh})
			if r.Status == http.StatusOK {
				r = back(b, s.visit(t, to, person("mallory")))
			}
			want := row.code
			if want == "" {
				want = "oauth_failed"
			}
			if r.Code() != want || r.Status < 400 || r.Status >= 500 {
				t.Errorf("%v, want %s", r, want)
			}
			if n := s.idp.TokenRequests(); n != row.sent {
				t.Errorf("the code was sent %d times, want %d", n, row.sent)
			}
			if u, n, l := s.users(t), s.sessions(t), s.links(t); u+n+l != 0 || b.Session() != "" {
				t.Errorf("%d users, %d sessions, %d links", u, n, l)
			}
			if s.idp.Followed() != 0 {
				t.Error("a redirect was followed")
			}
			if strings.Contains(string(r.Body), "script") || strings.Contains(s.Log(), "<script") {
				t.Errorf("what the provider said is shown: %v\n%s", r, s.Log())
			}
			if want == "oauth_failed" && !strings.Contains(s.Log(), "the provider failed") {
				t.Errorf("nobody learns why:\n%s", s.Log())
			}
		})
	}
}

// What is unusual, and no lie.
func TestOddButTrue(t *testing.T) {
	for _, lie := range []authtest.Lie{authtest.LieAudArray, authtest.LieKidAbsent, authtest.LieAuthTimePast, authtest.LieAuthTimeMissing} {
		s := lite(t)
		s.idp.Lie(lie)
		if r := s.come(t, s.Browser(), person("ada"), map[string]any{}); r.Status != http.StatusOK {
			t.Errorf("%s: %v\n%s", lie, r, s.Log())
		}
	}
}

// Only the boolean true is a verified address; anything else proves nothing.
func TestVerifiedIsTrueAlone(t *testing.T) {
	for _, lie := range []authtest.Lie{
		authtest.LieEmailVerifiedString, authtest.LieEmailVerifiedNumber, authtest.LieEmailVerifiedNull, authtest.LieEmailVerifiedMissing,
	} {
		s := lite(t)
		s.idp.Lie(lie)
		r := s.come(t, s.Browser(), person("ada"), map[string]any{})
		u, err := s.Auth.UserByEmail(t.Context(), "ada@example.org")
		if r.Status != http.StatusOK || err != nil || u.EmailVerifiedAt != nil {
			t.Errorf("%s: %v, proven %v, %v", lie, r, u, err)
		}
		// An account that is there is not entered by it.
		s = lite(t)
		s.register(t, "ada@example.org")
		s.idp.Lie(lie)
		b := s.Browser()
		if r := s.come(t, b, person("ada"), map[string]any{}); r.Code() != auth.ErrEmailTaken.Code || b.Session() != "" || s.links(t) != 0 {
			t.Errorf("%s, with an account: %v, %d links", lie, r, s.links(t))
		}
	}
}
