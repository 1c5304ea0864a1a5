package authtest

import (
	"slices"
	"strings"
)

// Lie is one thing that an IDP does other than it should, as an attacker in its place, or
// between it and the client, might. Its value is its part and its name: "id_token.exp_past".
//
//	idp.Lie(authtest.LieExpPast)
//
// Everything else stays as it was, so that a client that does not notice succeeds.
type Lie string

// Part is what the lie is about: id_token, signature, email, callback, token, userinfo,
// jwks or discovery.
func (l Lie) Part() string {
	part, _, _ := strings.Cut(string(l), ".")
	return part
}

// The parts of an IDP.
const (
	partCallback  = "callback"
	partToken     = "token"
	partUserInfo  = "userinfo"
	partJWKS      = "jwks"
	partDiscovery = "discovery"
)

// What the ID token says (OpenID Connect Core, section 3.1.3.7). A client refuses every one of
// them, but LieAudArray, and LieAuthTime… unless it asked by max_age.
const (
	// LieIssOther names another issuer.
	LieIssOther Lie = "id_token.iss_other"
	// LieIssMissing names no issuer.
	LieIssMissing Lie = "id_token.iss_missing"
	// LieIssSlash puts a slash behind the issuer, which makes it another.
	LieIssSlash Lie = "id_token.iss_slash"
	// LieAudOther is for another client.
	LieAudOther Lie = "id_token.aud_other"
	// LieAudMissing is for nobody.
	LieAudMissing Lie = "id_token.aud_missing"
	// LieAudArray is for a list with the client alone: not a lie, and to be accepted.
	LieAudArray Lie = "id_token.aud_array"
	// LieAudArrayOther is for a list of clients, and this one is not among them.
	LieAudArrayOther Lie = "id_token.aud_array_other"
	// LieAzpOther is for this client and another, and was asked for by the other.
	LieAzpOther Lie = "id_token.azp_other"
	// LieAzpMissing is for this client and another, and does not say who asked.
	LieAzpMissing Lie = "id_token.azp_missing"
	// LieAzpOtherAlone is for this client alone, but was asked for by another.
	LieAzpOtherAlone Lie = "id_token.azp_other_alone"
	// LieExpPast expired an hour ago.
	LieExpPast Lie = "id_token.exp_past"
	// LieExpMissing never expires.
	LieExpMissing Lie = "id_token.exp_missing"
	// LieExpZero expired in 1970, which some libraries take for never.
	LieExpZero Lie = "id_token.exp_zero"
	// LieIatMissing does not say when it was made.
	LieIatMissing Lie = "id_token.iat_missing"
	// LieIatFuture is made in an hour.
	LieIatFuture Lie = "id_token.iat_future"
	// LieNonceOther has the nonce of another sign-in.
	LieNonceOther Lie = "id_token.nonce_other"
	// LieNonceMissing has no nonce.
	LieNonceMissing Lie = "id_token.nonce_missing"
	// LieAtHashOther belongs to another access token.
	LieAtHashOther Lie = "id_token.at_hash_other"
	// LieAuthTimeMissing does not say when they signed in, though asked.
	LieAuthTimeMissing Lie = "id_token.auth_time_missing"
	// LieAuthTimePast says that they signed in a day ago.
	LieAuthTimePast Lie = "id_token.auth_time_past"
	// LieAuthTimeFuture says that they sign in in an hour.
	LieAuthTimeFuture Lie = "id_token.auth_time_future"
	// LieSubMissing is about nobody. The answer of userinfo still has sub, as with the four below.
	LieSubMissing Lie = "id_token.sub_missing"
	// LieSubEmpty has sub as an empty string.
	LieSubEmpty Lie = "id_token.sub_empty"
	// LieSubNumber has sub as the number 123.
	LieSubNumber Lie = "id_token.sub_number"
	// LieSubLong has a sub of 300 characters; 255 are allowed.
	LieSubLong Lie = "id_token.sub_long"
	// LieSubTwice has the member sub twice: somebody else, then the true one.
	LieSubTwice Lie = "id_token.sub_twice"
)

// How the ID token is signed (RFC 7515, RFC 8725). A client refuses every one of them, but
// LieKidAbsent.
const (
	// LieAlgNone is not signed, and says so.
	LieAlgNone Lie = "signature.alg_none"
	// LieHS256Secret is signed by HMAC with the client's secret.
	LieHS256Secret Lie = "signature.hs256_secret"
	// LieHS256PublicKey is signed by HMAC with the provider's public key, as PEM.
	LieHS256PublicKey Lie = "signature.hs256_public_key"
	// LieKeyOther is signed by a key of an attacker's under the kid of the true one.
	LieKeyOther Lie = "signature.key_other"
	// LieKidUnknown is signed by a key that is not published.
	LieKidUnknown Lie = "signature.kid_unknown"
	// LieKidAbsent says no kid while one key is published: not a lie, and to be accepted.
	LieKidAbsent Lie = "signature.kid_absent"
	// LieKidAbsentOfTwo says no kid while there are two: another key is published before the true one. A
	// client may try both, or refuse.
	LieKidAbsentOfTwo Lie = "signature.kid_absent_of_two"
	// LieKeyInHeader is signed by a key of an attacker's that its header brings along (jwk).
	LieKeyInHeader Lie = "signature.key_in_header"
	// LieSignatureBad has one bit of the signature wrong.
	LieSignatureBad Lie = "signature.signature_bad"
	// LieSignatureMissing has an empty signature.
	LieSignatureMissing Lie = "signature.signature_missing"
	// LieCritUnknown has an extension in crit that nobody knows, rightly signed.
	LieCritUnknown Lie = "signature.crit"
)

// What is said of the address, in the ID token and by userinfo, to a client with the scope
// email. The person is who they are, but the address is not proven, whatever Person says.
const (
	// LieEmailVerifiedString has email_verified as the string "true".
	LieEmailVerifiedString Lie = "email.verified_string"
	// LieEmailVerifiedNumber has email_verified as the number 1.
	LieEmailVerifiedNumber Lie = "email.verified_number"
	// LieEmailVerifiedNull has email_verified as null.
	LieEmailVerifiedNull Lie = "email.verified_null"
	// LieEmailVerifiedMissing does not have email_verified.
	LieEmailVerifiedMissing Lie = "email.verified_missing"
	// LieEmailList has email as a list of addresses.
	LieEmailList Lie = "email.list"
)

// What the browser brings back (RFC 6749, section 4.1.2; RFC 9207). The client refuses all of
// them before it redeems the code.
const (
	// LieCallbackIssOther names another issuer.
	LieCallbackIssOther Lie = "callback.iss_other"
	// LieCallbackIssMissing names no issuer, though discovery says that it will.
	LieCallbackIssMissing Lie = "callback.iss_missing"
	// LieCallbackIssTwice names the true issuer, then another.
	LieCallbackIssTwice Lie = "callback.iss_twice"
	// LieCallbackStateOther brings back a state that nobody has sent.
	LieCallbackStateOther Lie = "callback.state_other"
	// LieCallbackStateMissing brings back no state.
	LieCallbackStateMissing Lie = "callback.state_missing"
	// LieCallbackCodeMissing brings neither code nor error.
	LieCallbackCodeMissing Lie = "callback.code_missing"
	// LieCallbackMarkup is an error whose description is a script. It needs no person: the state is true.
	LieCallbackMarkup Lie = "callback.markup"
)

// What the token endpoint answers. The client refuses all of them, and asks once.
const (
	// LieTokenRedirect sends the client elsewhere with 307, where it gets what it wants; see Followed.
	LieTokenRedirect Lie = "token.redirect"
	// LieTokenStatus500 has an internal error.
	LieTokenStatus500 Lie = "token.status_500"
	// LieTokenSlow answers when Release is called, and then truly.
	LieTokenSlow Lie = "token.slow"
	// LieTokenHuge writes 4 MiB of spaces before the true answer.
	LieTokenHuge Lie = "token.huge"
	// LieTokenNotJSON answers 200 with a page.
	LieTokenNotJSON Lie = "token.not_json"
	// LieTokenErrorMarkup refuses the code with a script as error_description, without using it up.
	LieTokenErrorMarkup Lie = "token.error_markup"
	// LieTokenTrailing writes a second answer behind the first.
	LieTokenTrailing Lie = "token.trailing"
	// LieTokenNoIDToken gives no ID token.
	LieTokenNoIDToken Lie = "token.no_id_token"
	// LieTokenNoAccessToken gives no access token.
	LieTokenNoAccessToken Lie = "token.no_access_token"
	// LieTokenTypeOther gives an access token of a type that nobody knows.
	LieTokenTypeOther Lie = "token.type_other"
)

// What userinfo answers (OpenID Connect Core, section 5.3).
const (
	// LieUserInfoSubOther tells about somebody else.
	LieUserInfoSubOther Lie = "userinfo.sub_other"
	// LieUserInfoSubMissing does not say about whom.
	LieUserInfoSubMissing Lie = "userinfo.sub_missing"
	// LieUserInfoRedirect sends the client elsewhere with 307; see Followed.
	LieUserInfoRedirect Lie = "userinfo.redirect"
	// LieUserInfoStatus500 has an internal error.
	LieUserInfoStatus500 Lie = "userinfo.status_500"
	// LieUserInfoSlow answers when Release is called, and then truly.
	LieUserInfoSlow Lie = "userinfo.slow"
	// LieUserInfoHuge writes 4 MiB of spaces before the true answer.
	LieUserInfoHuge Lie = "userinfo.huge"
	// LieUserInfoNotJSON answers 200 with a page.
	LieUserInfoNotJSON Lie = "userinfo.not_json"
)

// What comes for the keys.
const (
	// LieJWKSRedirect sends the client elsewhere with 307; see Followed.
	LieJWKSRedirect Lie = "jwks.redirect"
	// LieJWKSStatus500 has an internal error.
	LieJWKSStatus500 Lie = "jwks.status_500"
	// LieJWKSSlow answers when Release is called, and then truly.
	LieJWKSSlow Lie = "jwks.slow"
	// LieJWKSHuge writes 4 MiB of spaces before the true answer.
	LieJWKSHuge Lie = "jwks.huge"
	// LieJWKSNotJSON answers 200 with a page.
	LieJWKSNotJSON Lie = "jwks.not_json"
)

// What comes for the discovery document.
const (
	// LieDiscoveryIssuer is that of another issuer.
	LieDiscoveryIssuer Lie = "discovery.issuer_other"
	// LieDiscoveryIssuerMissing names no issuer.
	LieDiscoveryIssuerMissing Lie = "discovery.issuer_missing"
	// LieDiscoveryRedirect sends the client elsewhere with 307; see Followed.
	LieDiscoveryRedirect Lie = "discovery.redirect"
	// LieDiscoveryStatus500 has an internal error.
	LieDiscoveryStatus500 Lie = "discovery.status_500"
	// LieDiscoverySlow answers when Release is called, and then truly.
	LieDiscoverySlow Lie = "discovery.slow"
	// LieDiscoveryHuge writes 4 MiB of spaces before the true answer.
	LieDiscoveryHuge Lie = "discovery.huge"
	// LieDiscoveryNotJSON answers 200 with a page.
	LieDiscoveryNotJSON Lie = "discovery.not_json"
)

// Lies are all of them, or all of some parts, for tests that try one after another.
func Lies(parts ...string) []Lie {
	all := []Lie{
		LieIssOther, LieIssMissing, LieIssSlash, LieAudOther, LieAudMissing, LieAudArray, LieAudArrayOther, LieAzpOther,
		LieAzpMissing, LieAzpOtherAlone, LieExpPast, LieExpMissing, LieExpZero, LieIatMissing, LieIatFuture, LieNonceOther,
		LieNonceMissing, LieAtHashOther, LieAuthTimeMissing, LieAuthTimePast, LieAuthTimeFuture, LieSubMissing,
		LieSubEmpty, LieSubNumber, LieSubLong, LieSubTwice,
		LieAlgNone, LieHS256Secret, LieHS256PublicKey, LieKeyOther, LieKidUnknown, LieKidAbsent, LieKidAbsentOfTwo,
		LieKeyInHeader, LieSignatureBad, LieSignatureMissing, LieCritUnknown,
		LieEmailVerifiedString, LieEmailVerifiedNumber, LieEmailVerifiedNull, LieEmailVerifiedMissing, LieEmailList,
		LieCallbackIssOther, LieCallbackIssMissing, LieCallbackIssTwice, LieCallbackStateOther, LieCallbackStateMissing,
		LieCallbackCodeMissing, LieCallbackMarkup,
		LieTokenRedirect, LieTokenStatus500, LieTokenSlow, LieTokenHuge, LieTokenNotJSON, LieTokenErrorMarkup,
		LieTokenTrailing, LieTokenNoIDToken, LieTokenNoAccessToken, LieTokenTypeOther,
		LieUserInfoSubOther, LieUserInfoSubMissing, LieUserInfoRedirect, LieUserInfoStatus500, LieUserInfoSlow,
		LieUserInfoHuge, LieUserInfoNotJSON,
		LieJWKSRedirect, LieJWKSStatus500, LieJWKSSlow, LieJWKSHuge, LieJWKSNotJSON,
		LieDiscoveryIssuer, LieDiscoveryIssuerMissing, LieDiscoveryRedirect, LieDiscoveryStatus500, LieDiscoverySlow,
		LieDiscoveryHuge, LieDiscoveryNotJSON,
	}
	return slices.DeleteFunc(all, func(l Lie) bool { return len(parts) > 0 && !slices.Contains(parts, l.Part()) })
}
