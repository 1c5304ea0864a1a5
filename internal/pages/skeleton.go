package pages

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"net/http"
	"strings"
	"sync"
)

var (
	//go:embed skeleton.html.tmpl
	skeletonSource string
	//go:embed style.css
	styleSource string

	// style has the line breaks that browsers hash, whatever a checkout made of them.
	style = strings.ReplaceAll(styleSource, "\r\n", "\n")
)

// skeleton is what every page looks like.
var skeleton = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(skeletonSource))
})

func write(w io.Writer, v view) error {
	v.Style = template.CSS(style) // #nosec G203 -- a file of ours
	var page bytes.Buffer
	if err := skeleton().Execute(&page, v); err != nil {
		return err
	}
	_, err := page.WriteTo(w)
	return err
}

// policy allows a page its one style, by its hash, and nothing else.
var policy = sync.OnceValue(func() string {
	hash := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
		"'; base-uri 'none'; frame-ancestors 'none'; form-action "
})

// Self lets a page's form go to this site alone. Browsers hold the redirects that answer
// a form to it too: Anywhere is for a form after which the browser goes to a provider of
// identities, and from there to whomever that one asks.
const Self = "'self'"

// Anywhere is every site that could be asked: by https, or on this very machine.
var Anywhere = []string{"https:", "http://localhost:*", "http://127.0.0.1:*"}

// SetHeaders sets those that a page is served with. Its forms go to the targets; from a
// page without one nowhere.
func SetHeaders(h http.Header, targets ...string) {
	if len(targets) == 0 {
		targets = []string{"'none'"}
	}
	h.Set("Content-Security-Policy", policy()+strings.Join(targets, " "))
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "strict-origin") // the secret is in the page's address
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Language")
}
