package browser

import (
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator keeps passkeys for one tab, and answers in the place of a person: it is
// touched at once, by who it belongs to, until told otherwise. It is gone with the tab.
type Authenticator struct {
	tab *Tab
	id  webauthn.AuthenticatorID
}

// Platform is what is built into a device, and keeps its passkeys to itself. A tab can
// have one of it or of Synced.
func (tab *Tab) Platform() *Authenticator {
	tab.t.Helper()
	return tab.authenticator(webauthn.VirtualAuthenticatorOptions{
		Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
	})
}

// Synced is what is built in and copies its passkeys to its owner's other devices.
func (tab *Tab) Synced() *Authenticator {
	tab.t.Helper()
	return tab.authenticator(webauthn.VirtualAuthenticatorOptions{
		Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
		DefaultBackupEligibility: true, DefaultBackupState: true,
	})
}

// Key is a security key that keeps passkeys, and asks for a PIN.
func (tab *Tab) Key() *Authenticator {
	tab.t.Helper()
	return tab.authenticator(webauthn.VirtualAuthenticatorOptions{
		Transport: webauthn.AuthenticatorTransportUsb, HasResidentKey: true, HasUserVerification: true,
	})
}

// SecurityKey is one that cannot keep passkeys: it signs for who already has said who they
// are.
func (tab *Tab) SecurityKey() *Authenticator {
	tab.t.Helper()
	return tab.authenticator(webauthn.VirtualAuthenticatorOptions{
		Transport: webauthn.AuthenticatorTransportUsb, HasUserVerification: true,
	})
}

func (tab *Tab) authenticator(options webauthn.VirtualAuthenticatorOptions) *Authenticator {
	tab.t.Helper()
	options.Protocol = webauthn.AuthenticatorProtocolCtap2
	options.Ctap2version = webauthn.Ctap2versionCtap21
	options.AutomaticPresenceSimulation, options.IsUserVerified = true, options.HasUserVerification
	tab.countOffers()
	call(tab, "use virtual authenticators", webauthn.Enable, webauthn.EnableParams{}) // again is no error
	added := call(tab, "add an authenticator", webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &options})
	return &Authenticator{tab: tab, id: added.AuthenticatorID}
}

// SetUserVerified tells whether the finger or the PIN is the right one from now on.
func (a *Authenticator) SetUserVerified(ok bool) {
	a.tab.t.Helper()
	call(a.tab, "set who is verified", webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: ok})
}

// SetAutomaticPresence tells whether it is touched when it is asked. What it is asked
// while it is not stays without an answer, also later.
func (a *Authenticator) SetAutomaticPresence(on bool) {
	a.tab.t.Helper()
	call(a.tab, "set who is present", webauthn.SetAutomaticPresenceSimulation, webauthn.SetAutomaticPresenceSimulationParams{AuthenticatorID: a.id, Enabled: on})
}

// Break makes it sign nonsense, or signs that it has verified nobody, though it said so to
// the browser: what only a site can notice. Both false make it honest again.
func (a *Authenticator) Break(signature, verification bool) {
	a.tab.t.Helper()
	call(a.tab, "break the authenticator", webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{
		AuthenticatorID: a.id, IsBogusSignature: &signature, IsBadUV: &verification,
	})
}

// Credentials are the passkeys that it keeps.
func (a *Authenticator) Credentials() []*webauthn.Credential {
	a.tab.t.Helper()
	return call(a.tab, "read the passkeys", webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: a.id}).Credentials
}

// Keep gives it a passkey of another's, or one that it had.
func (a *Authenticator) Keep(c *webauthn.Credential) {
	a.tab.t.Helper()
	// Chromium does not take all of what it says of a credential itself.
	add := cdp.Command[map[string]any, cdp.Empty]{Method: webauthn.CommandAddCredential}
	call(a.tab, "keep a passkey", add, map[string]any{"authenticatorId": a.id, "credential": map[string]any{
		"credentialId": c.CredentialID, "privateKey": c.PrivateKey, "rpId": c.RpID, "isResidentCredential": true, "userHandle": c.UserHandle,
		"signCount": c.SignCount, "backupEligibility": c.BackupEligibility, "backupState": c.BackupState,
	}})
}

// Change sets how often a passkey has signed, and whether it can be copied.
func (a *Authenticator) Change(c *webauthn.Credential, count float64, synced bool) {
	a.tab.t.Helper()
	call(a.tab, "change a passkey", webauthn.SetCredentialProperties, webauthn.SetCredentialPropertiesParams{
		AuthenticatorID: a.id, CredentialID: c.CredentialID, SignCount: &count, BackupEligibility: &synced, BackupState: &synced,
	})
}

// Remove pulls it out, or switches it off.
func (a *Authenticator) Remove() {
	a.tab.t.Helper()
	call(a.tab, "remove the authenticator", webauthn.RemoveVirtualAuthenticator, webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: a.id})
}

// call is a command of Chromium's protocol that has to succeed.
func call[P, R any](tab *Tab, what string, cmd cdp.Command[P, R], params P) R {
	tab.t.Helper()
	ctx, cancel := tab.soon()
	defer cancel()
	r, err := chromedp.Call(ctx, cmd, params)
	if err != nil {
		tab.fail("%s: %v", what, err)
	}
	return r
}
