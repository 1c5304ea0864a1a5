package passkey

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
)

// Ceremony is what waits for a browser's answer.
type Ceremony = ceremony

// Rechallenge gives a ceremony that waits in one of the client's flows another challenge,
// and returns it with its new flow: for vectors, whose challenge is part of what was signed.
func (p *Provider) Rechallenge(ctx context.Context, c auth.Client, name string, challenge []byte) (string, Ceremony, error) {
	var s ceremony
	_, err := p.kit.Take(ctx, c, name, func(data json.RawMessage) bool { return json.Unmarshal(data, &s) == nil })
	if err != nil {
		return "", s, err
	}
	s.WebAuthn.Challenge = base64.RawURLEncoding.EncodeToString(challenge)
	flow, err := p.kit.Begin(ctx, c, name, s, lifetime)
	return flow, s, err
}

// Created verifies a new passkey, and nothing else.
func (p *Provider) Created(s Ceremony, answer []byte) error {
	r, err := parseResponse(answer)
	if err == nil {
		_, err = p.created(s, r)
	}
	return err
}

// Used verifies what a passkey has signed, and nothing else.
func (p *Provider) Used(s Ceremony, answer []byte, row *ent.Credential) error {
	r, err := parseResponse(answer)
	if err == nil {
		_, err = p.used(s, r, row)
	}
	return err
}

// CheckKey is what a public key has to pass.
var CheckKey = checkKey

// IsFrom tells whether client data, in base64url, are of a ceremony on a page of an origin.
func IsFrom(client, origin, kind string) bool {
	d, err := response{Response: responsePart{ClientDataJSON: client}}.clientData()
	return err == nil && d.isFrom([]string{origin}, kind) == nil
}
