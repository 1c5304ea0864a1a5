package passkey

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/torii-go/torii/auth"
)

// The ceremonies. A challenge of one is nothing to the others.
const (
	ceremonyRegister = "register"
	ceremonySignUp   = "sign-up"
	ceremonySignIn   = "sign-in"
	ceremonyStepUp   = "step-up"
)

// ceremony is what waits for the browser's answer, sealed.
type ceremony struct {
	WebAuthn webauthn.SessionData `json:"webauthn"`
	// UserID and SessionID are of who is signed in, where somebody is; of a sign-in whose
	// passkeys were listed, UserID is whose they are.
	UserID    string `json:"user_id,omitempty"`
	SessionID string `json:"session_id,omitempty"`
	// SignUp is what a new account is made with.
	SignUp *SignUp `json:"sign_up,omitempty"`
}

// Options are what a browser needs for a ceremony.
type Options struct {
	// PublicKey is the argument of navigator.credentials.create or get, as JSON:
	// PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON.
	PublicKey json.RawMessage
	// Flow belongs to the client that asked: it comes back in Client.Flows.
	Flow string
}

// begin stores a ceremony and returns its options.
func (p *Provider) begin(ctx context.Context, c auth.Client, name string, s ceremony, options any) (Options, error) {
	publicKey, err := json.Marshal(options)
	if err != nil {
		return Options{}, err
	}
	flow, err := p.kit.Begin(ctx, c, name, s, lifetime)
	return Options{PublicKey: publicKey, Flow: flow}, err
}

// take ends the ceremony whose challenge the browser has signed, whatever comes of it. One
// that is not there is auth.ErrInvalidToken, and so is an answer that names none.
func (p *Provider) take(ctx context.Context, c auth.Client, name string, r response) (ceremony, string, error) {
	d, err := r.clientData()
	if err != nil {
		return ceremony{}, "", auth.ErrInvalidToken
	}
	var taken ceremony
	flow, err := p.kit.Take(ctx, c, name, func(data json.RawMessage) bool {
		var s ceremony
		in := json.NewDecoder(bytes.NewReader(data))
		in.UseNumber() // a host's integers keep every digit
		if in.Decode(&s) != nil || s.WebAuthn.Challenge == "" || s.WebAuthn.Challenge != d.Challenge {
			return false
		}
		taken = s
		return true
	})
	return taken, flow, err
}
