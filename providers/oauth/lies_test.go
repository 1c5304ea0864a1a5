package oauth_test

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/oauth"
)

// lies are what a provider, or somebody in its place, may say that is not so, by the row
// of the negative list that they belong to: each fails closed, as oauth_failed unless code
// says otherwise. The code of the callback has then been sent once, but for those with unsent.
var lies = []struct {
	row    string
	lies   []authtest.Lie
	unsent bool
	code   string
	fresh  bool // asked by max_age
}{
	{row: "OA-02", unsent: true, code: "oauth_expired", lies: []authtest.Lie{authtest.LieCallbackStateOther, authtest.LieCallbackStateMissing}},
	{row: "OA-04", unsent: true, lies: []authtest.Lie{authtest.LieCallbackIssOther, authtest.LieCallbackIssMissing, authtest.LieCallbackIssTwice}},
	{row: "OA-05", lies: []authtest.Lie{
		authtest.LieIssOther, authtest.LieIssMissing, authtest.LieIssSlash,
		authtest.LieAudOther, authtest.LieAudMissing, authtest.LieAudArrayOther, authtest.LieAzpOther, authtest.LieAzpMissing, authtest.LieAzpOtherAlone,
		authtest.LieExpPast, authtest.LieExpMissing, authtest.LieExpZero, authtest.LieIatMissing, authtest.LieIatFuture,
		authtest.LieNonceOther, authtest.LieNonceMissing, authtest.LieAtHashOther, authtest.LieAuthTimeFuture,
		authtest.LieAlgNone, authtest.LieHS256Secret, authtest.LieHS256PublicKey, authtest.LieKeyOther, authtest.LieKidUnknown, authtest.LieKidAbsentOfTwo,
		authtest.LieKeyInHeader, authtest.LieSignatureBad, authtest.LieSignatureMissing, authtest.LieCritUnknown,
		authtest.LieTokenNoIDToken,
	}},
	{row: "OA-05", fresh: true, lies: []authtest.Lie{authtest.LieAuthTimeFuture, authtest.LieAuthTimeMissing, authtest.LieAuthTimePast}},
	{row: "OA-06", lies: []authtest.Lie{authtest.LieUserInfoSubOther, authtest.LieUserInfoSubMissing}},
	{row: "OA-08", unsent: true, lies: []authtest.Lie{authtest.LieDiscoveryIssuer, authtest.LieDiscoveryIssuerMissing}},
	{row: "OA-12", lies: []authtest.Lie{
		authtest.LieTokenRedirect, authtest.LieTokenStatus500, authtest.LieTokenSlow, authtest.LieTokenHuge, authtest.LieTokenNotJSON,
		authtest.LieTokenTrailing, authtest.LieTokenNoAccessToken, authtest.LieTokenTypeOther,
		authtest.LieUserInfoRedirect, authtest.LieUserInfoStatus500, authtest.LieUserInfoSlow, authtest.LieUserInfoHuge, authtest.LieUserInfoNotJSON,
		authtest.LieJWKSRedirect, authtest.LieJWKSStatus500, authtest.LieJWKSSlow, authtest.LieJWKSHuge, authtest.LieJWKSNotJSON,
	}},
	{row: "OA-12", unsent: true, lies: []authtest.Lie{
		authtest.LieDiscoveryRedirect, authtest.LieDiscoveryStatus500, authtest.LieDiscoverySlow, authtest.LieDiscoveryHuge, authtest.LieDiscoveryNotJSON,
	}},
	{row: "OA-13", unsent: true, lies: []authtest.Lie{authtest.LieCallbackCodeMissing, authtest.LieCallbackMarkup}},
	{row: "OA-13", lies: []authtest.Lie{authtest.LieTokenErrorMarkup}},
	{row: "OA-19", lies: []authtest.Lie{
		authtest.LieSubMissing, authtest.LieSubEmpty, authtest.LieSubNumber, authtest.LieSubLong, authtest.LieSubTwice, authtest.LieEmailList,
	}},
}

// odd is what is unusual, and no lie.
var odd = []authtest.Lie{authtest.LieAudArray, authtest.LieKidAbsent, authtest.LieAuthTimePast, authtest.LieAuthTimeMissing}

// unproven is all that is not the boolean true.
var unproven = []authtest.Lie{
	authtest.LieEmailVerifiedString, authtest.LieEmailVerifiedNumber, authtest.LieEmailVerifiedNull, authtest.LieEmailVerifiedMissing,
}

// A lie that is new in authtest is told here too.
func TestEveryLieIsTold(t *testing.T) {
	told := slices.Concat(odd, unproven)
	for _, row := range lies {
		told = append(told, row.lies...)
	}
	for _, l := range authtest.Lies() {
		if !slices.Contains(told, l) {
			t.Errorf("nobody tells %s", l)
		}
	}
}

// tellLies tells the lies of a row of the negative list.
func tellLies(t *testing.T, id string) {
	client := authtest.Database(t)
	for _, row := range lies {
		for _, lie := range row.lies {
			if row.row != id {
				continue
			}
			name := string(lie)
			if row.fresh {
				name += ", asked by max_age"
			}
			t.Run(name, func(t *testing.T) {
				sent := 1
				if row.unsent {
					sent = 0
				}
				tell(t, client, lie, cmp.Or(row.code, "oauth_failed"), sent, row.fresh)
			})
		}
	}
}

func tell(t *testing.T, client *ent.Client, lie authtest.Lie, code string, sent int, fresh bool) {
	s := newSite(t, client, func(idp *oauth.IDP) {
		if lie.Part() == "signature" {
			idp.Algorithms = nil // RS256
		}
		if lie.Part() == "userinfo" {
			idp.UserInfoURL = idp.Issuer + "/userinfo"
		}
	})
	if strings.HasSuffix(string(lie), ".slow") {
		if was := oauth.SetTimeout(s.oauth, 500*time.Millisecond); was != 10*time.Second {
			t.Errorf("providers have %v to answer", was)
		}
	}
	if lie.Part() == "signature" {
		s.idp.Algorithm = authtest.RS256
	}
	s.idp.Lie(lie)
	defer s.idp.Release()
	b, before := s.Browser(), s.ledger(t)
	to, r := begin(b, map[string]any{"fresh": fresh})
	if r.Status == http.StatusOK {
		r = back(b, s.visit(t, to, person("mallory")))
	}
	s.refuses(t, before, r, code, sent)
	if b.Session() != "" || s.idp.Followed() != 0 {
		t.Errorf("session %t, %d redirects were followed", b.Session() != "", s.idp.Followed())
	}
	if strings.Contains(string(r.Body), "script") || strings.Contains(s.Log(), "<script") {
		t.Errorf("what the provider said is shown: %v\n%s", r, s.Log())
	}
	if code == "oauth_failed" && !strings.Contains(s.Log(), "the provider failed") {
		t.Errorf("nobody learns why:\n%s", s.Log())
	}
}

func TestOddButTrue(t *testing.T) {
	for _, lie := range odd {
		s := lite(t)
		s.idp.Lie(lie)
		if r := s.come(t, s.Browser(), person("ada"), map[string]any{}); r.Status != http.StatusOK {
			t.Errorf("%s: %v\n%s", lie, r, s.Log())
		}
	}
}
