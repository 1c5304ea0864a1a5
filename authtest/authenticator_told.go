package authtest

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// passkeyTold are the lies that an answer is told with. It does not change.
type passkeyTold map[PasskeyLie]bool

func (t passkeyTold) inOrder() []PasskeyLie { return slices.Sorted(maps.Keys(t)) }

// Lie has the authenticator tell these lies from now on, and no others, where they belong
// to the ceremony. Without any it is honest again. What Create has made under a lie about
// the key or the id stays so: Get signs with that key. Of two lies about the same thing
// one is told.
func (a *Authenticator) Lie(lies ...PasskeyLie) {
	told := passkeyTold{}
	for _, l := range lies {
		told[l] = true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lies = told
}

// random is bytes that nobody has seen.
func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// tellClient lies in the client data's members.
func (d *passkeyDraft) tellClient(members []clientMember) []clientMember {
	set := func(name string, value any) {
		for i := range members {
			if members[i].name == name {
				members[i].value = value
			}
		}
	}
	drop := func(name string) {
		members = slices.DeleteFunc(members, func(m clientMember) bool { return m.name == name })
	}
	add := func(name string, value any) { members = append(members, clientMember{name, value}) }
	challenge := base64.RawURLEncoding.EncodeToString(d.challenge)
	for _, l := range d.lies.inOrder() {
		switch l {
		case PasskeyChallengeOther:
			set("challenge", base64.RawURLEncoding.EncodeToString(random(len(d.challenge))))
		case PasskeyChallengeHex:
			set("challenge", hex.EncodeToString(d.challenge))
		case PasskeyChallengePadded:
			set("challenge", withPadding(challenge))
		case PasskeyChallengeMissing:
			drop("challenge")
		case PasskeyTypeOther:
			set("type", "webauthn."+map[string]string{ceremonyCreate: ceremonyGet, ceremonyGet: ceremonyCreate}[d.ceremony])
		case PasskeyTypeMissing:
			drop("type")
		case PasskeyOriginMissing:
			drop("origin")
		case PasskeyCrossOrigin:
			set("crossOrigin", true)
		case PasskeyTopOrigin:
			set("crossOrigin", true)
			add("topOrigin", liar)
		case PasskeyTopOriginAlone:
			add("topOrigin", liar)
		case PasskeyClientTwice:
			members = slices.Insert(members, 0, clientMember{"challenge", base64.RawURLEncoding.EncodeToString(random(32))})
		case PasskeyClientCase:
			drop("challenge")
			add("Challenge", challenge)
		case PasskeyClientNumber:
			set("challenge", 1)
		case PasskeyClientCrossString:
			set("crossOrigin", "false")
		case PasskeyClientHuge:
			add("more", strings.Repeat("m", 60<<10))
		case PasskeyBase64Standard:
			add("more", "?????") // its base64url has _ wherever it stands
		default:
			if strings.HasPrefix(string(l), "client_data.origin_") {
				set("origin", lyingOrigin(l, d.origin))
			}
		}
	}
	return members
}

// lyingOrigin is an origin that resembles the true one.
func lyingOrigin(l PasskeyLie, origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return origin
	}
	scheme, host, port := u.Scheme+"://", u.Hostname(), ""
	if u.Port() != "" {
		port = ":" + u.Port()
	}
	other := map[string]string{"http": "https", "https": "http"}[u.Scheme]
	standard := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	switch l {
	case PasskeyOriginScheme:
		return other + "://" + host + port
	case PasskeyOriginPort:
		if port == ":8443" {
			return scheme + host + ":8444"
		}
		return scheme + host + ":8443"
	case PasskeyOriginSubdomain:
		return scheme + "liar." + host + port
	case PasskeyOriginSuffix:
		return scheme + host + ".liar.example" + port
	case PasskeyOriginPrefix:
		return scheme + "liar" + host + port
	case PasskeyOriginDot:
		return scheme + host + "." + port
	case PasskeyOriginUser:
		return scheme + host + "@liar.example" + port
	case PasskeyOriginNull:
		return "null"
	case PasskeyOriginUserinfo:
		return scheme + "liar@" + host + port
	case PasskeyOriginUpper:
		return scheme + strings.ToUpper(host) + port
	case PasskeyOriginDefaultPort:
		return scheme + host + standard
	case PasskeyOriginSlash:
		return scheme + host + port + "/"
	case PasskeyOriginQuery:
		return scheme + host + port + "/liar?liar"
	}
	return origin
}

// tellClientText lies in how the client data is written.
func (d *passkeyDraft) tellClientText(text []byte) []byte {
	switch {
	case d.lies[PasskeyClientBOM]:
		return append([]byte("\ufeff"), text...)
	case d.lies[PasskeyClientNotJSON]:
		return []byte("<p>no JSON</p>")
	case d.lies[PasskeyClientTrailing]:
		return append(text, "{}"...)
	case d.lies[PasskeyBase64Bits] && len(text)%3 == 0: // base64 has no bits to spare
		return append(text, ' ')
	}
	return text
}

// tellAuthData lies about what the authenticator says.
func (d *passkeyDraft) tellAuthData() {
	for _, l := range d.lies.inOrder() {
		switch l {
		case PasskeyRPOther:
			d.rpID = "liar.example"
		case PasskeyUPMissing:
			d.flags &^= flagUP
		case PasskeyUVMissing:
			d.flags &^= flagUV
		case PasskeyFlagsZero:
			d.flags &= flagAT
		case PasskeyBackupImpossible:
			d.flags = d.flags&^flagBE | flagBS
		case PasskeyExtensionsMissing:
			d.flags |= flagED
		}
	}
	if d.ceremony == ceremonyCreate {
		switch {
		case d.lies[PasskeyATMissing]:
			d.flags, d.attested = d.flags&^flagAT, false
		case d.lies[PasskeyATEmpty]:
			d.attested = false
		case d.lies[PasskeyIDAttestedOther]:
			d.id = random(len(d.id))
		}
		return
	}
	switch {
	case d.lies[PasskeyATUnasked]:
		d.flags, d.attested = d.flags|flagAT, true
	case d.lies[PasskeyBackupFlipped] && d.flags&flagBE != 0:
		d.flags &^= flagBE | flagBS
	case d.lies[PasskeyBackupFlipped]:
		d.flags |= flagBE | flagBS
	}
}

// signature is what the authenticator signs with.
func (d *passkeyDraft) signature(data []byte) ([]byte, error) {
	key := d.passkey.key
	switch {
	case d.lies[PasskeySignatureEmpty]:
		return []byte{}, nil
	case d.lies[PasskeySignatureGarbage]:
		return append([]byte{0x30, 0x44, 0x02, 0xff}, random(66)...), nil
	case d.lies[PasskeySignatureKey]:
		other, err := newKeyLike(key)
		if err != nil {
			return nil, err
		}
		return other.sign(data)
	case d.lies[PasskeySignatureData]:
		return key.sign(random(len(data)))
	}
	signature, err := key.sign(data)
	if d.lies[PasskeySignatureTrailing] {
		signature = append(signature, 0)
	}
	return signature, err
}

// text is bytes as JSON has them.
func (d *passkeyDraft) text(b []byte) string {
	s := base64.RawURLEncoding.EncodeToString(b)
	if d.lies[PasskeyBase64Padded] {
		return withPadding(s)
	}
	return s
}

// withPadding has at least one = behind it.
func withPadding(s string) string { return s + strings.Repeat("=", max(1, (4-len(s)%4)%4)) }

// tellAnswer lies in the answer that is ready, but for what is signed.
func (d *passkeyDraft) tellAnswer(m, response map[string]any) {
	client, _ := response["clientDataJSON"].(string)
	for _, l := range d.lies.inOrder() {
		switch l {
		case PasskeyIDOther:
			m["id"] = base64.RawURLEncoding.EncodeToString(random(32))
		case PasskeyIDEmpty:
			m["id"], m["rawId"] = "", ""
		case PasskeyCredentialType:
			m["type"] = "password"
		case PasskeyIDLong, PasskeyIDUnknown:
			n := map[PasskeyLie]int{PasskeyIDLong: 1024, PasskeyIDUnknown: 32}[l]
			if d.ceremony == ceremonyGet && (l == PasskeyIDUnknown || len(d.credentialID) != n) {
				id := base64.RawURLEncoding.EncodeToString(random(n))
				m["id"], m["rawId"] = id, id
			}
		case PasskeyBase64Standard:
			response["clientDataJSON"] = strings.NewReplacer("-", "+", "_", "/").Replace(client)
		case PasskeyBase64Newline:
			response["clientDataJSON"] = client[:len(client)/2] + "\n" + client[len(client)/2:]
		case PasskeyBase64Bits:
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
			last := strings.IndexByte(alphabet, client[len(client)-1])
			response["clientDataJSON"] = client[:len(client)-1] + string(alphabet[last|1])
		case PasskeyBase64Garbage:
			response["clientDataJSON"] = "!" + client
		}
	}
}

// attestation is the attestation object (WebAuthn section 6.5).
func (d *passkeyDraft) attestation(auth, client []byte) ([]byte, error) {
	format, statement := "none", cborMap()
	switch {
	case d.lies[PasskeyFormatUnknown]:
		format = "liar"
	case d.lies[PasskeyNoneStatement]:
		statement = cborMap(cborPair{cborText("liar"), cborInt(1)})
	case d.lies[PasskeyPackedSelf], d.lies[PasskeyPackedAlg], d.lies[PasskeyPackedSignature]:
		key := d.passkey.key
		signature, err := key.sign(signed(auth, client))
		if err != nil {
			return nil, err
		}
		algorithm := key.algorithm
		if d.lies[PasskeyPackedAlg] {
			algorithm = anotherOf(algorithm, nil)
		}
		if d.lies[PasskeyPackedSignature] {
			signature = bytes.Clone(signature)
			signature[len(signature)-1] ^= 1
		}
		format = "packed"
		statement = cborMap(cborPair{cborText("alg"), cborInt(algorithm)}, cborPair{cborText("sig"), cborBytes(signature)})
	}
	fmtPair := cborPair{cborText("fmt"), cborText(format)}
	pairs := []cborPair{fmtPair, {cborText("attStmt"), statement}, {cborText("authData"), cborBytes(auth)}}
	switch {
	case d.lies[PasskeyFormatMissing]:
		pairs = pairs[1:]
	case d.lies[PasskeyCBORTwice]:
		pairs = slices.Insert(pairs, 0, fmtPair)
	case d.lies[PasskeyCBORIndefinite]:
		return cborEndless(pairs...), nil
	case d.lies[PasskeyCBORDeep]:
		pairs = append(pairs, cborPair{cborText("liarliarliar"), cborDeep(1000)})
	case d.lies[PasskeyCBORTrailing]:
		return append(cborMap(pairs...), 1, 2, 3), nil
	}
	return cborMap(pairs...), nil
}
