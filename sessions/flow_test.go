package sessions_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/sessions"
)

// tab is a browser's flow cookie.
type tab struct {
	c      sessions.Cookies
	cookie string
}

func (b *tab) request() *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	if b.cookie != "" {
		r.Header.Set("Cookie", "__Host-torii_flow="+b.cookie)
	}
	return r
}

// does sends what f sets, and tells whether anything was.
func (b *tab) does(f func(w http.ResponseWriter, r *http.Request)) bool {
	w := httptest.NewRecorder()
	f(w, b.request())
	for _, c := range w.Result().Cookies() {
		b.cookie = c.Value
		return true
	}
	return false
}

func (b *tab) add(flow string) {
	b.does(func(w http.ResponseWriter, r *http.Request) { b.c.AddFlow(w, r, flow) })
}

func (b *tab) drop(flow string) bool {
	return b.does(func(w http.ResponseWriter, r *http.Request) { b.c.DropFlow(w, r, flow) })
}

func TestFlowsOfABrowser(t *testing.T) {
	b := &tab{c: cookies(false)}
	var flows []string
	for range sessions.MaxFlows + 2 {
		flow := token.New().Reveal()
		flows = append(flows, flow)
		b.add(flow)
	}
	flows = flows[2:] // the oldest went
	if got := b.c.Flows(b.request()); !slices.Equal(got, flows) {
		t.Fatalf("flows %q, want the last %d: %q", got, sessions.MaxFlows, flows)
	}
	b.add(flows[3])
	if got := b.c.Flows(b.request()); !slices.Equal(got, flows) {
		t.Errorf("a flow added again: %q, want %q", got, flows)
	}
	for len(flows) > 0 {
		if !b.drop(flows[0]) || b.drop(flows[0]) {
			t.Errorf("%q: dropped once, the cookie must be written once", flows[0])
		}
		flows = flows[1:]
		if got := b.c.Flows(b.request()); !slices.Equal(got, flows) {
			t.Errorf("after a drop: %q, want %q", got, flows)
		}
	}
	if b.cookie != "" {
		t.Errorf("the last flow leaves the cookie %q", b.cookie)
	}
}

func TestFlows(t *testing.T) {
	a, b, c := token.New().Reveal(), token.New().Reveal(), token.New().Reveal()
	for _, row := range []struct {
		name   string
		header []string
		cookie string
		want   []string
	}{
		{"none", nil, "", nil},
		{"one by cookie", nil, "__Host-torii_flow=" + a, []string{a}},
		{"two by cookie", nil, "__Host-torii_flow=" + a + "." + b, []string{a, b}},
		{"two cookies", nil, "__Host-torii_flow=" + a + "; __Host-torii_flow=" + b, []string{a, b}},
		{"the same twice", nil, "__Host-torii_flow=" + a + "." + a, []string{a}},
		{"malformed ones between", nil, "__Host-torii_flow=." + a + "..x." + b[1:] + "." + b + "." + strings.Repeat("A", 44) + ".", []string{a, b}},
		{"only malformed ones", nil, "__Host-torii_flow=x.y.z", nil},
		{"a cookie without its prefix", nil, "torii_flow=" + a, nil},
		{"one by header", []string{c}, "", []string{c}},
		{"a header beside a cookie", []string{c}, "__Host-torii_flow=" + a, []string{c}},
		{"a malformed header beside a cookie", []string{"x"}, "__Host-torii_flow=" + a, nil},
		{"an empty header beside a cookie", []string{""}, "__Host-torii_flow=" + a, nil},
		{"two headers", []string{c, b}, "", []string{c}},
		{"two in one header", []string{c + "." + b}, "", nil},
	} {
		r := httptest.NewRequest(http.MethodPost, "/?flow="+c, nil)
		r.Header["Torii-Flow"] = row.header
		r.Header.Set("Cookie", row.cookie)
		if got := cookies(false).Flows(r); !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func TestMalformedFlowIsNotWritten(t *testing.T) {
	b := &tab{c: cookies(false), cookie: token.New().Reveal()}
	before := b.cookie
	for _, flow := range []string{"", "x", before + "A", "a;b", "a\r\nb"} {
		b.add(flow)
		if b.cookie != before {
			t.Errorf("adding %q made the cookie %q, want %q", flow, b.cookie, before)
		}
		if b.drop(flow) {
			t.Errorf("dropping %q wrote a cookie", flow)
		}
	}
}
