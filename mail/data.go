package mail

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

const (
	maxAppName = 100
	maxCode    = 32
	maxURL     = 2000
)

// Data is what a mail can say. There is no place in it for anything that a user typed,
// not even a name: a mail may go to somebody who never asked for it, and must not carry a
// stranger's words there.
type Data struct {
	// AppName is the application's name, at most 100 bytes. Required.
	AppName string
	// Link is the address of the page that completes the matter, http or https. Required
	// for Reset, ChangeEmail and EmailChanged; for SignIn and Verify, unless there is a Code.
	Link string
	// Code is what to type instead of following Link: ASCII letters, digits and hyphens,
	// at most 32. For SignIn and Verify only.
	Code string
	// ExpiresIn is how long Link and Code work. Required with them. Shown in minutes,
	// hours or days, rounded down.
	ExpiresIn time.Duration
	// SignInURL is the page to sign in on. Required for AddressTaken, otherwise optional.
	SignInURL string
	// ResetURL is the page on which to ask for a new password. Optional; without it the
	// mails do not speak of resetting one.
	ResetURL string
	// When is the time of what a notice tells about, shown in UTC. Optional.
	When time.Time
	// Provider is the configured name of an identity provider, such as "Google".
	// Required for IdentityLinked and IdentityUnlinked.
	Provider string
}

// Format prints only the application's name, for every verb.
func (d Data) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "mail data of %q [redacted]", d.AppName)
}

// LogValue gives package slog what Format prints.
func (d Data) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(d)) }

func (d Data) validate(kind Kind) error {
	if strings.TrimSpace(d.AppName) == "" {
		return invalid("AppName", "is missing")
	}
	if err := validateLine("AppName", d.AppName, maxAppName); err != nil {
		return err
	}
	if err := validateLine("Provider", d.Provider, maxAppName); err != nil {
		return err
	}
	if len(d.Code) > maxCode || strings.ContainsFunc(d.Code, func(r rune) bool { return !isAlphanumeric(r) && r != '-' }) {
		return invalid("Code", "has other characters than letters, digits and hyphens, or too many")
	}
	for _, u := range []struct{ field, value string }{{"Link", d.Link}, {"SignInURL", d.SignInURL}, {"ResetURL", d.ResetURL}} {
		if u.value != "" && !isPage(u.value) {
			return invalid(u.field, "is not a plain http or https address")
		}
	}
	n := kind.needs()
	switch {
	case n.link && d.Link == "" && (!n.code || d.Code == ""):
		return invalid("Link", "is missing")
	case n.link && d.ExpiresIn < time.Minute:
		return invalid("ExpiresIn", "is missing or less than a minute")
	case d.Code != "" && !n.code:
		return invalid("Code", "has no place in this mail")
	case n.signIn && d.SignInURL == "":
		return invalid("SignInURL", "is missing")
	case n.provider && strings.TrimSpace(d.Provider) == "":
		return invalid("Provider", "is missing")
	}
	return nil
}

// isPage knows addresses that mean the same to every mail program: absolute, of the web,
// and of RFC 3986's characters only, so that none ends or turns in the middle of a text.
func isPage(s string) bool {
	if len(s) > maxURL || strings.ContainsFunc(s, func(r rune) bool {
		return !isAlphanumeric(r) && !strings.ContainsRune("-._~:/?#[]@!$&'()*+,;=%", r)
	}) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
