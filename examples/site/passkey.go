package main

import (
	"net/http"
	"time"

	"github.com/torii-go/torii/auth"
)

// What a passkey is asked for with a button. static/passkeys.js knows them by these words.
const (
	signIn = "sign-in"
	signUp = "sign-up"
	stepUp = "step-up"
)

// passkeyButton asks for a passkey, by the browser's script. Without one it is not seen.
type passkeyButton struct {
	Does, Text string
	Next       string // where it leads
	Origin     string // where passkeys of this site work
}

// passkeyButton is nil where there are no passkeys.
func (s *server) passkeyButton(r *http.Request, does string) *passkeyButton {
	if s.pk == nil {
		return nil
	}
	text := map[string]string{
		signIn: "Sign in with a passkey", signUp: "Sign up with a passkey", stepUp: "Use your passkey",
	}[does]
	return &passkeyButton{Does: does, Text: text, Next: destination(r), Origin: s.origin}
}

// userField is for the address of who signs in. Browsers offer passkeys below it.
func (s *server) userField() field {
	in := emailField()
	if s.pk != nil {
		in.Autocomplete = "username webauthn"
	}
	return in
}

// passkeysView is what the account's page says of passkeys.
type passkeysView struct {
	List   []passkeyView
	Recent bool  // who they are has been shown a moment ago
	Name   field // of another one
	Origin string
}

// passkeyView is a passkey in words.
type passkeyView struct {
	ID, Name    string
	Provider    string // "" if nobody knows, or Name says it
	Synced      bool
	Added, Used string
	AddedAt     time.Time
	UsedAt      time.Time
	Rename      field
}

func passkeyName(id string) field {
	return field{Name: "name", ID: id, Label: "Name", Type: "text", Autocomplete: "off"}
}

// passkeys lists those of who is signed in, the newest first; nil where there are none on
// the site.
func (s *server) passkeys(r *http.Request) (*passkeysView, error) {
	if s.pk == nil {
		return nil, nil
	}
	u, _ := auth.UserFrom(r.Context())
	list, err := s.pk.Passkeys(r.Context(), u.ID)
	if err != nil {
		return nil, err
	}
	v := &passkeysView{Name: passkeyName("new-passkey"), Origin: s.origin}
	v.Name.Label, v.Name.Optional = "Name of the new one", true
	v.Name.Hint = "Such as the device that keeps it, to tell it from others."
	now := time.Now()
	for _, k := range list {
		one := passkeyView{ID: k.ID, Name: k.Name, Synced: k.Synced, Added: ago(now, k.CreatedAt), AddedAt: k.CreatedAt, Rename: passkeyName("name-" + k.ID)}
		one.Rename.Label, one.Rename.Value = "New name", k.Name
		if k.Provider != k.Name {
			one.Provider = k.Provider
		}
		if !k.LastUsedAt.IsZero() {
			one.Used, one.UsedAt = ago(now, k.LastUsedAt), k.LastUsedAt
		}
		v.List = append(v.List, one)
	}
	return v, nil
}

// registeredByPasskey is for who signed up with a passkey and has to look into a mailbox
// now: the page that says so knows the address by a cookie that no script can write.
func (s *server) registeredByPasskey(w http.ResponseWriter, r *http.Request) {
	s.remember(w, "/register", r.PostFormValue("email"))
	http.Redirect(w, r, withReturnTo(r, "/register/sent"), http.StatusSeeOther)
}
