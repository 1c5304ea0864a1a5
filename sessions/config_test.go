package sessions_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/sessions"
)

func TestConfigDefaults(t *testing.T) {
	for _, row := range []struct {
		name        string
		cfg         sessions.Config
		development bool
		want        sessions.Config
	}{
		{"nothing is set", sessions.Config{}, false,
			sessions.Config{Lifetime: 30 * 24 * time.Hour, MaxPerUser: 100, Kind: sessions.KindOpaque, CookieName: "__Host-torii_session"}},
		{"nothing is set in development mode", sessions.Config{}, true,
			sessions.Config{Lifetime: 30 * 24 * time.Hour, MaxPerUser: 100, Kind: sessions.KindOpaque, CookieName: "torii_session"}},
		{"what is set stays", sessions.Config{Lifetime: time.Hour, IdleTimeout: time.Minute, MaxPerUser: 1, Kind: sessions.KindJWT, CookieName: "x", InsecureCookieName: true}, false,
			sessions.Config{Lifetime: time.Hour, IdleTimeout: time.Minute, MaxPerUser: 1, Kind: sessions.KindJWT, CookieName: "x", InsecureCookieName: true}},
		{"what is wrong stays, to be refused", sessions.Config{Lifetime: -1, MaxPerUser: -1, Kind: "paper"}, false,
			sessions.Config{Lifetime: -1, MaxPerUser: -1, Kind: "paper", CookieName: "__Host-torii_session"}},
	} {
		row.want.JWT.Lifetime = time.Hour
		got := row.cfg.WithDefaults(row.development)
		if !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %+v, want %+v", row.name, got, row.want)
		}
	}
}

func TestConfigProblems(t *testing.T) {
	for _, row := range []struct {
		name        string
		cfg         sessions.Config
		development bool
		want        []string // fields that the error names; none: the configuration is right
	}{
		{"the defaults", sessions.Config{}, false, nil},
		{"the defaults in development mode", sessions.Config{}, true, nil},
		{"an idle timeout of a minute", sessions.Config{IdleTimeout: time.Minute}, false, nil},
		{"an idle timeout longer than the lifetime", sessions.Config{Lifetime: time.Hour, IdleTimeout: 2 * time.Hour}, false, nil},
		{"one session for each user", sessions.Config{MaxPerUser: 1}, false, nil},
		{"a name of one's own with the prefix", sessions.Config{CookieName: "__Host-sid"}, false, nil},
		{"a name without the prefix that was asked for", sessions.Config{CookieName: "sid", InsecureCookieName: true}, false, nil},
		{"a name without the prefix in development mode", sessions.Config{CookieName: "sid"}, true, nil},

		{"a negative lifetime", sessions.Config{Lifetime: -time.Second}, false, []string{"Lifetime"}},
		{"a negative idle timeout", sessions.Config{IdleTimeout: -time.Second}, false, []string{"IdleTimeout"}},
		{"an idle timeout of a second", sessions.Config{IdleTimeout: time.Second}, false, nil},
		{"a negative number of sessions", sessions.Config{MaxPerUser: -1}, false, []string{"MaxPerUser"}},
		{"a name without the prefix", sessions.Config{CookieName: "sid"}, false, []string{"CookieName", "InsecureCookieName"}},
		{"a prefix in another case", sessions.Config{CookieName: "__host-sid"}, false, []string{"CookieName"}},
		{"the weaker prefix", sessions.Config{CookieName: "__Secure-sid"}, false, []string{"CookieName"}},
		{"the prefix over plain http", sessions.Config{CookieName: "__Host-sid"}, true, []string{"CookieName"}},
		{"a name with a space", sessions.Config{CookieName: "__Host-s id"}, false, []string{"CookieName"}},
		{"a name with a semicolon", sessions.Config{CookieName: "__Host-s;id"}, false, []string{"CookieName"}},
		{"a name with an equals sign", sessions.Config{CookieName: "__Host-s=id"}, false, []string{"CookieName"}},
		{"a name with a line break", sessions.Config{CookieName: "__Host-s\r\nid"}, false, []string{"CookieName"}},
		{"a name in another script", sessions.Config{CookieName: "__Host-sïd"}, false, []string{"CookieName"}},
		{"everything at once", sessions.Config{Lifetime: -1, IdleTimeout: -1, MaxPerUser: -1, CookieName: "sid"}, false,
			[]string{"Lifetime", "IdleTimeout", "MaxPerUser", "CookieName"}},
	} {
		err := row.cfg.WithDefaults(row.development).Validate(row.development)
		if (err == nil) != (row.want == nil) {
			t.Errorf("%s: %v, want %q for %+v", row.name, err, row.want, row.cfg)
			continue
		}
		for _, field := range row.want {
			if !strings.Contains(err.Error(), field) {
				t.Errorf("%s: the error does not name %s: %v", row.name, field, err)
			}
		}
	}
}
