package mail

import (
	"strings"

	"golang.org/x/text/language"
)

// maxAccept is how much of a header is worth reading: browsers send less.
const maxAccept = 256

// MatchLocale returns the catalogue's language that suits an Accept-Language header, or
// any language tag, best: "de" for "de-AT,de;q=0.9". It is "en" for what is empty, not
// understood or not spoken here. The result is short and harmless, and fit to be stored
// until the mail is written.
func (c *Catalogue) MatchLocale(accept string) string {
	if _, ok := c.languages[accept]; ok {
		return accept
	}
	if len(accept) > maxAccept {
		accept = accept[:maxAccept]
		accept = accept[:max(0, strings.LastIndexByte(accept, ','))]
	}
	// Where nothing fits, and what cannot be read leaves no wishes, the matcher returns the
	// first of the tags, which is the fallback.
	wishes, _, _ := language.ParseAcceptLanguage(accept)
	_, i, _ := c.matcher.Match(wishes...)
	return c.tags[i]
}
