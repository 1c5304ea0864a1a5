package authtest

import (
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// token answers RFC 6749, sections 4.1.3 and 6.
func (p *IDP) token(w http.ResponseWriter, r *http.Request, lies told) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" {
		writeError(w, http.StatusBadRequest, oauthError{"invalid_request", "The body is no form."})
		return
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			writeError(w, http.StatusBadRequest, oauthError{"invalid_request", "A parameter stands twice: " + name + "."})
			return
		}
	}
	client, failed := p.authenticate(r)
	if failed == nil && lies[LieTokenErrorMarkup] {
		failed = &oauthError{"invalid_grant", markup}
	}
	var (
		g         *grant
		refreshed bool
		now       = p.Now()
	)
	if failed == nil {
		switch r.PostForm.Get("grant_type") {
		case "authorization_code":
			g, failed = p.redeem(client, r.PostForm, now)
		case "refresh_token":
			refreshed = true
			g, failed = p.rotate(client, r.PostForm.Get("refresh_token"), now)
		default:
			failed = &oauthError{"unsupported_grant_type", "Only authorization_code and refresh_token are."}
		}
	}
	switch {
	case failed == nil:
	case failed.code == "invalid_client":
		if _, _, ok := r.BasicAuth(); ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="token"`)
		}
		writeError(w, http.StatusUnauthorized, *failed)
		return
	default:
		writeError(w, http.StatusBadRequest, *failed)
		return
	}
	answer, err := p.issue(g, refreshed, now, lies)
	if err != nil {
		writeError(w, http.StatusInternalServerError, oauthError{"server_error", err.Error()})
		return
	}
	lies.tokenAnswer(answer)
	writeJSON(w, http.StatusOK, answer)
	if lies[LieTokenTrailing] {
		_, _ = w.Write([]byte(`{"access_token":"another","token_type":"Bearer"}`)) // who has gone hears no lie
	}
}

// issue makes a grant's tokens.
func (p *IDP) issue(g *grant, refreshed bool, now time.Time, lies told) (map[string]any, error) {
	access := p.newToken(p.access, g, now.Add(accessLife))
	answer := map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": int(accessLife / time.Second), "scope": strings.Join(g.scope, " "),
	}
	if slices.Contains(g.scope, "offline_access") {
		answer["refresh_token"] = p.newToken(p.refresh, g, now.Add(refreshLife))
	}
	if slices.Contains(g.scope, "openid") {
		idToken, err := p.idToken(g, access, refreshed, now, lies)
		if err != nil {
			return nil, err
		}
		answer["id_token"] = idToken
	}
	return answer, nil
}

// userInfo answers OpenID Connect Core, section 5.3.
func (p *IDP) userInfo(w http.ResponseWriter, r *http.Request, lies told) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	g, ok := p.bearer(token, p.Now())
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeError(w, http.StatusUnauthorized, oauthError{"invalid_token", "The access token is not good."})
		return
	}
	claims := g.who.claims(g.scope)
	lies.email(claims)
	lies.userInfo(claims)
	writeJSON(w, http.StatusOK, claims)
}

func writeError(w http.ResponseWriter, status int, e oauthError) {
	writeJSON(w, status, map[string]string{"error": e.code, "error_description": e.description})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // a claim that a test has put there
		status, body = http.StatusInternalServerError, []byte(`{"error":"server_error","error_description":`+jsonText(err.Error())+`}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // who has gone needs no answer
}

// jsonText is a string as JSON has it.
func jsonText(s string) string {
	text, _ := json.Marshal(s) // fails for no string
	return string(text)
}
