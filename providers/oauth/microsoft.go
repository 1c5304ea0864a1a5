package oauth

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// Microsoft signs people in with their accounts at Microsoft Entra ID or Microsoft. Client
// id and secret are those of an app registration at https://entra.microsoft.com.
//
// tenant says whose: the id of one directory, which is a UUID (the name of its domain is
// not); "consumers" for personal accounts; "organizations" for every directory; "common"
// for all of these. With the last two, allowed are the ids of the directories to accept;
// without it the people of any directory may sign in, made by anybody in minutes.
//
// The subject is "sub", the same only for this client id. The address is for filling in a
// form: a directory's administrator writes into it what they like, which has been used to
// take over accounts ("nOAuth"). So EmailVerified is always false, whatever a token says,
// and Authoritative should be left alone. The claims "tid" and "oid" are kept.
func Microsoft(tenant, clientID, clientSecret string, allowed ...string) IDP {
	tenant = strings.ToLower(tenant)
	home := "https://login.microsoftonline.com/" + tenant
	idp := IDP{
		ID: "microsoft", Name: "Microsoft", ClientID: clientID, ClientSecret: clientSecret,
		AuthStyle: oauth2.AuthStyleInParams,
		Issuer:    microsoftIssuer(tenant),
		// Not discovered: the metadata of "common" name no issuer but a template.
		AuthURL: home + "/oauth2/v2.0/authorize", TokenURL: home + "/oauth2/v2.0/token", JWKSURL: home + "/discovery/v2.0/keys",
		Map: microsoftProfile,
	}
	switch tenant {
	case "consumers":
		idp.Issuer = microsoftIssuer(microsoftPersonal)
	case "common", "organizations":
		idp.IssuerOf = func(claims map[string]any) (string, error) {
			return microsoftIssuerOf(claims, tenant == "common", allowed)
		}
	}
	return idp
}

// microsoftPersonal is the directory of all personal accounts.
const microsoftPersonal = "9188040d-6c67-4c5b-b112-36a304b66dad"

func microsoftIssuer(tenant string) string {
	return "https://login.microsoftonline.com/" + tenant + "/v2.0"
}

// microsoftIssuerOf is the issuer for the directory that a token says it is of.
func microsoftIssuerOf(claims map[string]any, personal bool, allowed []string) (string, error) {
	tenant := textOf(claims["tid"])
	switch {
	case !isUUID(tenant): // else a text with slashes could reach into the rest of the URL
		return "", errors.New("oauth: Microsoft's token names no directory")
	case tenant == microsoftPersonal && !personal:
		return "", errors.New("oauth: Microsoft's token is of a personal account")
	case len(allowed) > 0 && !slices.ContainsFunc(allowed, func(id string) bool { return strings.ToLower(id) == tenant }):
		return "", errors.New("oauth: Microsoft's token is of a directory that is not allowed")
	}
	return microsoftIssuer(tenant), nil
}

// isUUID tells whether s is a UUID in lower case, as Microsoft writes them.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

func microsoftProfile(claims map[string]any) Profile {
	p := fromClaims(claims, "tid", "oid")
	p.EmailVerified = false
	p.Picture = "" // shown only to who has an access token
	return p
}
