package auth

import (
	"cmp"

	"github.com/torii-go/torii/internal/pages"
)

// handleError explains a code to a person whose browser was sent here by a redirect. It
// shows nothing that came with the request but a code that there are words for.
func (a *Auth) handleError(c *Call) error {
	return c.draw(pages.Page{Name: "error." + c.Query("code"), Next: cmp.Or(c.a.cfg.LoginURL, "/")})
}
