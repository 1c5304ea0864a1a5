package verify

import (
	"encoding/base64"
	"strings"

	"github.com/go-json-experiment/json"
)

// MaxToken is the length above which no token is looked at, in bytes.
const MaxToken = 8 << 10

// LooksLikeJWT tells a JSON Web Token from an opaque one by its form: two dots, and a
// beginning that spells "{". It says nothing about its being valid.
func LooksLikeJWT(token string) bool {
	// The six bits of 'e' and the upper two of the next character are 0x7b, "{".
	return len(token) > 2 && token[0] == 'e' && strings.IndexByte("wxyz0123456789-_", token[1]) >= 0 &&
		strings.Count(token, ".") == 2
}

// header has the members that are known to do no harm. What is not here (crit, b64,
// jwk, jku, x5u, x5c, zip …) refuses the token, instead of being ignored.
type header struct {
	Alg text `json:"alg"`
	Kid text `json:"kid"`
	Typ text `json:"typ"`
}

var strictHeader = json.RejectUnknownMembers(true)

// open returns the payload of a token whose signature is that of the key it names, and
// its type. It reads nothing but the header before that is known.
func (v *Verifier) open(token string) (payload []byte, typ text, err error) {
	if len(token) > MaxToken {
		return nil, "", errLength
	}
	head, rest, ok := strings.Cut(token, ".")
	body, sign, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || head == "" || body == "" || sign == "" || strings.IndexByte(sign, '.') >= 0 {
		return nil, "", errParts
	}
	// Go's decoder skips line breaks, in strict mode too.
	if strings.IndexByte(token, '\n') >= 0 || strings.IndexByte(token, '\r') >= 0 {
		return nil, "", errBase64
	}
	// One buffer for the three parts.
	buf := make([]byte, 0, base64.RawURLEncoding.DecodedLen(len(token)))
	headJSON, buf, ok := decode(buf, head)
	if !ok {
		return nil, "", errBase64
	}
	payload, buf, ok = decode(buf, body)
	if !ok {
		return nil, "", errBase64
	}
	signature, _, ok := decode(buf, sign)
	if !ok {
		return nil, "", errBase64
	}
	var h header
	if err := json.Unmarshal(headJSON, &h, strictHeader); err != nil {
		return nil, "", reason(err, errHeader)
	}
	k := v.only
	if h.Kid != "" || k == nil {
		if k = v.keys[string(h.Kid)]; k == nil {
			return nil, "", errKey
		}
	}
	if string(h.Alg) != k.method.Alg() {
		return nil, "", errAlgorithm
	}
	if !k.check(token[:len(head)+1+len(body)], signature) {
		return nil, "", errSignature
	}
	return payload, h.Typ, nil
}

var canonical = base64.RawURLEncoding.Strict()

// decode appends a part to buf and returns the part and the longer buf.
func decode(buf []byte, part string) (decoded, all []byte, ok bool) {
	all, err := canonical.AppendDecode(buf, []byte(part))
	return all[len(buf):], all, err == nil
}

// isAccessToken compares as RFC 9068, section 4, and RFC 7515, section 4.1.9, do.
func isAccessToken(typ text) bool {
	return strings.EqualFold(string(typ), "at+jwt") || strings.EqualFold(string(typ), "application/at+jwt")
}
