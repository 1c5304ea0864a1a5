package auth_test

import (
	"testing"

	"github.com/torii-go/torii/auth"
)

func TestAnOriginAsBrowsersWriteItIsAccepted(t *testing.T) {
	if err := auth.CheckOrigin("https://app.example"); err != nil {
		t.Error(err)
	}
}

func TestCheckOrigin(t *testing.T) {
	tests := []struct {
		name, origin string
		ok           bool
	}{
		{"a host with a port", "https://app.example:8443", true},
		{"plain http", "http://localhost:8080", true},
		{"an IPv4 address", "https://192.0.2.1", true},
		{"an IPv6 address", "https://[2001:db8::1]:8443", true},
		{"an international host in its ASCII form", "https://xn--bcher-kva.example", true},
		{"http on the port of https", "http://app.example:443", true},
		{"nothing", "", false},
		{"null", "null", false},
		{"a host alone", "app.example", false},
		{"a scheme alone", "https://", false},
		{"a port alone", "https://:8443", false},
		{"another scheme", "ftp://app.example", false},
		{"a scheme that runs", "javascript:alert(1)", false},
		{"upper case", "https://App.example", false},
		{"an upper-case scheme", "HTTPS://app.example", false},
		{"a slash at the end", "https://app.example/", false},
		{"a path", "https://app.example/x", false},
		{"a query", "https://app.example?x", false},
		{"an empty query", "https://app.example?", false},
		{"a fragment", "https://app.example#x", false},
		{"a user", "https://ann@app.example", false},
		{"an empty user", "https://@app.example", false},
		{"a port that is empty", "https://app.example:", false},
		{"the port of https", "https://app.example:443", false},
		{"the port of http", "http://app.example:80", false},
		{"a port that is no number", "https://app.example:x", false},
		{"a space before", " https://app.example", false},
		{"a space behind", "https://app.example ", false},
		{"a line break behind", "https://app.example\n", false},
		{"a wildcard", "https://*.example", false},
		{"two origins", "https://a.example,https://b.example", false},
		{"a host in percent escapes", "https://%61pp.example", false},
		{"an international host as people write it", "https://bücher.example", false},
	}
	for _, tt := range tests {
		if err := auth.CheckOrigin(tt.origin); (err == nil) != tt.ok {
			t.Errorf("%s: checkOrigin(%q) = %v, want accepted %t", tt.name, tt.origin, err, tt.ok)
		}
	}
}

func TestIsDevelopment(t *testing.T) {
	tests := []struct {
		name, base string
		want       bool
	}{
		{"localhost", "http://localhost", true},
		{"localhost with a port", "http://localhost:8080", true},
		{"an IPv4 loopback address", "http://127.0.0.1:8080", true},
		{"another IPv4 loopback address", "http://127.1.2.3", true},
		{"the IPv6 loopback address", "http://[::1]:8080", true},
		{"the mapped loopback address", "http://[::ffff:127.0.0.1]", true},
		{"https on localhost is no development mode", "https://localhost", false},
		{"a host of the network", "http://app.example", false},
		{"a private address", "http://192.168.0.1", false},
		{"every address", "http://0.0.0.0:8080", false},
		{"a name that begins like localhost", "http://localhost.example", false},
		{"a name that ends like localhost", "http://evil-localhost", false},
		{"a name below localhost", "http://app.localhost", false},
		{"a name that begins like an address", "http://127.0.0.1.example", false},
		{"a short spelling of the address", "http://127.1", false},
		{"localhost as a user", "http://localhost@app.example", false},
		{"nothing", "", false},
	}
	for _, tt := range tests {
		if got := auth.IsDevelopment(tt.base); got != tt.want {
			t.Errorf("%s: isDevelopment(%q) = %t, want %t", tt.name, tt.base, got, tt.want)
		}
	}
}
