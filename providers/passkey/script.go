package passkey

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"

	"github.com/torii-go/torii/auth"
)

// Script is torii.js: an ES module for browsers, without dependencies, for a host that
// serves or bundles it by itself. GET /torii.js below auth.Config.Path is the same.
//
//go:embed torii.js
var Script string

// scriptTag tells one version of torii.js from another.
var scriptTag = func() string {
	sum := sha256.Sum256([]byte(Script))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}()

func handleScript(c *auth.Call) error {
	return c.Asset("text/javascript; charset=utf-8", scriptTag, []byte(Script))
}
