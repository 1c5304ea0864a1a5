package authtest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
)

// The flags of authenticator data (WebAuthn section 6.1).
const (
	flagUP = 1 << 0
	flagUV = 1 << 2
	flagBE = 1 << 3
	flagBS = 1 << 4
	flagAT = 1 << 6
	flagED = 1 << 7
)

// clientMember is a member of the client data, which has an order.
type clientMember struct {
	name  string
	value any
}

// passkeyDraft is an answer before it is signed.
type passkeyDraft struct {
	ceremony  string
	origin    string
	challenge []byte
	passkey   *passkey
	lies      passkeyTold
	other     []byte // the user handle of somebody else

	rpID     string
	flags    byte
	count    uint32
	aaguid   [16]byte
	attested bool   // with the credential's data
	id       []byte // within it

	credentialID []byte // beside it
	attachment   string
	transports   []string
	extensions   map[string]any
}

// draft begins an honest answer; a.mu is held.
func (a *Authenticator) draft(p *passkey, ceremony string, challenge []byte, verified bool) *passkeyDraft {
	d := &passkeyDraft{
		ceremony: ceremony, origin: a.origin(), challenge: challenge, passkey: p, lies: a.lies, rpID: p.rpID,
		flags: flagUP, count: a.count(), aaguid: a.AAGUID, id: p.id, credentialID: p.id, extensions: map[string]any{},
	}
	if verified {
		d.flags |= flagUV
	}
	if !a.DeviceBound {
		d.flags |= flagBE | flagBS
	}
	if ceremony == ceremonyCreate {
		d.flags |= flagAT
		d.attested = true
	}
	return d
}

// clientData is what the browser collects (WebAuthn section 5.8.1).
func (d *passkeyDraft) clientData() ([]byte, error) {
	members := d.tellClient([]clientMember{
		{"type", "webauthn." + d.ceremony},
		{"challenge", base64.RawURLEncoding.EncodeToString(d.challenge)},
		{"origin", d.origin},
		{"crossOrigin", false},
	})
	text := []byte("{")
	for i, m := range members {
		name, _ := json.Marshal(m.name) // strings do not fail
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = slices.Concat(text, name, []byte(":"), value)
	}
	return d.tellClientText(append(text, '}')), nil
}

// authData is what the authenticator says (WebAuthn section 6.1).
func (d *passkeyDraft) authData() []byte {
	d.tellAuthData()
	hash := sha256.Sum256([]byte(d.rpID))
	data := binary.BigEndian.AppendUint32(append(hash[:], d.flags), d.count)
	if d.attested {
		data = append(data, d.aaguid[:]...)
		data = binary.BigEndian.AppendUint16(data, uint16(len(d.id))) // #nosec G115 -- 1024 at most
		data = slices.Concat(data, d.id, d.passkey.key.encoded())
	}
	switch {
	case d.lies[PasskeyAuthTrailing]:
		data = append(data, 1, 2, 3)
	case d.lies[PasskeyAuthShort]:
		data = data[:len(data)-3]
	}
	return data
}

// signed is what both ceremonies sign: the authenticator data and the client data's hash.
func signed(authData, clientData []byte) []byte {
	hash := sha256.Sum256(clientData)
	return slices.Concat(authData, hash[:])
}

// registration is the answer of Create.
func (d *passkeyDraft) registration() ([]byte, error) {
	client, err := d.clientData()
	if err != nil {
		return nil, err
	}
	auth, key := d.authData(), d.passkey.key
	object, err := d.attestation(auth, client)
	if err != nil {
		return nil, err
	}
	if d.lies[PasskeyCopiesOther] {
		if key, err = newKeyLike(key); err != nil {
			return nil, err
		}
		copied := *d
		copied.passkey, copied.lies = &passkey{key: key}, nil
		auth = copied.authData()
	}
	public, err := key.spki()
	if err != nil {
		return nil, err
	}
	return d.answer(map[string]any{
		"clientDataJSON": d.text(client), "attestationObject": d.text(object), "transports": d.transports,
		"authenticatorData": d.text(auth), "publicKey": d.text(public), "publicKeyAlgorithm": key.algorithm,
	})
}

// assertion is the answer of Get.
func (d *passkeyDraft) assertion() ([]byte, error) {
	client, err := d.clientData()
	if err != nil {
		return nil, err
	}
	auth := d.authData()
	signature, err := d.signature(signed(auth, client))
	if err != nil {
		return nil, err
	}
	response := map[string]any{
		"clientDataJSON": d.text(client), "authenticatorData": d.text(auth), "signature": d.text(signature),
	}
	if handle := d.userHandle(); handle != nil {
		response["userHandle"] = d.text(handle)
	}
	return d.answer(response)
}

// userHandle is nil where none is sent.
func (d *passkeyDraft) userHandle() []byte {
	switch {
	case d.lies[PasskeyHandleMissing]:
		return nil
	case d.lies[PasskeyHandleOther]:
		return d.other
	case d.lies[PasskeyHandleLong]:
		return random(65)
	case !d.passkey.discoverable:
		return nil
	}
	return d.passkey.user
}

// answer is what PublicKeyCredential.toJSON makes.
func (d *passkeyDraft) answer(response map[string]any) ([]byte, error) {
	id := base64.RawURLEncoding.EncodeToString(d.credentialID)
	m := map[string]any{
		"id": id, "rawId": id, "type": publicKey, "response": response,
		"authenticatorAttachment": d.attachment, "clientExtensionResults": d.extensions,
	}
	d.tellAnswer(m, response)
	return json.Marshal(m)
}
