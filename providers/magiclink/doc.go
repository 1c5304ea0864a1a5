// Package magiclink signs people in by a mail: a link to press in the browser that asked
// for it, and a code to type there for who reads mails elsewhere.
//
//	ml := magiclink.New(magiclink.Config{})
//	a, err := auth.New(client, auth.Config{
//		BaseURL:   "https://app.example",
//		Mail:      auth.MailConfig{Sender: sender, From: from},
//		Providers: []auth.Provider{ml},
//	})
//
// Both work once, for ten minutes, and only together with the flow of the browser that
// asked: a link that is forwarded, fetched by a scanner or pressed on another device signs
// nobody in. It shows where to type the code. A flow may try five codes, over all mails it
// asks for. Using one mail ends the others to the address.
//
// An address without an account gets an account when its mail is answered, or no mail at
// all with Config.IgnoreUnknown; which of the two it is cannot be told from outside.
//
// A mail is a single weak factor (NIST SP 800-63B, section 3.1.3): it never counts as a
// second one, and whoever has a password or a passkey steps up with that.
package magiclink
