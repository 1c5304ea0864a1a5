package oauth

import "strings"

// Google signs people in with their Google accounts. Client id and secret are made at
// https://console.cloud.google.com/auth/clients.
//
// The subject is Google's "sub". Google's word proves an address of gmail.com or
// googlemail.com, and one of the Workspace domain that the account belongs to (the claim
// "hd"): those mailboxes are Google's own. Any other address was verified once, and may
// belong to somebody else today.
func Google(clientID, clientSecret string) IDP {
	return IDP{
		ID: "google", Name: "Google", ClientID: clientID, ClientSecret: clientSecret,
		Issuer:        "https://accounts.google.com",
		Map:           func(claims map[string]any) Profile { return fromClaims(claims, "hd") },
		Authoritative: googleHosts,
	}
}

// googleHosts tells whether an address is a mailbox at Google: see "Authoritative" in
// https://developers.google.com/identity/gsi/web/guides/verify-google-id-token.
func googleHosts(p Profile) bool {
	name, domain, _ := strings.Cut(p.Email, "@")
	odd := strings.ContainsFunc(p.Email, func(r rune) bool { return r <= ' ' || r > '~' })
	if !p.EmailVerified || odd || name == "" || domain == "" || strings.Contains(domain, "@") {
		return false
	}
	domain = strings.ToLower(domain)
	return domain == "gmail.com" || domain == "googlemail.com" || domain == strings.ToLower(textOf(p.Claims["hd"]))
}
