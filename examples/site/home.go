package main

import "net/http"

func (s *server) home(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "home", view{Title: "Torii for Go", Done: done(r), Data: s.origin})
}

// done is what a redirect after a form reports. The address holds a word and the page
// its meaning, so that nobody can put words into the site's mouth with a link.
func done(r *http.Request) string {
	return map[string]string{
		"name":     "Your name is saved.",
		"password": "Your password is changed. You are signed out everywhere else.",
		"session":  "That session is signed out.",
		"others":   "You are signed out everywhere else.",
		"logout":   "You are signed out.",
		"deleted":  "Your account is deleted.",
	}[r.URL.Query().Get("done")]
}
