package strictjson_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/torii-go/torii/internal/strictjson"
)

type body struct {
	Email  string   `json:"email"`
	Age    int      `json:"age"`
	Agreed bool     `json:"agreed"`
	Tags   []string `json:"tags"`
	Name   *string  `json:"name"`
	Extra  struct {
		Note string `json:"note"`
	} `json:"extra"`
}

func ExampleDecode() {
	var login struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	err := strictjson.Decode(strings.NewReader(`{"email":"ada@example.com","password":"correct horse"}`), 64<<10, &login)
	fmt.Println(login.Email, err)

	err = strictjson.Decode(strings.NewReader(`{"email":"a@example.com","email":"b@example.com"}`), 64<<10, &login)
	fmt.Println(err)
	// Output:
	// ada@example.com <nil>
	// strictjson: invalid body: a member name occurs twice
}

func TestDecodeAccepts(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, in, want string }{
		{"an empty object leaves zero values", `{}`, ``},
		{"a member is read", `{"email":"ada"}`, `ada`},
		{"white space around is ignored", " \r\n\t{ \"email\" : \"ada\" } \n", `ada`},
		{"unknown members are ignored", `{"x":1,"email":"ada","y":{"email":"eve"},"z":[{}]}`, `ada`},
		{"a member of another case is unknown", `{"Email":"eve","EMAIL":"eve"}`, ``},
		{"two members that differ in case are two", `{"Email":"eve","email":"ada"}`, `ada`},
		{"null for a string counts as missing", `{"email":null}`, ``},
		{"null for a pointer counts as missing", `{"name":null}`, ``},
		{"null for a number, a bool, a list and an object counts as missing", `{"age":null,"agreed":null,"tags":null,"extra":null}`, ``},
		{"a surrogate pair is one character", `{"email":"\ud83d\ude00"}`, "\U0001f600"},
		{"an escaped NUL is a character", `{"email":"a\u0000b"}`, "a\x00b"},
		{"one name in two objects is no duplicate", `{"a":{"x":1},"b":{"x":1},"email":"ada"}`, `ada`},
		{"64 levels are accepted", `{"email":"ada","x":` + strings.Repeat(`[`, 63) + strings.Repeat(`]`, 63) + `}`, `ada`},
		{"an empty member name is a name", `{"":1,"email":"ada"}`, `ada`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var got body
			err := strictjson.Decode(strings.NewReader(row.in), 1024, &got)
			if err != nil || got.Email != row.want {
				t.Errorf("got %q, %v; want %q for %s", got.Email, err, row.want, row.in)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, in string }{
		{"an empty body is refused", ``},
		{"white space alone is refused", " \n"},
		{"top-level null is refused", `null`},
		{"a top-level array is refused", `[]`},
		{"a top-level array of an object is refused", `[{"email":"ada"}]`},
		{"a top-level string is refused", `"email"`},
		{"a top-level number is refused", `1`},
		{"a top-level bool is refused", `true`},
		{"a form is refused", `email=ada&email=eve`},
		{"a byte order mark is refused", "\ufeff{}"},
		{"UTF-16 is refused", "{\x00}\x00"},
		{"a duplicate member is refused", `{"email":"ada","email":"eve"}`},
		{"a duplicate by escape is refused", `{"email":"ada","\u0065mail":"eve"}`},
		{"a duplicate after null is refused", `{"email":null,"email":"eve"}`},
		{"a duplicate of an unknown member is refused", `{"x":1,"x":2}`},
		{"a duplicate inside an unknown member is refused", `{"x":{"y":1,"y":2}}`},
		{"a duplicate inside an array inside an unknown member is refused", `{"x":[0,{"y":{"z":1,"z":1}}]}`},
		{"a duplicate inside a known object is refused", `{"extra":{"note":"a","note":"b"}}`},
		{"a duplicate empty name is refused", `{"":1,"":2}`},
		{"invalid UTF-8 in a value is refused", "{\"email\":\"\xff\"}"},
		{"invalid UTF-8 in a name is refused", "{\"\xff\":1}"},
		{"invalid UTF-8 in an unknown value is refused", "{\"x\":\"\xc0\xaf\"}"},
		{"a surrogate in UTF-8 is refused", "{\"email\":\"\xed\xa0\x80\"}"},
		{"a lone high surrogate is refused", `{"email":"\ud83d"}`},
		{"a lone low surrogate is refused", `{"email":"\ude00"}`},
		{"swapped surrogates are refused", `{"email":"\ude00\ud83d"}`},
		{"a high surrogate before a letter is refused", `{"email":"\ud83d\u0041"}`},
		{"a lone surrogate in an unknown value is refused", `{"x":"\ud83d"}`},
		{"a lone surrogate in a name is refused", `{"\ud83d":1}`},
		{"a second value is refused", `{}{}`},
		{"a trailing bracket is refused", `{}]`},
		{"a trailing comma is refused", `{"email":"ada",}`},
		{"trailing text is refused", `{} x`},
		{"a trailing NUL is refused", "{}\x00"},
		{"a truncated object is refused", `{"email":"ada"`},
		{"a truncated string is refused", `{"email":"ad`},
		{"a raw newline in a string is refused", "{\"email\":\"a\nb\"}"},
		{"a raw NUL in a string is refused", "{\"email\":\"a\x00b\"}"},
		{"single quotes are refused", `{'email':'ada'}`},
		{"a bare name is refused", `{email:"ada"}`},
		{"a comment is refused", `{/* x */"email":"ada"}`},
		{"NaN is refused", `{"age":NaN}`},
		{"a leading zero is refused", `{"age":01}`},
		{"a missing colon is refused", `{"email" "ada"}`},
		{"a number for a string is refused", `{"email":1}`},
		{"a bool for a string is refused", `{"email":true}`},
		{"a list for a string is refused", `{"email":["ada"]}`},
		{"an operator object for a string is refused", `{"email":{"$ne":1}}`},
		{"a string for a number is refused", `{"age":"1"}`},
		{"a fraction for an integer is refused", `{"age":1.5}`},
		{"a number out of range is refused", `{"age":99999999999999999999}`},
		{"a number for a bool is refused", `{"agreed":1}`},
		{"a string for a bool is refused", `{"agreed":"true"}`},
		{"a string for a list is refused", `{"tags":"a"}`},
		{"a number within a list of strings is refused", `{"tags":["a",1]}`},
		{"a string for an object is refused", `{"extra":"a"}`},
		{"65 levels are refused", `{"x":` + strings.Repeat(`[`, 64) + strings.Repeat(`]`, 64) + `}`},
		{"65 levels of objects are refused", strings.Repeat(`{"x":`, 65) + `1` + strings.Repeat(`}`, 65)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			err := strictjson.Decode(strings.NewReader(row.in), 1024, new(body))
			if !errors.Is(err, strictjson.ErrInvalid) || errors.Is(err, strictjson.ErrTooLarge) {
				t.Errorf("got %v, want ErrInvalid for %s", err, row.in)
			}
		})
	}
}

func TestErrorsDoNotRepeatTheBody(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		`{"email":["zebra9"]}`, `{"age":"zebra9"}`, `{"zebra9":1,"zebra9":2}`, `{"email":zebra9}`, `{"x":{"zebra9":"\ud800"}}`,
		`{} zebra9`, `zebra9`, `"zebra9"`, `{"email":"zebra9`, "{\"zebra9\":\"\xff\"}", `{"tags":["zebra9",7]}`,
	} {
		err := strictjson.Decode(strings.NewReader(in), 1024, new(body))
		if err == nil || strings.Contains(err.Error(), "zebra9") {
			t.Errorf("got %v for %s, want an error without the text", err, in)
		}
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	const ten = `{"age":10}`
	for _, row := range []struct {
		name  string
		in    string
		limit int64
		want  error
		read  int
	}{
		{"a body of the limit's size is read", ten, 10, nil, 10},
		{"a body of one byte more is too large", ten + " ", 10, strictjson.ErrTooLarge, 11},
		{"a large body is not read on", ten + strings.Repeat(" ", 1<<20), 10, strictjson.ErrTooLarge, 11},
		{"an invalid large body is too large", strings.Repeat("x", 1<<20), 10, strictjson.ErrTooLarge, 11},
		{"an empty body within a limit of nothing is invalid", "", 0, strictjson.ErrInvalid, 0},
		{"a byte over a limit of nothing is too large", "{", 0, strictjson.ErrTooLarge, 1},
		{"a negative limit allows nothing", ten, -5, strictjson.ErrTooLarge, 1},
		{"the largest limit does not overflow", ten, math.MaxInt64, nil, 10},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := &counter{r: strings.NewReader(row.in)}
			if err := strictjson.Decode(r, row.limit, new(body)); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			if r.n != row.read {
				t.Errorf("got %d bytes read, want %d", r.n, row.read)
			}
		})
	}
}

func TestReadersErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	err := strictjson.Decode(iotest.ErrReader(broken), 10, new(body))
	if !errors.Is(err, strictjson.ErrInvalid) || !errors.Is(err, broken) {
		t.Errorf("got %v, want ErrInvalid and the reader's error", err)
	}
	capped := http.MaxBytesReader(httptest.NewRecorder(), io.NopCloser(strings.NewReader(`{"age":10}`)), 5)
	if err := strictjson.Decode(capped, 1024, new(body)); !errors.Is(err, strictjson.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge from a capped reader", err)
	}
	err = strictjson.Decode(iotest.OneByteReader(strings.NewReader(`{"age":10}`)), 10, new(body))
	if err != nil {
		t.Errorf("got %v from a slow reader, want nil", err)
	}
}

func TestProgrammersMistakeIsNotTheSenders(t *testing.T) {
	t.Parallel()
	for _, v := range []any{nil, body{}, (*body)(nil)} {
		err := strictjson.Decode(strings.NewReader(`{}`), 10, v)
		if err == nil || errors.Is(err, strictjson.ErrInvalid) || errors.Is(err, strictjson.ErrTooLarge) {
			t.Errorf("got %v for %T, want an error of neither kind", err, v)
		}
	}
}

// counter counts the bytes that were taken from it.
type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}
