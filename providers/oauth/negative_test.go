package oauth_test

import (
	"fmt"
	"slices"
	"testing"
)

// negatives are what an attacker can try at the way to a provider and back (OA) and at the
// linking of accounts (LNK), by the numbers of the project's list of requirements. Each row does it, on
// SQLite. Whatever it tries is refused with its code; no user, session or link comes of it;
// and the code of the callback is sent once if the callback was real, never if its state
// was not.
var negatives = []struct {
	id, attack string
	try        func(t *testing.T)
}{
	{"OA-01", "a stolen code is brought in by another's attempt", stolenCode},
	{"OA-02", "a state is absent, made up, another's or old", badStates},
	{"OA-03", "what began at one provider comes back at another", mixUp},
	{"OA-04", "a callback names another issuer, none or two", callbackIssuers},
	{"OA-05", "an ID token is not signed, or not for this", badIDTokens},
	{"OA-06", "userinfo tells of somebody else", func(t *testing.T) { tellLies(t, "OA-06") }},
	{"OA-07", "somebody has the victim's subject or name elsewhere", sameSubject},
	{"OA-08", "the metadata are another issuer's", func(t *testing.T) { tellLies(t, "OA-08") }},
	{"OA-09", "a token says itself who its issuer is", ownIssuer},
	{"OA-10", "a sign-in leads to another site", returnTargets},
	{"OA-11", "a request says where the site is", forgedHost},
	{"OA-12", "a provider redirects, hangs, or never ends", func(t *testing.T) { tellLies(t, "OA-12") }},
	{"OA-13", "an error of the provider's carries a script", errorCallbacks},
	{"OA-14", "two hundred come at once, half of them with stolen callbacks", stolenCrowd},
	{"OA-15", "a callback is used again", replayed},
	{"OA-16", "somebody has a dump of the database", dumped},
	{"OA-17", "a request asks for more scopes", moreScopes},
	{"OA-18", "a picture is inside of the network", pictures},
	{"OA-19", "a subject or an address is none", badPeople},
	{"OA-20", "a thousand keys are made up", madeUpKeys},
	{"LNK-01", "the victim's address was registered before", func(t *testing.T) { hijack(t, "classic-federated merge") }},
	{"LNK-02", "a provider that verifies nothing names the victim's address", nonVerifying},
	{"LNK-03", "a session from before is still there", func(t *testing.T) { hijack(t, "unexpired session") }},
	{"LNK-04", "an identity from before is still linked", func(t *testing.T) { hijack(t, "trojan identifier") }},
	{"LNK-05", "a change of address from before still waits", func(t *testing.T) { hijack(t, "unexpired e-mail change") }},
	{"LNK-06", "a link is finished by whoever has not begun it", linkOfAnother},
	{"LNK-07", "an identity that is somebody's is linked again", linkedElsewhere},
	{"LNK-08", "the last way to sign in is removed", lastWay},
	{"LNK-09", "a body says whose account it is about", massAssignment},
}

func TestNegative(t *testing.T) {
	for _, row := range negatives {
		t.Run(row.id+" "+row.attack, row.try)
	}
}

// A row that is lost is noticed.
func TestNegativeListIsWhole(t *testing.T) {
	var want, got []string
	for i := range 20 {
		want = append(want, fmt.Sprintf("OA-%02d", i+1))
	}
	for i := range 9 {
		want = append(want, fmt.Sprintf("LNK-%02d", i+1))
	}
	for _, row := range negatives {
		got = append(got, row.id)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for _, row := range lies {
		if !slices.Contains(want, row.row) {
			t.Errorf("lies are for row %q, which is not there", row.row)
		}
	}
}
