package authtest

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// oauthError is an error of RFC 6749, for a callback or for the token endpoint.
type oauthError struct{ code, description string }

// authorization is what a client asks for at /authorize.
type authorization struct {
	client      IDPClient
	redirectURI string
	state       string
	nonce       string
	challenge   string
	formPost    bool
	scope       []string
	prompt      []string
	maxAge      int // seconds; negative when not asked for
	hint        string
	raw         url.Values
}

// Callback is what the browser brings back to the client.
type Callback struct {
	// URL is where it goes, with the query that it carries there.
	URL string
	// Form is what it posts there, for response_mode=form_post; nil when it sends a GET.
	Form url.Values
}

// readAuthorization reads a request. With a complaint nobody may be redirected: whose
// request it is, and where to, is not certain. With an error the client is told.
func (p *IDP) readAuthorization(q url.Values) (a authorization, complaint string, failed *oauthError) {
	a = authorization{
		redirectURI: q.Get("redirect_uri"), state: q.Get("state"), nonce: q.Get("nonce"), challenge: q.Get("code_challenge"),
		formPost: q.Get("response_mode") == "form_post", scope: strings.Fields(q.Get("scope")),
		prompt: strings.Fields(q.Get("prompt")), maxAge: -1, hint: q.Get("login_hint"), raw: q,
	}
	client, known := p.clients[q.Get("client_id")]
	a.client = client
	switch {
	case len(q["client_id"]) != 1 || !known:
		return a, "No client of this name is known here.", nil
	case len(q["redirect_uri"]) != 1 || !slices.Contains(client.RedirectURIs, a.redirectURI):
		return a, "The client has not registered this redirect_uri.", nil
	}
	for name, values := range q {
		if len(values) > 1 {
			return a, "", &oauthError{"invalid_request", "A parameter stands twice: " + name + "."}
		}
	}
	switch mode := q.Get("response_mode"); {
	case q.Get("response_type") != "code":
		return a, "", &oauthError{"unsupported_response_type", "Only response_type=code is."}
	case mode != "" && mode != "query" && mode != "form_post":
		return a, "", &oauthError{"invalid_request", "This response_mode is not supported."}
	case q.Has("request"):
		return a, "", &oauthError{"request_not_supported", "Request objects are not supported."}
	case q.Has("request_uri"):
		return a, "", &oauthError{"request_uri_not_supported", "Request objects are not supported."}
	case q.Get("code_challenge_method") != "S256" || !isChallenge(a.challenge):
		return a, "", &oauthError{"invalid_request", "PKCE with S256 is demanded."}
	case slices.Contains(a.prompt, "none") && len(a.prompt) > 1:
		return a, "", &oauthError{"invalid_request", "prompt=none stands alone."}
	}
	if q.Has("max_age") {
		seconds, err := strconv.Atoi(q.Get("max_age"))
		if err != nil || seconds < 0 || seconds > 1<<30 {
			return a, "", &oauthError{"invalid_request", "max_age is a number of seconds."}
		}
		a.maxAge = seconds
	}
	return a, "", nil
}

// isChallenge tells whether it is a SHA-256 in base64url, as RFC 7636 has it.
func isChallenge(s string) bool {
	sum, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(sum) == 32
}

// authorize asks who is there, or has it from the queue, and sends the browser back.
func (p *IDP) authorize(w http.ResponseWriter, r *http.Request, lies told) {
	q, form := r.URL.Query(), r.PostForm
	if !q.Has("client_id") && form.Has("client_id") {
		q, form = form, url.Values{} // a request may come by POST: OpenID Connect Core, 3.1.2.1
	}
	a, complaint, failed := p.readAuthorization(q)
	if complaint != "" {
		p.refusalPage(w, complaint)
		return
	}
	o, decided := outcome{failed: failed}, failed != nil
	switch {
	case decided:
	case form.Has("deny"):
		o.failed = &oauthError{"access_denied", "They said no."}
	case form.Has("sub"):
		o.who = Person{Subject: form.Get("sub"), Email: form.Get("email"), EmailVerified: form.Get("email_verified") == "true", Name: form.Get("name")}
		if !isSubject(o.who.Subject) {
			p.askPage(w, a, form, "The subject is 1 to 255 characters of ASCII.")
			return
		}
	default:
		o, decided = p.dequeue()
		switch {
		case decided:
		case slices.Contains(a.prompt, "none"):
			o.failed = &oauthError{"login_required", "Nobody is signed in here."}
		default:
			p.askPage(w, a, url.Values{"email": {a.hint}}, "")
			return
		}
	}
	p.sendBack(w, p.finish(a, o, lies))
}

// isSubject holds a form to OpenID Connect Core, section 2.
func isSubject(s string) bool {
	return s != "" && len(s) <= 255 && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e })
}

// finish decides what the client is told, and makes the code.
func (p *IDP) finish(a authorization, o outcome, lies told) Callback {
	now := p.Now()
	at := o.who.SignedInAt
	stale := a.maxAge >= 0 && now.Sub(at) > time.Duration(a.maxAge)*time.Second
	switch {
	case o.failed != nil:
	case at.IsZero() || slices.Contains(a.prompt, "login"):
		at = now
	case stale && slices.Contains(a.prompt, "none"):
		o.failed = &oauthError{"login_required", "They signed in too long ago."}
	case stale:
		at = now
	}
	v := url.Values{}
	if o.failed != nil {
		v.Set("error", o.failed.code)
		if o.failed.description != "" {
			v.Set("error_description", o.failed.description)
		}
	} else {
		v.Set("code", p.newCode(a, o.who, at, now))
	}
	if a.raw.Has("state") {
		v.Set("state", a.state)
	}
	if !p.NoIss {
		v.Set("iss", p.issuer)
	}
	lies.callback(p, v)
	if a.formPost {
		return Callback{URL: a.redirectURI, Form: v}
	}
	to, query, _ := strings.Cut(a.redirectURI, "?")
	if query != "" {
		query += "&"
	}
	return Callback{URL: to + "?" + query + v.Encode()}
}
