// Package strictjson reads the JSON body of a request so that there is one way
// to understand it.
//
// What other parsers settle in silence, a proxy in front or a service behind may
// settle otherwise (RFC 8259 sections 4 and 8), so it is refused here: duplicate
// member names at any depth, also below members that nobody reads; invalid UTF-8
// and unpaired surrogate escapes; anything after the value; a value of the wrong
// type; anything but an object at the top. Member names match exactly, in case
// too. Unknown members are ignored, so that fields can be added.
//
// It does not check the Content-Type, nor which members are there: a missing
// member and one that is null both leave the zero value.
package strictjson

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net/http"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep objects and arrays may nest, the outermost included. The
// JSON of a passkey has five; the parser's own bound is 10,000, each of which
// costs a stack frame.
const maxDepth = 64

// Decode reads one JSON object of at most limit bytes from r into v, a non-nil
// pointer to a struct with json tags (or to a map). It reads at most limit+1
// bytes and leaves the rest of r alone.
//
// It fails with [ErrTooLarge] if there are more bytes, or if r itself refuses to
// give more ([http.MaxBytesError]), and with [ErrInvalid] for all else that the
// sender did wrong, an empty body included. An error never repeats what the body
// says. After an error v may be filled in part and must not be used.
func Decode(r io.Reader, limit int64, v any) error {
	if p := reflect.ValueOf(v); p.Kind() != reflect.Pointer || p.IsNil() {
		return errTarget
	}
	body, err := read(r, limit)
	if err != nil {
		return err
	}
	if err := check(body); err != nil {
		return err
	}
	// check has seen the whole text, so what is left is the fit to v. The error
	// of json may quote the value and is dropped.
	if err := json.Unmarshal(body, v); err != nil {
		return invalid("a member has a value of the wrong type")
	}
	return nil
}

func read(r io.Reader, limit int64) ([]byte, error) {
	limit = min(max(limit, 0), math.MaxInt64-1)
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || int64(len(body)) > limit {
		return nil, ErrTooLarge
	}
	if err != nil {
		return nil, unreadable(err)
	}
	return body, nil
}

// check walks through the text once. The decoder refuses bad syntax, duplicate
// names and bad Unicode in every part, those that v does not ask for included.
func check(body []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	if kind := dec.PeekKind(); kind != jsontext.KindBeginObject {
		return invalid("the body is not a JSON object")
	}
	for {
		if _, err := dec.ReadToken(); err != nil {
			return syntax(err)
		}
		switch depth := dec.StackDepth(); {
		case depth > maxDepth:
			return invalid("the JSON is nested too deep")
		case depth == 0:
			if _, err := dec.ReadToken(); err != io.EOF {
				return invalid("something follows the JSON object")
			}
			return nil
		}
	}
}
