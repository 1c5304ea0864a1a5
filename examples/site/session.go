package main

import (
	"net/http"
	"time"

	"github.com/torii-go/torii/auth"
)

// sessionView is a session in words.
type sessionView struct {
	ID       string
	Device   string // "Firefox on Windows"
	IP       string
	SignedIn string
	LastSeen string // "" if that says no more than SignedIn
	SeenAt   time.Time
	Current  bool
}

// sessions lists where the user is signed in, this browser first.
func (s *server) sessions(r *http.Request) ([]sessionView, error) {
	u, _ := auth.UserFrom(r.Context())
	current, _ := auth.SessionFrom(r.Context())
	list, err := s.auth.Sessions(r.Context(), u.ID)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	var here, elsewhere []sessionView
	for _, x := range list {
		v := sessionView{
			ID: x.ID, Device: device(x.UserAgent), IP: x.IP,
			SignedIn: ago(now, x.CreatedAt), LastSeen: ago(now, x.LastSeenAt), SeenAt: x.LastSeenAt,
			Current: x.ID == current.ID,
		}
		if v.LastSeen == v.SignedIn {
			v.LastSeen = ""
		}
		if v.Current {
			here = append(here, v)
		} else {
			elsewhere = append(elsewhere, v)
		}
	}
	return append(here, elsewhere...), nil
}

func (s *server) endSession(w http.ResponseWriter, r *http.Request) {
	u, _ := auth.UserFrom(r.Context())
	current, _ := auth.SessionFrom(r.Context())
	id := r.PathValue("id")
	if err := s.auth.EndSession(r.Context(), u.ID, id); err != nil {
		s.fail(w, r, err)
		return
	}
	if id == current.ID {
		s.auth.ClearCookies(w)
		http.Redirect(w, r, "/?done=logout", http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, "/account?done=session", http.StatusSeeOther)
}

func (s *server) endOthers(w http.ResponseWriter, r *http.Request) {
	u, _ := auth.UserFrom(r.Context())
	current, _ := auth.SessionFrom(r.Context())
	if _, err := s.auth.EndSessions(r.Context(), u.ID, current.ID); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/account?done=others", http.StatusSeeOther)
}
