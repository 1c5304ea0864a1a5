package clientip_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/clientip"
)

func ExampleResolver_IP() {
	proxies := clientip.New([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "10.0.0.1:4711"
	r.Header.Set("X-Forwarded-For", "6.6.6.6, 2001:db8::17, 10.0.0.2")
	addr := proxies.IP(r)
	fmt.Println(addr, clientip.Bucket(addr))
	// Output: 2001:db8::17 2001:db8::/64
}

func TestIP(t *testing.T) {
	t.Parallel()
	none := []string(nil)
	two := []string{"10.0.0.0/8", "fd00::/8"}
	for _, row := range []struct {
		name    string
		trusted []string
		remote  string
		header  []string
		want    string
	}{
		{"the socket's address is the client's", none, "192.0.2.1:4711", nil, "192.0.2.1"},
		{"an IPv6 socket is read", none, "[2001:db8::1]:4711", nil, "2001:db8::1"},
		{"a mapped socket address is folded", none, "[::ffff:192.0.2.1]:4711", nil, "192.0.2.1"},
		{"a zone is dropped", none, "[fe80::1%eth0]:4711", nil, "fe80::1"},
		{"a socket without a port is read", none, "192.0.2.1", nil, "192.0.2.1"},
		{"an IPv6 socket without a port is read", none, "2001:db8::1", nil, "2001:db8::1"},
		{"an IPv6 socket in brackets is read", none, "[2001:db8::1]", nil, "2001:db8::1"},
		{"a unix socket has no address", none, "@", nil, ""},
		{"an unnamed unix socket has no address", none, "", nil, ""},
		{"a named unix socket has no address", none, "/run/torii.sock", nil, ""},
		{"a host name is no address", none, "localhost:80", nil, ""},
		{"without proxies a unix socket's header is not believed", none, "@", []string{"6.6.6.6"}, ""},
		{"once a proxy is declared, a unix socket's header is believed from the right", two, "@", []string{"6.6.6.6, 192.0.2.9"}, "192.0.2.9"},
		{"a unix socket without a header has no address", two, "@", nil, ""},
		{"without proxies the header is not believed", none, "192.0.2.1:1", []string{"6.6.6.6"}, "192.0.2.1"},
		{"from a stranger the header is not believed", two, "192.0.2.1:1", []string{"6.6.6.6"}, "192.0.2.1"},
		{"from a stranger who claims to be a proxy it is not believed", two, "192.0.2.1:1", []string{"6.6.6.6, 10.0.0.1"}, "192.0.2.1"},
		{"from a proxy the header is believed", two, "10.0.0.1:1", []string{"192.0.2.1"}, "192.0.2.1"},
		{"from an IPv6 proxy the header is believed", two, "[fd00::1]:1", []string{"192.0.2.1"}, "192.0.2.1"},
		{"from a mapped proxy the header is believed", two, "[::ffff:10.0.0.1]:1", []string{"192.0.2.1"}, "192.0.2.1"},
		{"a mapped prefix is an IPv4 prefix", []string{"::ffff:10.0.0.0/104"}, "10.0.0.1:1", []string{"192.0.2.1"}, "192.0.2.1"},
		{"bits beyond the prefix are ignored", []string{"10.9.9.9/8"}, "10.0.0.1:1", []string{"192.0.2.1"}, "192.0.2.1"},
		{"what the client wrote to the left is skipped", two, "10.0.0.1:1", []string{"6.6.6.6, 192.0.2.1"}, "192.0.2.1"},
		{"a made-up proxy to the left is skipped", two, "10.0.0.1:1", []string{"6.6.6.6, 10.0.0.9, 192.0.2.1"}, "192.0.2.1"},
		{"nonsense to the left is not reached", two, "10.0.0.1:1", []string{"<script>, 192.0.2.1"}, "192.0.2.1"},
		{"trusted hops are skipped", two, "10.0.0.1:1", []string{"192.0.2.1, 10.0.0.3, fd00::2"}, "192.0.2.1"},
		{"several lines are one list", two, "10.0.0.1:1", []string{"6.6.6.6", "192.0.2.1", "10.0.0.2"}, "192.0.2.1"},
		{"several lines with lists are one list", two, "10.0.0.1:1", []string{"6.6.6.6, 7.7.7.7", "192.0.2.1, 10.0.0.3"}, "192.0.2.1"},
		{"a proxy without the header is the client", two, "10.0.0.1:1", nil, "10.0.0.1"},
		{"an empty header leaves the proxy", two, "10.0.0.1:1", []string{""}, "10.0.0.1"},
		{"only trusted hops leave the farthest", two, "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"an entry that is no address leaves the proxy", two, "10.0.0.1:1", []string{"192.0.2.1, unknown"}, "10.0.0.1"},
		{"an entry that is no address leaves the last good hop", two, "10.0.0.1:1", []string{"192.0.2.1, nonsense, 10.0.0.2"}, "10.0.0.2"},
		{"a bad line leaves the last good hop", two, "10.0.0.1:1", []string{"192.0.2.1", ",", "10.0.0.2"}, "10.0.0.2"},
		{"an empty entry leaves the last good hop", two, "10.0.0.1:1", []string{"192.0.2.1,,10.0.0.2"}, "10.0.0.2"},
		{"an obfuscated entry leaves the proxy", two, "10.0.0.1:1", []string{"_hidden"}, "10.0.0.1"},
		{"an entry in the syntax of Forwarded leaves the proxy", two, "10.0.0.1:1", []string{"for=192.0.2.1"}, "10.0.0.1"},
		{"an octet with a leading zero leaves the proxy", two, "10.0.0.1:1", []string{"192.0.02.1"}, "10.0.0.1"},
		{"a decimal address leaves the proxy", two, "10.0.0.1:1", []string{"3221225985"}, "10.0.0.1"},
		{"IPv4 in brackets leaves the proxy", two, "10.0.0.1:1", []string{"[192.0.2.1]"}, "10.0.0.1"},
		{"an open bracket leaves the proxy", two, "10.0.0.1:1", []string{"[2001:db8::1"}, "10.0.0.1"},
		{"an entry with a port is read", two, "10.0.0.1:1", []string{"192.0.2.1:55"}, "192.0.2.1"},
		{"an IPv6 entry is read", two, "10.0.0.1:1", []string{"2001:DB8:0::1"}, "2001:db8::1"},
		{"an IPv6 entry in brackets is read", two, "10.0.0.1:1", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"an IPv6 entry with a port is read", two, "10.0.0.1:1", []string{"[2001:db8::1]:55"}, "2001:db8::1"},
		{"an entry's zone is dropped", two, "10.0.0.1:1", []string{"fe80::1%eth0"}, "fe80::1"},
		{"a mapped entry is folded", two, "10.0.0.1:1", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		{"a mapped hop is trusted as IPv4", two, "10.0.0.1:1", []string{"192.0.2.1, ::ffff:10.0.0.2"}, "192.0.2.1"},
		{"spaces and tabs around an entry are trimmed", two, "10.0.0.1:1", []string{" \t192.0.2.1\t "}, "192.0.2.1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := request(row.remote, row.header...)
			got := clientip.New(prefixes(row.trusted)).IP(r)
			if want, _ := netip.ParseAddr(row.want); got != want {
				t.Errorf("got %s, want %s for %s and %q", got, want, row.remote, row.header)
			}
		})
	}
}

func TestOtherHeadersAreNotRead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"X-Real-IP", "Forwarded", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP", "X-Forwarded", "X_Forwarded_For"} {
		r := request("10.0.0.1:1")
		r.Header.Set(name, "6.6.6.6")
		if got := clientip.New(prefixes([]string{"10.0.0.0/8"})).IP(r); got != netip.MustParseAddr("10.0.0.1") {
			t.Errorf("got %s with %s, want the proxy", got, name)
		}
	}
}

func TestRotatingHeadersStayInOneBucket(t *testing.T) {
	t.Parallel()
	for _, trusted := range [][]string{nil, {"10.0.0.0/8"}} {
		seen := make(map[string]bool)
		for i := range 100 {
			r := request("10.0.0.1:1", fmt.Sprintf("6.6.6.%d", i), fmt.Sprintf("7.7.7.%d, 192.0.2.1", i))
			r.Header.Set("X-Real-IP", fmt.Sprintf("6.6.6.%d", i))
			r.Header.Set("Forwarded", fmt.Sprintf("for=6.6.6.%d", i))
			seen[clientip.Bucket(clientip.New(prefixes(trusted)).IP(r))] = true
		}
		if len(seen) != 1 {
			t.Errorf("got %d buckets with proxies %v, want 1", len(seen), trusted)
		}
	}
}

func TestZeroPrefixTrustsNobody(t *testing.T) {
	t.Parallel()
	r := request("@", "6.6.6.6")
	if got := clientip.New([]netip.Prefix{{}}).IP(r); got.IsValid() {
		t.Errorf("got %s, want no address", got)
	}
}

func TestForwarded(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, header string
		want         bool
	}{
		{"a plain request is not forwarded", "Accept", false},
		{"X-Forwarded-For is a hint", "X-Forwarded-For", true},
		{"X-Real-IP is a hint", "X-Real-IP", true},
		{"Forwarded is a hint", "Forwarded", true},
		{"X-Forwarded-Host is a hint", "X-Forwarded-Host", true},
		{"X-Forwarded-Proto is a hint", "x-forwarded-proto", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := request("192.0.2.1:1")
			r.Header.Set(row.header, "x")
			if got := clientip.Forwarded(r); got != row.want {
				t.Errorf("got %t, want %t with %s", got, row.want, row.header)
			}
		})
	}
}

func FuzzIP(f *testing.F) {
	for _, seed := range [][3]string{
		{"10.0.0.1:1", "6.6.6.6", "192.0.2.1, 10.0.0.2"}, {"@", "", ""}, {"[::1]:1", ",,", "unknown"},
		{"10.0.0.1:1", "[2001:db8::1]:1", "::ffff:10.0.0.2"}, {"10.0.0.1", "fe80::1%eth0", "10.0.0.1:99999"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	resolver := clientip.New(prefixes([]string{"10.0.0.0/8"}))
	f.Fuzz(func(t *testing.T, remote, left, right string) {
		got := resolver.IP(request(remote, left, right))
		if got.Is4In6() || got.Zone() != "" {
			t.Fatalf("got %s, want one form", got)
		}
		// Whatever a client sends to the left of what our proxy appends, the
		// answer is what our proxy appended.
		if got := resolver.IP(request("10.0.0.1:1", left, right+", 192.0.2.1")); got != netip.MustParseAddr("192.0.2.1") {
			t.Fatalf("got %s behind %q, %q", got, left, right)
		}
		if bucket := clientip.Bucket(got); bucket == "" || strings.ContainsAny(bucket, " %[],") {
			t.Fatalf("got bucket %q", bucket)
		}
	})
}

func request(remote string, forwardedFor ...string) *http.Request {
	return &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": forwardedFor}}
}

func prefixes(texts []string) []netip.Prefix {
	var list []netip.Prefix
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}
