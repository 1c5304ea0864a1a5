// Package passkey signs people in with passkeys (WebAuthn Level 3): a key pair on a phone,
// in a password manager or on a security key, which the browser offers only to the site it
// was made for, so that no other site can ask for it.
//
//	pk := passkey.New(passkey.Config{})
//	a, err := auth.New(client, auth.Config{
//		BaseURL:   "https://app.example",
//		Providers: []auth.Provider{pk},
//	})
//
// A ceremony has two requests. Begin returns options for the browser and a flow that
// belongs to it; Finish takes what the browser made of them. torii.js, served at
// GET /torii.js below Config.Path, does both:
//
//	<script type="module">
//	  import { Torii } from "/auth/torii.js"
//	  await new Torii().signIn()
//	</script>
//
// There are four: a passkey for somebody who is signed in and has proven it just now
// (BeginRegistration), a new account with a passkey (BeginSignUp), signing in (BeginSignIn)
// and stepping up (BeginStepUp). A challenge is 32 random bytes, serves one of them once,
// in the browser that asked, for five minutes, and is used up before anything is verified.
//
// What is demanded: the passkey can be found without an address (a resident key), so that
// no answer has to tell who has one; its owner was verified, by a PIN or a biometric, which
// the session's factors say ([FactorVerified]); ES256, EdDSA or RS256; no attestation. What
// the browser sends is taken only from the origin of auth.Config.BaseURL, or of
// Config.Origins, compared byte for byte.
//
// A counter that goes backwards (a copy of a device, or one that was reset) and a credential
// that may leave its device although it was made not to are events in the audit log, and
// keep nobody out, unless Config.RefuseBackwardsCounter is set.
package passkey
