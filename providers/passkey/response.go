package passkey

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/torii-go/torii/internal/strictjson"
)

// maxResponse is the largest answer of a browser that is read, in bytes.
const maxResponse = 64 << 10

// response is what a browser answers: RegistrationResponseJSON or
// AuthenticationResponseJSON (WebAuthn Level 3, sections 5.1 and 5.5). What it says beside
// this is not read, extensions among it.
type response struct {
	ID         string       `json:"id"`
	RawID      string       `json:"rawId"`
	Type       string       `json:"type"`
	Attachment string       `json:"authenticatorAttachment,omitempty"`
	Response   responsePart `json:"response"`
}

type responsePart struct {
	ClientDataJSON    string   `json:"clientDataJSON"`
	AttestationObject string   `json:"attestationObject,omitempty"`
	Transports        []string `json:"transports,omitempty"`
	AuthenticatorData string   `json:"authenticatorData,omitempty"`
	Signature         string   `json:"signature,omitempty"`
	UserHandle        string   `json:"userHandle,omitempty"`
}

// clientData is what the browser says of the page that asked (section 5.8.1).
type clientData struct {
	Type        string `json:"type"`
	Challenge   string `json:"challenge"`
	Origin      string `json:"origin"`
	TopOrigin   string `json:"topOrigin"`
	CrossOrigin bool   `json:"crossOrigin"`
}

const (
	typeCreate = "webauthn.create"
	typeGet    = "webauthn.get"
)

var errClientData = errors.New("passkey: clientDataJSON is not that of this site")

// parseResponse reads what a browser answers, for the methods that take its bytes.
func parseResponse(raw []byte) (response, error) {
	var r response
	err := strictjson.Decode(bytes.NewReader(raw), maxResponse, &r)
	return r, err
}

// clientData reads what the page and its browser say, strictly: what two parsers could
// read in two ways is refused.
func (r response) clientData() (clientData, error) {
	raw, err := decode(r.Response.ClientDataJSON)
	if err != nil {
		return clientData{}, errClientData
	}
	var d clientData
	if err := strictjson.Decode(bytes.NewReader(raw), maxResponse, &d); err != nil {
		return clientData{}, errors.Join(errClientData, err)
	}
	return d, nil
}

// isFrom tells whether a page of one of the origins asked, byte for byte, and by itself:
// not in a frame of another site.
func (d clientData) isFrom(origins []string, kind string) error {
	if d.Type != kind || d.CrossOrigin || d.TopOrigin != "" || !slices.Contains(origins, d.Origin) {
		return errClientData
	}
	return nil
}

// encoded is the answer for the library that verifies it, with nothing in it that was not
// read here, if it is of the wanted type and from one of the origins.
func (r response) encoded(origins []string, kind string) ([]byte, error) {
	d, err := r.clientData()
	if err == nil {
		err = d.isFrom(origins, kind)
	}
	if err != nil {
		return nil, err
	}
	for _, s := range []string{
		r.ID, r.RawID, r.Response.AttestationObject, r.Response.AuthenticatorData, r.Response.Signature, r.Response.UserHandle,
	} {
		if _, err := decode(s); err != nil {
			return nil, err
		}
	}
	return json.Marshal(r)
}

var errBase64 = errors.New("passkey: a member is not base64url")

// decode reads base64url as browsers write it: one spelling for each value.
func decode(s string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") { // which package base64 skips
		return nil, errBase64
	}
	return raw, nil
}
