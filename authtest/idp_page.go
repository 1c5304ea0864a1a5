package authtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

const (
	idpStyle = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}` +
		`body{margin:10vh auto;max-width:24rem;padding:0 1rem}` +
		`label{display:block;margin:.75rem 0}` +
		`input:not([type]),input[type=email]{box-sizing:border-box;display:block;font:inherit;padding:.4rem;width:100%}` +
		`button,[type=submit]{font:inherit;margin:.75rem 0;padding:.4rem 1rem}`
	// A browser that runs scripts goes on by itself, as with real providers.
	idpScript = `document.forms[0].submit()`
)

// One page with three faces: it asks, it passes on, or it refuses.
var idpPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Parse(idpSkeleton))
})

const idpSkeleton = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{.Title}}</title>
<style>` + idpStyle + `</style>
<h1>{{.Title}}</h1>
{{with .Problem}}<p role="alert">{{.}}</p>
{{end -}}
{{if .Ask -}}
<p>This provider believes everything. Who signs in to <strong>{{.Client}}</strong>?</p>
<form method="post" action="{{.Action}}">
<label>Subject <input name="sub" value="{{.Values.Get "sub"}}" required maxlength="255" autocomplete="off"></label>
<label>E-mail <input name="email" type="email" value="{{.Values.Get "email"}}" autocomplete="off"></label>
<label><input name="email_verified" type="checkbox" value="true"{{if .Values.Get "email_verified"}} checked{{end}}> The address is verified</label>
<label>Name <input name="name" value="{{.Values.Get "name"}}" autocomplete="off"></label>
<button type="submit">Sign in</button>
</form>
<form method="post" action="{{.Action}}">
<input type="submit" name="deny" value="Deny">
</form>
{{else if .Action -}}
<form method="post" action="{{.Action}}">
{{range $name, $values := .Values}}{{range $values}}<input type="hidden" name="{{$name}}" value="{{.}}">
{{end}}{{end -}}
<button type="submit">Continue</button>
</form>
<script>` + idpScript + `</script>
{{end -}}
</html>
`

type idpView struct {
	Title, Problem string
	Ask            bool
	Client, Action string
	Values         url.Values
}

// askPage shows the form. Its requests go to the same URL, so a script may post to it
// what the fields are called, and has nothing to read from the page.
func (p *IDP) askPage(w http.ResponseWriter, a authorization, values url.Values, problem string) {
	status := http.StatusOK
	if problem != "" {
		status = http.StatusBadRequest
	}
	render(w, status, a.redirectURI, idpView{
		Title: "Demo provider", Problem: problem, Ask: true, Client: a.client.ID, Values: values,
		Action: p.path + "/authorize?" + a.raw.Encode(),
	})
}

// refusalPage tells the person what the client must not be told.
func (p *IDP) refusalPage(w http.ResponseWriter, complaint string) {
	render(w, http.StatusBadRequest, "", idpView{Title: "Demo provider", Problem: complaint})
}

// sendBack redirects, or posts by a form.
func (p *IDP) sendBack(w http.ResponseWriter, back Callback) {
	if back.Form == nil {
		// 303 and never 307: what was posted here is not for the client (RFC 9700, 4.12).
		w.Header().Set("Referrer-Policy", "strict-origin")
		w.Header().Set("Location", back.URL)
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	render(w, http.StatusOK, back.URL, idpView{Title: "Back to the site", Action: back.URL, Values: back.Form})
}

func render(w http.ResponseWriter, status int, redirectURI string, v idpView) {
	var page bytes.Buffer
	if err := idpPage().Execute(&page, v); err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	policy := []string{"default-src 'none'", "style-src " + cspHash(idpStyle), "base-uri 'none'", "frame-ancestors 'none'"}
	switch {
	case v.Ask:
		// Chromium and WebKit hold the redirects that answer a form to form-action too.
		policy = append(policy, "form-action 'self' "+cspSource(redirectURI))
	case v.Action != "":
		policy = append(policy, "form-action "+cspSource(redirectURI), "script-src "+cspHash(idpScript))
	default:
		policy = append(policy, "form-action 'none'")
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", strings.Join(policy, "; "))
	// Not no-referrer: the Origin of what is posted from here would be null.
	h.Set("Referrer-Policy", "strict-origin")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // who has gone needs no page
}

func cspHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// cspSource is the origin of a redirect_uri as a policy can say it. Policies cannot write
// an IPv6 address, and an app's own scheme has no host: both get the whole scheme.
func cspSource(redirectURI string) string {
	u, err := url.Parse(redirectURI)
	if err != nil || u.Scheme == "" {
		return "'none'"
	}
	if u.Host == "" || strings.ContainsAny(u.Hostname(), ":;, ") {
		return u.Scheme + ":"
	}
	return u.Scheme + "://" + u.Host
}
