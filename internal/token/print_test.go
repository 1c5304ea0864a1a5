package token_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/torii-go/torii/internal/token"
)

// Whoever holds a Keys in a field that fmt cannot call methods on must not print it by
// a verb that does not fit.
func TestKeysBehindAnUnexportedFieldDoNotPrint(t *testing.T) {
	keys, err := token.NewKeys([][]byte{[]byte("a secret of thirty-two bytes, more")})
	if err != nil {
		t.Fatal(err)
	}
	holder := struct{ keys *token.Keys }{keys}
	bytes := regexp.MustCompile(`\d+ \d+ \d+ \d+|[0-9a-f]{40}`)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%t", "%d", "%x", "%X", "%c"} {
		for _, v := range []any{holder, &holder, []any{holder}} {
			if out := fmt.Sprintf(verb, v); bytes.MatchString(out) {
				t.Errorf("%s of %T prints bytes of a key: %s", verb, v, out)
			}
		}
	}
}
