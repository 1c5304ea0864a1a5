package pages

import (
	"bytes"
	"embed"
	"encoding/json"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

//go:embed words
var files embed.FS

// tags are the languages that there are words in; what is not understood is the first.
var tags = []string{"en", "de"}

// words are what the pages of one language say. In all of them {app} is the application
// and {minimum} the least number of characters of a new password.
type words struct {
	// Common are the words that any page may have.
	Common struct {
		Account  string `json:"account"`  // label of the account's address
		Continue string `json:"continue"` // the link that leads on
		Error    string `json:"error"`    // before the title of a page with a problem
		Failed   string `json:"failed"`   // title of the page that explains an error
		Problem  string `json:"problem"`  // a problem that there are no words for
	} `json:"common"`
	// Pages are the pages by name.
	Pages map[string]pageWords `json:"pages"`
	// Errors explain the codes of refusals to whom they have ended something for.
	Errors map[string]string `json:"errors"`
	// Problems say, by code, what to do better in the form below; what is not among them
	// may be in Errors.
	Problems map[string]string `json:"problems"`
}

// pageWords are the words of one page; what is "" is not shown.
type pageWords struct {
	Title   string            `json:"title"`
	Text    []string          `json:"text"`
	Account string            `json:"account"` // label, where Common's will not do
	Address string            `json:"address"` // label of the other address
	Button  string            `json:"button"`
	Labels  map[string]string `json:"labels"`
	Hints   map[string]string `json:"hints"`
}

// catalogue has the words by language. It is read when a page is first asked for.
var catalogue = sync.OnceValue(func() map[string]*words {
	all := map[string]*words{}
	for _, tag := range tags {
		source, err := files.ReadFile("words/" + tag + ".json")
		if err == nil {
			d := json.NewDecoder(bytes.NewReader(source))
			d.DisallowUnknownFields() // most are misspelt
			all[tag] = &words{}
			err = d.Decode(all[tag])
		}
		if err != nil {
			panic(err) // a release with broken words, which no test has let through
		}
	}
	return all
})

var matcher = sync.OnceValue(func() language.Matcher {
	list := make([]language.Tag, len(tags))
	for i, tag := range tags {
		list[i] = language.Make(tag)
	}
	return language.NewMatcher(list)
})

// maxAccept is how much of a header is worth reading: browsers send less.
const maxAccept = 256

// Locale returns the language of pages that suits an Accept-Language header best: "de"
// for "de-AT,de;q=0.9". It is "en" for what is empty, not understood or not spoken here.
// Mails choose theirs the same way.
func Locale(accept string) string {
	if len(accept) > maxAccept {
		accept = accept[:maxAccept]
		accept = accept[:max(0, strings.LastIndexByte(accept, ','))]
	}
	wishes, _, _ := language.ParseAcceptLanguage(accept) // what cannot be read leaves none
	_, i, _ := matcher().Match(wishes...)
	return tags[i]
}
