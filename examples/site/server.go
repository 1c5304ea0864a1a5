package main

import (
	"embed"
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
)

//go:embed static
var static embed.FS

// server answers the pages for people.
type server struct {
	ways

	auth     *auth.Auth
	client   *ent.Client // only to read
	origin   string      // of this site, as browsers see it
	mails    bool        // something can be mailed
	mailbox  *mailbox    // nil if nobody may look into it
	terminal bool        // mails go to the terminal
}

// newServer returns the whole site. baseURL is the origin whose forms are ours; mailDir
// is where mails go, if not to the terminal.
func newServer(client *ent.Client, a *auth.Auth, w ways, baseURL, mailDir string) (http.Handler, error) {
	s := &server{ways: w, auth: a, client: client, origin: baseURL, mails: w.ml != nil}
	s.terminal = mailDir == "" && s.mails
	if mailDir != "" && isDevelopment(baseURL) {
		s.mailbox = &mailbox{dir: mailDir, origin: baseURL}
	}

	// look finds out who is asking and lets everybody in; page sends strangers to
	// /login and back; form is for what a page of the second kind posts.
	look := func(h http.HandlerFunc) http.Handler { return a.LoadUser(h) }
	page := func(h http.HandlerFunc) http.Handler { return a.RequireUser(h) }
	form := func(h http.HandlerFunc) http.Handler { return a.LoadUser(signedIn(h)) }

	pages := http.NewServeMux()
	pages.Handle("GET /{$}", look(s.home))
	pages.Handle("GET /register", look(s.showRegister))
	pages.Handle("POST /register", http.HandlerFunc(s.register))
	pages.Handle("GET /login", look(s.showLogin))
	pages.Handle("POST /login", http.HandlerFunc(s.login))
	if s.mails {
		pages.Handle("GET /forgot", look(s.showForgot))
		pages.Handle("POST /forgot", http.HandlerFunc(s.forgot))
		pages.Handle("GET /forgot/sent", look(s.showForgotSent))
		pages.Handle("GET /register/sent", look(s.showRegisterSent))
		pages.Handle("POST /register/sent", http.HandlerFunc(s.registerAgain))
		pages.Handle("POST /register/code", http.HandlerFunc(s.registerCode))
		if s.pk != nil {
			pages.Handle("POST /register/passkey", http.HandlerFunc(s.registeredByPasskey))
		}
		pages.Handle("GET /login/mail", look(s.showByMail))
		pages.Handle("POST /login/mail", http.HandlerFunc(s.byMail))
		pages.Handle("GET /login/mail/sent", look(s.showByMailSent))
		pages.Handle("POST /login/mail/sent", http.HandlerFunc(s.byMailAgain))
		pages.Handle("POST /login/mail/code", http.HandlerFunc(s.byMailCode))
		pages.Handle("GET /account/address", page(s.showAddress))
		pages.Handle("POST /account/address", form(s.changeAddress))
		pages.Handle("GET /account/address/sent", page(s.showAddressSent))
		pages.Handle("GET /account/confirm", page(s.showConfirm))
		pages.Handle("POST /account/confirm", form(s.confirm))
		pages.Handle("POST /account/confirm/code", form(s.confirmCode))
	}
	pages.Handle("GET /register/address", http.HandlerFunc(s.showMissing))
	pages.Handle("POST /register/address", http.HandlerFunc(s.missing))
	pages.Handle("GET /again", page(s.showAgain))
	pages.Handle("POST /again", form(s.proveAgain))
	pages.Handle("GET /account/link/{provider}", page(s.showLink))
	pages.Handle("POST /account/link/{provider}", form(s.proveLink))
	pages.Handle("GET /account/unlink/{id}", page(s.showUnlink))
	pages.Handle("POST /account/unlink/{id}", form(s.unlink))
	if s.mailbox != nil {
		pages.Handle("GET /dev/mail", look(s.showMailbox))
		pages.Handle("GET /dev/mail/{name}", look(s.showLetter))
	}
	pages.Handle("POST /logout", http.HandlerFunc(s.logout))
	pages.Handle("GET /account", page(s.showAccount))
	pages.Handle("POST /account/name", form(s.rename))
	pages.Handle("GET /account/password", page(s.showPassword))
	pages.Handle("POST /account/password", form(s.changePassword))
	pages.Handle("POST /account/sessions/end-others", form(s.endOthers))
	pages.Handle("POST /account/sessions/{id}/end", form(s.endSession))
	pages.Handle("GET /account/delete", page(s.showDelete))
	pages.Handle("POST /account/delete", form(s.delete))
	pages.Handle("GET /me", page(s.me))
	pages.Handle("GET /static/", cached(http.FileServerFS(static)))
	pages.Handle("/", look(s.notFound))

	// The contract checks origins itself, and so do RequireUser and LoadUser for whom
	// they find. This is for forms that are posted before anybody is signed in: nobody
	// may sign a visitor in to an account that is not theirs.
	ours := http.NewCrossOriginProtection()
	ours.SetDenyHandler(http.HandlerFunc(s.foreign))
	if err := ours.AddTrustedOrigin(baseURL); err != nil {
		return nil, err
	}

	policy := "default-src 'none'; style-src 'self'; "
	if w.pk != nil {
		policy += "script-src 'self'; connect-src 'self'; " // nothing else needs a script
	}
	// A form that leads to a provider leads wherever that one sends people: browsers
	// hold redirects to the policy of the form's page.
	targets := "'self'"
	if len(w.idps) > 1 || w.demo == nil && len(w.idps) > 0 {
		targets += " https: http://localhost:* http://127.0.0.1:*"
	}
	policy += "form-action " + targets + "; frame-ancestors 'none'; base-uri 'none'"

	site := http.NewServeMux()
	site.Handle("/auth/", a.Handler())
	site.Handle("/.well-known/", a.WellKnown())
	site.Handle("GET /auth/error", s.explain(a.Handler(), guarded(look(s.emailTaken), policy)))
	if w.demo != nil {
		site.Handle(demoPath+"/", s.onlyHere(w.demo))
	}
	site.Handle("/", guarded(ours.Handler(pages), policy))
	return site, nil
}

// guarded is what every page has: it loads nothing from elsewhere, is in nobody's
// frame, does no more than its policy says, and may be large only in what it sends.
func guarded(next http.Handler, policy string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		next.ServeHTTP(w, r)
	})
}

// signedIn sends people whose session has ended while they filled in a form to /login,
// where RequireUser would answer a program.
func signedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := auth.UserFrom(r.Context()); !ok {
			http.Redirect(w, r, "/login?return_to=/account", http.StatusSeeOther)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=300")
		next.ServeHTTP(w, r)
	})
}
