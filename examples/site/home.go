package main

import "net/http"

// home is what the first page speaks of.
type home struct {
	Origin   string
	Mails    bool // what is mailed can be tried
	Demo     bool // so can an account elsewhere
	Passkeys bool
}

func (s *server) home(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "home", view{Title: "Torii for Go", Done: done(r), Data: home{Origin: s.origin, Mails: s.mails, Demo: s.demo != nil, Passkeys: s.pk != nil}})
}

// done is what a redirect after a form reports. The address holds a word and the page
// its meaning, so that nobody can put words into the site's mouth with a link.
func done(r *http.Request) string {
	return map[string]string{
		"name":            "Your name is saved.",
		"password":        "Your password is changed. You are signed out everywhere else.",
		"first":           "Your password is set. You are signed out everywhere else.",
		"mailed":          "Another mail is on its way.",
		"verified":        "Your address is confirmed.",
		"linked":          "The account is linked: sign in with it whenever you like.",
		"unlinked":        "The account is unlinked. You are signed out everywhere else.",
		"passkey-added":   "The passkey is added: sign in with it whenever you like.",
		"passkey-renamed": "The passkey has its new name.",
		"passkey-deleted": "The passkey is deleted. You are signed out everywhere else.",
		"passkey-kept":    "The passkey is deleted. You are signed out everywhere else. The device that has it may go on showing it: delete it there, too.",
		"session":         "That session is signed out.",
		"others":          "You are signed out everywhere else.",
		"logout":          "You are signed out.",
		"deleted":         "Your account is deleted.",
	}[r.URL.Query().Get("done")]
}
