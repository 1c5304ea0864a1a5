package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/torii-go/torii/auth"
)

// meBody is the user for programs. It is written out: whatever is added to the entity
// some day does not appear here by itself.
type meBody struct {
	User struct {
		ID              string     `json:"id"`
		Email           string     `json:"email"`
		Name            *string    `json:"name"`
		EmailVerifiedAt *time.Time `json:"email_verified_at"`
		CreatedAt       time.Time  `json:"created_at"`
	} `json:"user"`
}

// me is a protected address of the application's own: a page for people, JSON for
// programs.
func (s *server) me(w http.ResponseWriter, r *http.Request) {
	u, _ := auth.UserFrom(r.Context())
	w.Header().Add("Vary", "Accept")
	var body meBody
	body.User.ID, body.User.Email, body.User.Name = u.ID, u.Email, u.Name
	body.User.EmailVerifiedAt, body.User.CreatedAt = u.EmailVerifiedAt, u.CreatedAt
	encoded, err := json.MarshalIndent(body, "", "  ")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		s.render(w, r, http.StatusOK, "me", view{Title: "A protected page", Data: string(encoded)})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(encoded, '\n')) // a client that has gone cannot be told
}
