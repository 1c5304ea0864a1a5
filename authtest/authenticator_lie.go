package authtest

import (
	"slices"
	"strings"
)

// PasskeyLie is one thing that an Authenticator, or a page in front of it, does other than
// it should. Its value is its part and its name: "client_data.challenge_other".
//
//	phone.Lie(authtest.PasskeyChallengeOther)
//
// Everything else stays as it was, and what is signed is signed over the lie: whoever does
// not check that one thing is satisfied.
type PasskeyLie string

// Part is what the lie is about: client_data, auth_data, credential, encoding, key,
// attestation, signature or user_handle.
func (l PasskeyLie) Part() string {
	part, _, _ := strings.Cut(string(l), ".")
	return part
}

// The ceremonies of an Authenticator, as PasskeyLies has them.
const (
	ceremonyCreate = "create"
	ceremonyGet    = "get"
)

// What is told in both ceremonies. All of them are to be refused.
const (
	// PasskeyChallengeOther answers a challenge that nobody has sent.
	PasskeyChallengeOther PasskeyLie = "client_data.challenge_other"
	// PasskeyChallengeHex has the challenge in base 16.
	PasskeyChallengeHex PasskeyLie = "client_data.challenge_hex"
	// PasskeyChallengePadded has the challenge with = behind it.
	PasskeyChallengePadded PasskeyLie = "client_data.challenge_padded"
	// PasskeyChallengeMissing has no challenge.
	PasskeyChallengeMissing PasskeyLie = "client_data.challenge_missing"
	// PasskeyTypeOther is of the other ceremony: webauthn.get for create, and the reverse.
	PasskeyTypeOther PasskeyLie = "client_data.type_other"
	// PasskeyTypeMissing is of no ceremony.
	PasskeyTypeMissing PasskeyLie = "client_data.type_missing"

	// PasskeyOriginScheme comes over http, or over https where the origin is http.
	PasskeyOriginScheme PasskeyLie = "client_data.origin_scheme"
	// PasskeyOriginPort comes from another port.
	PasskeyOriginPort PasskeyLie = "client_data.origin_port"
	// PasskeyOriginSubdomain comes from a host below the true one.
	PasskeyOriginSubdomain PasskeyLie = "client_data.origin_subdomain"
	// PasskeyOriginSuffix goes on behind the true one: https://app.example.liar.example.
	PasskeyOriginSuffix PasskeyLie = "client_data.origin_suffix"
	// PasskeyOriginPrefix has something before the true host: https://liarapp.example.
	PasskeyOriginPrefix PasskeyLie = "client_data.origin_prefix"
	// PasskeyOriginDot has a dot behind the host.
	PasskeyOriginDot PasskeyLie = "client_data.origin_dot"
	// PasskeyOriginUser is elsewhere, with the true host as the user: https://app.example@liar.example.
	PasskeyOriginUser PasskeyLie = "client_data.origin_user"
	// PasskeyOriginNull is the string "null", as of a sandboxed frame.
	PasskeyOriginNull PasskeyLie = "client_data.origin_null"
	// PasskeyOriginMissing does not say whence it comes.
	PasskeyOriginMissing PasskeyLie = "client_data.origin_missing"

	// PasskeyOriginUserinfo has a user before the true host: https://liar@app.example. It is the true one
	// for who parses it, as the four below are, but no browser writes an origin so.
	PasskeyOriginUserinfo PasskeyLie = "client_data.origin_userinfo"
	// PasskeyOriginUpper has the host in capitals.
	PasskeyOriginUpper PasskeyLie = "client_data.origin_upper"
	// PasskeyOriginDefaultPort spells out the scheme's own port. Where the origin has another it is
	// PasskeyOriginPort.
	PasskeyOriginDefaultPort PasskeyLie = "client_data.origin_default_port"
	// PasskeyOriginSlash has a slash behind the host.
	PasskeyOriginSlash PasskeyLie = "client_data.origin_slash"
	// PasskeyOriginQuery has a path and a query behind the host.
	PasskeyOriginQuery PasskeyLie = "client_data.origin_query"

	// PasskeyCrossOrigin says that it was in a frame of another origin.
	PasskeyCrossOrigin PasskeyLie = "client_data.cross_origin"
	// PasskeyTopOrigin says so as well, and which origin's.
	PasskeyTopOrigin PasskeyLie = "client_data.top_origin"
	// PasskeyTopOriginAlone names the frame's origin and denies that it was in one.
	PasskeyTopOriginAlone PasskeyLie = "client_data.top_origin_alone"

	// PasskeyClientTwice has the challenge twice: another, then the true one.
	PasskeyClientTwice PasskeyLie = "client_data.twice"
	// PasskeyClientCase has Challenge in place of challenge, which encoding/json takes for the same.
	PasskeyClientCase PasskeyLie = "client_data.case"
	// PasskeyClientBOM has a byte order mark before it. WebAuthn has the site drop one, but no client
	// writes it: to be refused.
	PasskeyClientBOM PasskeyLie = "client_data.bom"
	// PasskeyClientNotJSON is a page.
	PasskeyClientNotJSON PasskeyLie = "client_data.not_json"
	// PasskeyClientTrailing has a second object behind the first.
	PasskeyClientTrailing PasskeyLie = "client_data.trailing"
	// PasskeyClientNumber has the challenge as a number.
	PasskeyClientNumber PasskeyLie = "client_data.number"
	// PasskeyClientCrossString has crossOrigin as the string "false".
	PasskeyClientCrossString PasskeyLie = "client_data.cross_string"
	// PasskeyClientHuge has a further member of 60 KiB. Further members are allowed, so many bytes are not.
	PasskeyClientHuge PasskeyLie = "client_data.huge"

	// PasskeyRPOther is for another rpId.
	PasskeyRPOther PasskeyLie = "auth_data.rp_other"
	// PasskeyUPMissing has nobody touch it.
	PasskeyUPMissing PasskeyLie = "auth_data.up_missing"
	// PasskeyUVMissing verifies nobody, whatever was asked for: to be refused where that is required.
	PasskeyUVMissing PasskeyLie = "auth_data.uv_missing"
	// PasskeyFlagsZero has no flag about the person or backups.
	PasskeyFlagsZero PasskeyLie = "auth_data.flags_zero"
	// PasskeyBackupImpossible is backed up, but not eligible for it (BE=0, BS=1). With Get, make the passkey
	// with DeviceBound: otherwise BE has changed too.
	PasskeyBackupImpossible PasskeyLie = "auth_data.backup_impossible"
	// PasskeyAuthTrailing has three bytes behind the authenticator data.
	PasskeyAuthTrailing PasskeyLie = "auth_data.trailing"
	// PasskeyAuthShort lacks the last bytes of the authenticator data.
	PasskeyAuthShort PasskeyLie = "auth_data.short"
	// PasskeyExtensionsMissing says that there is extension data (ED), and there is none.
	PasskeyExtensionsMissing PasskeyLie = "auth_data.extensions_missing"

	// PasskeyIDLong has a credential id of 1024 bytes; 1023 are allowed.
	PasskeyIDLong PasskeyLie = "credential.id_long"
	// PasskeyIDEmpty has a credential id of no bytes.
	PasskeyIDEmpty PasskeyLie = "credential.id_empty"
	// PasskeyIDOther has an id that is not its rawId.
	PasskeyIDOther PasskeyLie = "credential.id_other"
	// PasskeyCredentialType is of the type password.
	PasskeyCredentialType PasskeyLie = "credential.type_other"

	// PasskeyBase64Padded has = behind the base64url of everything in response.
	PasskeyBase64Padded PasskeyLie = "encoding.padded"
	// PasskeyBase64Standard has response.clientDataJSON in base64 with + and /.
	PasskeyBase64Standard PasskeyLie = "encoding.standard"
	// PasskeyBase64Newline has a line break amid response.clientDataJSON.
	PasskeyBase64Newline PasskeyLie = "encoding.newline"
	// PasskeyBase64Bits has response.clientDataJSON with a bit set that no byte has, at its end.
	PasskeyBase64Bits PasskeyLie = "encoding.bits"
	// PasskeyBase64Garbage has no base64 in response.clientDataJSON.
	PasskeyBase64Garbage PasskeyLie = "encoding.garbage"
)

// What is told by Create alone. All of them are to be refused, but PasskeyPackedSelf, and
// PasskeyCopiesOther unless the copies are believed.
const (
	// PasskeyATMissing has neither the flag AT nor the credential's data.
	PasskeyATMissing PasskeyLie = "auth_data.at_missing"
	// PasskeyATEmpty has the flag AT, but not the credential's data.
	PasskeyATEmpty PasskeyLie = "auth_data.at_empty"
	// PasskeyIDAttestedOther has the same id twice, but another in the credential's data.
	PasskeyIDAttestedOther PasskeyLie = "credential.id_attested_other"

	// PasskeyKeyEd448 is a key for Ed448 (-53), which nobody offers. What it signs is not right.
	PasskeyKeyEd448 PasskeyLie = "key.ed448"
	// PasskeyKeyRS1 is a key for RSA with SHA-1 (-65535).
	PasskeyKeyRS1 PasskeyLie = "key.rs1"
	// PasskeyKeyAlgMissing is a key that does not say for what algorithm.
	PasskeyKeyAlgMissing PasskeyLie = "key.alg_missing"
	// PasskeyKeyAlgOther is a key of one kind that says an algorithm of another kind, of those that are
	// offered.
	PasskeyKeyAlgOther PasskeyLie = "key.alg_other"
	// PasskeyKeyOffCurve is a key for ES256 that is no point of P-256. What it signs is not right.
	PasskeyKeyOffCurve PasskeyLie = "key.off_curve"
	// PasskeyKeyCurveOther is a key for ES256 on P-384.
	PasskeyKeyCurveOther PasskeyLie = "key.curve_other"
	// PasskeyKeyRSA1024 is an RSA key of 1024 bits.
	PasskeyKeyRSA1024 PasskeyLie = "key.rsa_1024"
	// PasskeyKeyExponent1 is an RSA key with the exponent 1: anybody signs with it.
	PasskeyKeyExponent1 PasskeyLie = "key.exponent_1"
	// PasskeyKeyTwice is a key that says its kind twice.
	PasskeyKeyTwice PasskeyLie = "key.twice"

	// PasskeyFormatUnknown attests in a format that nobody knows.
	PasskeyFormatUnknown PasskeyLie = "attestation.format_unknown"
	// PasskeyFormatMissing does not say in which format it attests.
	PasskeyFormatMissing PasskeyLie = "attestation.format_missing"
	// PasskeyNoneStatement attests "none", and something.
	PasskeyNoneStatement PasskeyLie = "attestation.none_statement"
	// PasskeyPackedSelf attests by its own key (packed), rightly: not a lie, and to be accepted or refused.
	PasskeyPackedSelf PasskeyLie = "attestation.packed_self"
	// PasskeyPackedAlg does so with another algorithm in the statement than the key's.
	PasskeyPackedAlg PasskeyLie = "attestation.packed_alg"
	// PasskeyPackedSignature does so with one bit of the signature wrong.
	PasskeyPackedSignature PasskeyLie = "attestation.packed_signature"
	// PasskeyCBORTwice has fmt twice in the attestation object.
	PasskeyCBORTwice PasskeyLie = "attestation.cbor_twice"
	// PasskeyCBORIndefinite does not say how long the attestation object is.
	PasskeyCBORIndefinite PasskeyLie = "attestation.cbor_indefinite"
	// PasskeyCBORDeep has a further member in the attestation object, 1000 arrays deep.
	PasskeyCBORDeep PasskeyLie = "attestation.cbor_deep"
	// PasskeyCBORTrailing has three bytes behind the attestation object.
	PasskeyCBORTrailing PasskeyLie = "attestation.cbor_trailing"
	// PasskeyCopiesOther has another key of the same kind in the copies beside the attestation object,
	// publicKey and authenticatorData. Who takes the key from the object need not mind.
	PasskeyCopiesOther PasskeyLie = "attestation.copies_other"
)

// What is told by Get alone. All of them are to be refused, but PasskeyBackupFlipped as the site
// decides.
const (
	// PasskeyATUnasked brings the flag AT and a credential's data, which belong to Create.
	PasskeyATUnasked PasskeyLie = "auth_data.at_unasked"
	// PasskeyBackupFlipped says the opposite of DeviceBound: BE has changed since Create, and BS with it.
	PasskeyBackupFlipped PasskeyLie = "auth_data.backup_flipped"
	// PasskeyIDUnknown has the id of a passkey that nobody has registered.
	PasskeyIDUnknown PasskeyLie = "credential.id_unknown"

	// PasskeySignatureKey is signed by another key of the same kind.
	PasskeySignatureKey PasskeyLie = "signature.key_other"
	// PasskeySignatureData is signed by the true key over something else.
	PasskeySignatureData PasskeyLie = "signature.data_other"
	// PasskeySignatureEmpty is not signed.
	PasskeySignatureEmpty PasskeyLie = "signature.empty"
	// PasskeySignatureGarbage is signed by 70 bytes that begin as ASN.1 and are none.
	PasskeySignatureGarbage PasskeyLie = "signature.garbage"
	// PasskeySignatureTrailing has a byte behind the true signature.
	PasskeySignatureTrailing PasskeyLie = "signature.trailing"

	// PasskeyHandleOther is somebody else's: of another user here, if there is one.
	PasskeyHandleOther PasskeyLie = "user_handle.other"
	// PasskeyHandleMissing names nobody, as keys that are not discoverable do.
	PasskeyHandleMissing PasskeyLie = "user_handle.missing"
	// PasskeyHandleLong is a user handle of 65 bytes; 64 are allowed.
	PasskeyHandleLong PasskeyLie = "user_handle.long"
)

// PasskeyLies are all of them, or all that are told in some ceremonies, "create" and "get", for
// tests that try one after another.
func PasskeyLies(ceremonies ...string) []PasskeyLie {
	told := func(ceremony string) bool { return len(ceremonies) == 0 || slices.Contains(ceremonies, ceremony) }
	var all []PasskeyLie
	if told(ceremonyCreate) || told(ceremonyGet) {
		all = append(all,
			PasskeyChallengeOther, PasskeyChallengeHex, PasskeyChallengePadded, PasskeyChallengeMissing, PasskeyTypeOther,
			PasskeyTypeMissing, PasskeyOriginScheme, PasskeyOriginPort, PasskeyOriginSubdomain, PasskeyOriginSuffix,
			PasskeyOriginPrefix, PasskeyOriginDot, PasskeyOriginUser, PasskeyOriginNull, PasskeyOriginMissing,
			PasskeyOriginUserinfo, PasskeyOriginUpper, PasskeyOriginDefaultPort, PasskeyOriginSlash, PasskeyOriginQuery,
			PasskeyCrossOrigin, PasskeyTopOrigin, PasskeyTopOriginAlone, PasskeyClientTwice, PasskeyClientCase,
			PasskeyClientBOM, PasskeyClientNotJSON, PasskeyClientTrailing, PasskeyClientNumber, PasskeyClientCrossString,
			PasskeyClientHuge, PasskeyRPOther, PasskeyUPMissing, PasskeyUVMissing, PasskeyFlagsZero, PasskeyBackupImpossible,
			PasskeyAuthTrailing, PasskeyAuthShort, PasskeyExtensionsMissing, PasskeyIDLong, PasskeyIDEmpty, PasskeyIDOther,
			PasskeyCredentialType, PasskeyBase64Padded, PasskeyBase64Standard, PasskeyBase64Newline, PasskeyBase64Bits,
			PasskeyBase64Garbage)
	}
	if told(ceremonyCreate) {
		all = append(all,
			PasskeyATMissing, PasskeyATEmpty, PasskeyIDAttestedOther, PasskeyKeyEd448, PasskeyKeyRS1, PasskeyKeyAlgMissing,
			PasskeyKeyAlgOther, PasskeyKeyOffCurve, PasskeyKeyCurveOther, PasskeyKeyRSA1024, PasskeyKeyExponent1,
			PasskeyKeyTwice, PasskeyFormatUnknown, PasskeyFormatMissing, PasskeyNoneStatement, PasskeyPackedSelf,
			PasskeyPackedAlg, PasskeyPackedSignature, PasskeyCBORTwice, PasskeyCBORIndefinite, PasskeyCBORDeep,
			PasskeyCBORTrailing, PasskeyCopiesOther)
	}
	if told(ceremonyGet) {
		all = append(all,
			PasskeyATUnasked, PasskeyBackupFlipped, PasskeyIDUnknown, PasskeySignatureKey, PasskeySignatureData,
			PasskeySignatureEmpty, PasskeySignatureGarbage, PasskeySignatureTrailing, PasskeyHandleOther,
			PasskeyHandleMissing, PasskeyHandleLong)
	}
	return all
}
