package passkey

import "strings"

const zeroAAGUID = "00000000-0000-0000-0000-000000000000"

// provider is who keeps passkeys of one AAGUID, the number that an authenticator's maker gives to a model.
type provider struct{ aaguid, name string }

// providers are the ones that people are likely to have, checked against the list that the community keeps at
// github.com/passkeydeveloper/passkey-authenticator-aaguids, and for security keys against their makers'. Nothing
// but a label may depend on it: without attestation an AAGUID is what the authenticator claims.
var providers = []provider{
	{"bada5566-a7aa-401f-bd96-45619a55120d", "1Password"},
	{"fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "Apple Passwords"}, // iCloud Keychain, until 2024
	{"d548826e-79b4-db40-a3d8-11116f7e8349", "Bitwarden"},
	{"adce0002-35bc-c60a-648b-0b25f1f05503", "Chrome on Mac"},
	{"b5397666-4885-aa6b-cebf-e52262a439a2", "Chromium Browser"},
	{"531126d6-e717-415c-9320-3d9aa6981239", "Dashlane"},
	{"de503f9c-21a4-4f76-b4b7-558eb55c6f89", "Devolutions"},
	{"771b48fd-d3d4-4f74-9232-fc157ab0507a", "Edge on Mac"},
	{"f3809540-7f14-49c1-a8b3-8f813b225541", "Enpass"},
	{"ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "Google Password Manager"},
	{"42b4fb4a-2866-43b2-9bf7-6c6669c2e5d3", "Google Titan Security Key v2"},
	{"dd4ec289-e01d-41c9-bb89-70fa845d4bf2", "iCloud Keychain (Managed)"},
	{"39a5647e-1853-446c-a1f6-a79bae9f5bc7", "IDmelon"},
	{"a10c6dd9-465e-4226-8198-c7c44b91c555", "Kaspersky Password Manager"},
	{"eaecdef2-1c31-5634-8639-f1cbd9c00a08", "KeePassDX"},
	{"fdb141b2-5d84-443e-8a35-4698c205a502", "KeePassXC"},
	{"0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6", "Keeper"},
	{"b78a0a55-6ef8-d246-a042-ba0f6d55050c", "LastPass"},
	{"22248c4c-7a12-46e2-9a41-44291b373a4d", "LogMeOnce"},
	{"90a3ccdf-635c-4729-a248-9b709135078f", "Microsoft Authenticator"}, // iOS
	{"de1e552d-db1d-4423-a619-566b625cdc84", "Microsoft Authenticator"}, // Android
	{"d3452668-01fd-4c12-926c-83a4204853aa", "Microsoft Password Manager"},
	{"b84e4048-15dc-4dd0-8640-f4f60813c8af", "NordPass"},
	{"50726f74-6f6e-5061-7373-50726f746f6e", "Proton Pass"},
	{"53414d53-554e-4700-0000-000000000000", "Samsung Pass"},
	{"17290f1e-c212-34d0-1423-365d729f09d9", "Thales"}, // PIN, iOS
	{"66a0ccb3-bd6a-191f-ee06-e375c50b9846", "Thales"}, // biometric, iOS
	{"8836336a-f590-0921-301d-46427531eee6", "Thales"}, // biometric, Android
	{"cd69adb5-3c7a-deb9-3177-6800ea6cb72a", "Thales"}, // PIN, Android
	{"6028b017-b1d4-4c02-b4b3-afcdafc96bb2", "Windows Hello"},
	{"08987058-cadc-4b81-b6e1-30de50dcbe96", "Windows Hello"},
	{"9ddd1817-af5a-4672-a2b9-3e3dd95000a9", "Windows Hello"},
	{"19083c3d-8383-4b18-bc03-8f1c9ab2fd1b", "YubiKey 5 Series"},                // firmware 5.7
	{"cb69481e-8ff7-4039-93ec-0a2729a154a8", "YubiKey 5 Series"},                // 5.1
	{"ee882879-721c-4913-9775-3dfcce97072a", "YubiKey 5 Series"},                // 5.2, 5.4
	{"a02167b9-ae71-4ac7-9a07-06432ebb6f1c", "YubiKey 5 Series with Lightning"}, // 5.7
	{"c5ef55ff-ad9a-4b9f-b580-adebafe026d0", "YubiKey 5 Series with Lightning"}, // 5.2, 5.4
	{"2fc0579f-8113-47ea-b116-bb5a8db9202a", "YubiKey 5 Series with NFC"},       // 5.2, 5.4
	{"a25342c0-3cdc-4414-8e46-f4807fca511c", "YubiKey 5 Series with NFC"},       // 5.7
	{"d7781e5d-e353-46aa-afe2-3ca49f13332a", "YubiKey 5 Series with NFC"},       // 5.7
	{"fa2b99dc-9e39-4257-8f92-4a30d23c4118", "YubiKey 5 Series with NFC"},       // 5.1
	{"b35a26b2-8f6e-4697-ab1d-d44db4da28c6", "Zoho Vault"},
}

// nameOf returns what to call the keeper of a passkey, or "" where nobody knows. An override counts before the list,
// an empty one too; its key is the AAGUID as a lower-case UUID. Zeros are what a keeper sends that does not want to
// be named.
func nameOf(aaguid string, overrides map[string]string) string {
	aaguid = strings.ToLower(aaguid)
	if aaguid == zeroAAGUID {
		return ""
	}
	if name, ok := overrides[aaguid]; ok {
		return name
	}
	for _, p := range providers {
		if p.aaguid == aaguid {
			return p.name
		}
	}
	return ""
}
