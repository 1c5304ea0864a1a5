package verify_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/sessions/verify"
)

// with is good with members replaced or added, "name value" each; "name" alone takes
// the member away.
func with(changes ...string) string {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(good), &members); err != nil {
		panic(err)
	}
	for _, c := range changes {
		name, value, ok := strings.Cut(c, " ")
		delete(members, name)
		if ok {
			members[name] = json.RawMessage(value)
		}
	}
	parts := make([]string, 0, len(members))
	for name, value := range members {
		parts = append(parts, `"`+name+`":`+string(value))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// JWT-05, 06, 12, 13. Noon is 1893585600.
func TestClaims(t *testing.T) {
	p := pairs()["HS256"]
	v := verifier(t, p.verify)
	const dup, odd, exp, iat, sub, jti = "twice", "claims are not", "exp", "iat", "sub", "jti"
	for _, row := range []struct{ name, claims, want string }{
		{"what is right", good, ""},

		{"no exp", with("exp"), exp},
		{"exp 0", with("exp 0"), odd},
		{"exp -0", with("exp -0"), odd},
		{"exp 0.5", with("exp 0.5"), odd},
		{"exp null", with("exp null"), odd},
		{"exp a string", with(`exp "1893589200"`), odd},
		{"exp true", with("exp true"), odd},
		{"exp an array", with("exp [1893589200]"), odd},
		{"exp an object", with("exp {}"), odd},
		{"exp negative", with("exp -1893589200"), odd},
		{"exp 1e400", with("exp 1e400"), odd},
		{"exp 1e10", with("exp 1e10"), odd},
		{"exp with an exponent behind a fraction", with("exp 1893589200.1e1"), odd},
		{"exp beyond an int64", with("exp 9223372036854775808"), odd},
		{"exp an int64", with("exp 9223372036854775807"), odd},
		{"exp beyond the year 9999", with("exp 253402300800"), odd},
		{"exp in the year 9999", with("exp 253402300799"), "longer"},
		{"exp in milliseconds", with("exp 1893589200000"), odd},
		{"exp with a fraction", with("exp 1893589200.5"), ""},
		{"exp in a microsecond", with("exp 1893585600.000001"), ""},
		{"exp in less", with("exp 1893585600.0000001"), exp},
		{"exp now", with("iat 1893585000", "exp 1893585600"), "expired"},
		{"exp a second ago: no leeway", with("iat 1893585000", "exp 1893585599"), "expired"},
		{"exp in a second", with("exp 1893585601"), ""},
		{"exp before iat", with("iat 1893585600", "exp 1893585590"), exp},
		{"exp EXP", with("exp", "EXP 1893589200"), exp},
		{"a lifetime of a day", with("exp 1893672000"), ""},
		{"a lifetime of more than a day", with("exp 1893672001"), "longer"},

		{"no iat", with("iat"), iat},
		{"iat null", with("iat null"), odd},
		{"iat 0", with("iat 0"), odd},
		{"iat a string", with(`iat "1893585600"`), odd},
		{"iat 1e400", with("iat 1e400"), odd},
		{"iat in a minute", with("iat 1893585660"), ""},
		{"iat in a minute and a bit", with("iat 1893585660.000001"), iat},
		{"iat in an hour", with("iat 1893589200", "exp 1893592800"), iat},

		{"nbf in a minute", with("nbf 1893585660"), ""},
		{"nbf in more", with("nbf 1893585661"), "not valid yet"},
		{"nbf null", with("nbf null"), odd},
		{"nbf a string", with(`nbf "1"`), odd},

		{"no sub", with("sub"), sub},
		{"sub empty", with(`sub ""`), sub},
		{"sub null", with("sub null"), odd},
		{"sub a number", with("sub 1"), odd},
		{"sub an array", with(`sub ["usr_1"]`), odd},
		{"sub an object", with(`sub {"id":"usr_1"}`), odd},
		{"sub of 64 characters", with(`sub "` + strings.Repeat("u", 64) + `"`), ""},
		{"sub of 65 characters", with(`sub "` + strings.Repeat("u", 65) + `"`), sub},
		{"sub with a NUL", with(`sub "usr_1\u0000"`), sub},
		{"sub with a line break", with(`sub "usr_1\n"`), sub},
		{"Sub", with("sub", `Sub "usr_1"`), sub},
		{"two subs", strings.Replace(good, `{`, `{"sub":"usr_2",`, 1), dup},
		{"two subs by escape", strings.Replace(good, `{`, `{"\u0073ub":"usr_2",`, 1), dup},
		{"two of a member nobody reads", strings.Replace(good, `{`, `{"x":1,"x":1,`, 1), dup},
		{"two deep in a member nobody reads", with(`x [{"y":{"z":1,"z":2}}]`), dup},
		{"two members of metadata", with(`metadata {"ip_address":"a","ip_address":"b"}`), dup},
		{"two factors of a kind", with(`factors {"totp":1,"totp":2}`), dup},

		{"no jti", with("jti"), jti},
		{"jti empty", with(`jti ""`), jti},
		{"jti a number", with("jti 1"), odd},
		{"jti too long", with(`jti "` + strings.Repeat("j", 65) + `"`), jti},
		{"sid too long", with(`sid "` + strings.Repeat("j", 65) + `"`), "sid"},
		{"sid null", with("sid null"), odd},

		{"another issuer", with(`iss "Site"`), "issuer"},
		{"an issuer that goes on", with(`iss "site.evil.example"`), "issuer"},
		{"no issuer", with("iss"), "issuer"},
		{"issuers", with(`iss ["site"]`), odd},
		{"issuer null", with("iss null"), odd},

		{"another audience", with(`aud "App"`), "audience"},
		{"an audience that goes on", with(`aud "app2"`), "audience"},
		{"no audience", with("aud"), "audience"},
		{"an empty audience", with(`aud ""`), "audience"},
		{"audiences with ours", with(`aud ["x","app"]`), ""},
		{"audiences without ours", with(`aud ["x","y"]`), "audience"},
		{"no audiences", with("aud []"), "audience"},
		{"audiences of which one is empty", with(`aud ["","x"]`), "audience"},
		{"audience null", with("aud null"), odd},
		{"audience a number", with("aud 1"), odd},
		{"audience an object", with(`aud {"app":true}`), odd},
		{"audiences with a number", with(`aud ["app",1]`), odd},
		{"audiences with null", with(`aud ["app",null]`), odd},
		{"audiences in audiences", with(`aud ["app",["x"]]`), odd},

		{"a factor in an hour", with(`factors {"totp":1893589200}`), odd},
		{"factors that are null", with("factors null"), odd},
		{"factors in an array", with(`factors ["totp"]`), odd},
		{"a factor without a time", with(`factors {"totp":null}`), odd},
		{"no factors", with("factors {}"), ""},
		{"metadata that is text", with(`metadata "x"`), odd},
		{"a user agent that is a number", with(`metadata {"user_agent":1}`), odd},

		{"null", "null", odd},
		{"an array", "[" + good + "]", odd},
		{"a string", `"x"`, odd},
		{"nothing but a space", " ", odd},
		{"more behind", good + good, odd},
		{"invalid UTF-8", with("x \"\xff\""), odd},
		{"half a surrogate", with(`x "\ud800"`), odd},
		{"deep nesting", with("x " + strings.Repeat("[", 2900) + strings.Repeat("]", 2900)), ""},
	} {
		_, err := v.Verify(p.token(p.header(), row.claims))
		refused(t, row.name, err, row.want)
	}
}

// Without an issuer the key says whose the token is; a token for somebody is not for
// one who has no name.
func TestClaimsThatAreNotConfigured(t *testing.T) {
	p := pairs()["HS256"]
	v, err := verify.New(verify.Config{Keys: []verify.Key{p.verify}, Now: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, claims, want string }{
		{"neither", with("iss", "aud"), ""},
		{"an issuer", with("aud"), ""},
		{"an audience", good, "audience"},
		{"no audiences", with("aud []"), ""},
		{"a lifetime of years", with("aud", "exp 2893585600"), ""},
	} {
		_, err := v.Verify(p.token(p.header(), row.claims))
		refused(t, row.name, err, row.want)
	}
	// By the system's clock 2030 is far, or long ago.
	v, err = verify.New(verify.Config{Keys: []verify.Key{p.verify}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	claims := with("iss", "aud", "iat "+jsonInt(now), "exp "+jsonInt(now+60))
	_, err = v.Verify(p.token(p.header(), claims))
	refused(t, "a token of today", err, "")
}

func jsonInt(n int64) string {
	text, _ := json.Marshal(n)
	return string(text)
}
