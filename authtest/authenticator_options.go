package authtest

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// publicKey is the only type of credential that there is.
const publicKey = "public-key"

// b64 is bytes as base64url without padding, which is all that browsers read.
type b64 []byte

func (b *b64) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	if strings.ContainsAny(text, "\r\n") { // the decoder would skip them
		return base64.CorruptInputError(0)
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	*b = raw
	return err
}

type descriptor struct {
	Type string `json:"type"`
	ID   b64    `json:"id"`
}

type parameter struct {
	Type      string `json:"type"`
	Algorithm int    `json:"alg"`
}

type selection struct {
	Attachment      string `json:"authenticatorAttachment"`
	ResidentKey     string `json:"residentKey"`
	RequireResident bool   `json:"requireResidentKey"`
	Verification    string `json:"userVerification"`
}

// needsResident is WebAuthn's reading of two members of which the older counts last.
func (s selection) needsResident() bool {
	return s.ResidentKey == "required" || s.ResidentKey == "" && s.RequireResident
}

type creation struct {
	RP struct {
		ID   string  `json:"id"`
		Name *string `json:"name"`
	} `json:"rp"`
	User struct {
		ID          b64     `json:"id"`
		Name        *string `json:"name"`
		DisplayName *string `json:"displayName"`
	} `json:"user"`
	Challenge  b64          `json:"challenge"`
	Params     []parameter  `json:"pubKeyCredParams"`
	Exclude    []descriptor `json:"excludeCredentials"`
	Selection  selection    `json:"authenticatorSelection"`
	Extensions struct {
		CredProps bool `json:"credProps"`
	} `json:"extensions"`
}

// algorithms are those that the site offers.
func (o creation) algorithms() []int {
	var list []int
	for _, p := range o.Params {
		if p.Type == publicKey {
			list = append(list, p.Algorithm)
		}
	}
	if len(o.Params) == 0 { // WebAuthn section 5.1.3
		return []int{CoseES256, CoseRS256}
	}
	return list
}

type request struct {
	Challenge    b64          `json:"challenge"`
	RPID         string       `json:"rpId"`
	Allow        []descriptor `json:"allowCredentials"`
	Verification string       `json:"userVerification"`
}

func unreadable(why any) error { return fmt.Errorf("%w: %v", ErrOptions, why) }

// readCreation reads what browsers require; members are told apart by case, as they do.
func readCreation(options []byte) (creation, error) {
	var in struct {
		Options *creation `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &in); err != nil {
		return creation{}, unreadable(err)
	}
	o := in.Options
	switch {
	case o == nil:
		return creation{}, unreadable("no member publicKey")
	case len(o.Challenge) == 0:
		return creation{}, unreadable("no challenge")
	case o.RP.Name == nil:
		return creation{}, unreadable("no rp.name")
	case len(o.User.ID) < 1 || len(o.User.ID) > 64:
		return creation{}, unreadable("user.id is not of 1 to 64 bytes")
	case o.User.Name == nil || o.User.DisplayName == nil:
		return creation{}, unreadable("no user.name or no user.displayName")
	}
	return *o, nil
}

func readRequest(options []byte) (request, error) {
	var in struct {
		Options *request `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &in); err != nil {
		return request{}, unreadable(err)
	}
	if in.Options == nil || len(in.Options.Challenge) == 0 {
		return request{}, unreadable("no member publicKey, or no challenge in it")
	}
	return *in.Options, nil
}

// rpID is the one that is asked for, or else the page's host, if the page may use it.
// Of public suffixes only those of one label are known here.
func (a *Authenticator) rpID(asked string) (string, error) {
	u, err := url.Parse(a.origin())
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("%w: the origin is not one", ErrSecurity)
	}
	host := u.Hostname()
	switch {
	case u.Scheme != "https" && host != "localhost" && !strings.HasSuffix(host, ".localhost"):
		return "", fmt.Errorf("%w: the page came over %s", ErrSecurity, u.Scheme)
	case asked == "":
		return host, nil
	case asked == host, a.Related:
		return asked, nil
	case strings.HasSuffix(host, "."+asked) && strings.Contains(asked, "."):
		return asked, nil
	}
	return "", fmt.Errorf("%w: %s is not of %s", ErrSecurity, asked, a.origin())
}

// verifies tells whether the person is verified.
func (a *Authenticator) verifies(asked string) (bool, error) {
	if asked == "required" && a.NoVerification {
		return false, fmt.Errorf("%w: it cannot verify who uses it", ErrNotAllowed)
	}
	return !a.NoVerification && asked != "discouraged", nil
}

// algorithm is the first of the site's that can be done.
func (a *Authenticator) algorithm(asked []parameter) (int, error) {
	all := []int{CoseES256, CoseEdDSA, CoseRS256}
	able := a.Algorithms
	if len(able) == 0 {
		able = all
	}
	for _, n := range (creation{Params: asked}).algorithms() {
		if slices.Contains(able, n) && slices.Contains(all, n) {
			return n, nil
		}
	}
	return 0, ErrNotSupported
}

// attachment is what it is to the site: a phone is another device as well, by hybrid.
func attachment(asked string, transports []string) (string, error) {
	inside := slices.Contains(transports, "internal")
	outside := !inside || len(transports) > 1
	switch {
	case asked == "platform" && !inside, asked == "cross-platform" && !outside:
		return "", fmt.Errorf("%w: it is not a %s authenticator", ErrNotAllowed, asked)
	case inside && asked != "cross-platform":
		return "platform", nil
	}
	return "cross-platform", nil
}
