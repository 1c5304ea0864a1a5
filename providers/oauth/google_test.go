package oauth_test

import (
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// An ID token of Google's, as https://developers.google.com/identity/openid-connect shows it.
const googleToken = `{"iss":"https://accounts.google.com","azp":"client","aud":"client","sub":"10769150350006150715113082367",
	"at_hash":"HK6E_P6Dh8Y93mRNtsDB1Q","hd":"example.com","email":"jsmith@example.com","email_verified":true,
	"iat":1353601026,"exp":1353604926,"nonce":"0394852-3190485-2490358","name":"Jane Smith",
	"picture":"https://lh3.googleusercontent.com/a/photo=s96-c","given_name":"Jane","family_name":"Smith"}`

func TestGoogle(t *testing.T) {
	checkTold(t, oauth.Google("client", "secret"), []told{
		{"a Workspace account", claims(googleToken), oauth.Profile{
			Subject: "10769150350006150715113082367", Email: "jsmith@example.com", EmailVerified: true, Name: "Jane Smith",
			Picture: "https://lh3.googleusercontent.com/a/photo=s96-c", Claims: map[string]any{"hd": "example.com"},
		}, false},
		{"a private account", claims(`{"sub":"1","email":"a@gmail.com","email_verified":true}`),
			oauth.Profile{Subject: "1", Email: "a@gmail.com", EmailVerified: true}, false},
		{"unverified", claims(`{"sub":"1","email":"a@gmail.com","email_verified":false}`), oauth.Profile{Subject: "1", Email: "a@gmail.com"}, false},
		{"the text true", claims(`{"sub":"1","email":"a@gmail.com","email_verified":"true"}`), oauth.Profile{Subject: "1", Email: "a@gmail.com"}, false},
		{"one for true", claims(`{"sub":"1","email":"a@gmail.com","email_verified":1}`), oauth.Profile{Subject: "1", Email: "a@gmail.com"}, false},
		{"null for true", claims(`{"sub":"1","email":null,"email_verified":null}`), oauth.Profile{Subject: "1"}, false},
		{"a list of addresses", claims(`{"sub":"1","email":["a@gmail.com"],"name":{},"picture":7}`), oauth.Profile{Subject: "1"}, false},
		{"no subject", claims(`{"email":"a@gmail.com"}`), oauth.Profile{}, true},
		{"a number for a subject", claims(`{"sub":10769150350006150715113082367}`), oauth.Profile{}, true},
		{"nothing at all", claims(`{}`), oauth.Profile{}, true},
	})
}

func TestGoogleIsBelieved(t *testing.T) {
	t.Parallel()
	hd := func(domain any) map[string]any { return map[string]any{"hd": domain} }
	for _, row := range []struct {
		name string
		p    oauth.Profile
		want bool
	}{
		{"of gmail.com", oauth.Profile{Email: "a@gmail.com", EmailVerified: true}, true},
		{"of googlemail.com", oauth.Profile{Email: "a@googlemail.com", EmailVerified: true}, true},
		{"in capitals", oauth.Profile{Email: "A@GMail.COM", EmailVerified: true}, true},
		{"of the Workspace's domain", oauth.Profile{Email: "a@example.com", EmailVerified: true, Claims: hd("example.com")}, true},
		{"of the domain in capitals", oauth.Profile{Email: "a@EXAMPLE.com", EmailVerified: true, Claims: hd("Example.com")}, true},
		{"not verified", oauth.Profile{Email: "a@gmail.com"}, false},
		{"not verified, with a domain", oauth.Profile{Email: "a@example.com", Claims: hd("example.com")}, false},
		{"of another's mailbox", oauth.Profile{Email: "a@example.com", EmailVerified: true}, false},
		{"of another domain than the Workspace's", oauth.Profile{Email: "a@example.org", EmailVerified: true, Claims: hd("example.com")}, false},
		{"of a domain below it", oauth.Profile{Email: "a@mail.example.com", EmailVerified: true, Claims: hd("example.com")}, false},
		{"of a domain that ends like it", oauth.Profile{Email: "a@notgmail.com", EmailVerified: true}, false},
		{"of gmail.com.example", oauth.Profile{Email: "a@gmail.com.example", EmailVerified: true}, false},
		{"an empty domain", oauth.Profile{Email: "a@example.com", EmailVerified: true, Claims: hd("")}, false},
		{"an empty domain on both sides", oauth.Profile{Email: "a@", EmailVerified: true, Claims: hd("")}, false},
		{"a list of domains", oauth.Profile{Email: "a@example.com", EmailVerified: true, Claims: hd([]any{"example.com"})}, false},
		{"true for a domain", oauth.Profile{Email: "a@true", EmailVerified: true, Claims: hd(true)}, false},
		{"no name", oauth.Profile{Email: "@gmail.com", EmailVerified: true}, false},
		{"no address", oauth.Profile{EmailVerified: true, Claims: hd("example.com")}, false},
		{"two @", oauth.Profile{Email: `"a@evil.example"@gmail.com`, EmailVerified: true}, false},
		{"a domain with a @", oauth.Profile{Email: "a@b@c", EmailVerified: true, Claims: hd("b@c")}, false},
		{"a letter that folds into another", oauth.Profile{Email: "a@\u212Aelvin.example", EmailVerified: true, Claims: hd("kelvin.example")}, false},
		{"a space", oauth.Profile{Email: "a @gmail.com", EmailVerified: true}, false},
	} {
		if got := oauth.Google("client", "secret").Authoritative(row.p); got != row.want {
			t.Errorf("%s: %t, want %t: %+v", row.name, got, row.want, row.p)
		}
	}
}
