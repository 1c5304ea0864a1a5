package clientip_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/torii-go/torii/internal/clientip"
)

func TestBucket(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, addr, want string }{
		{"IPv4 is counted whole", "192.0.2.1", "192.0.2.1"},
		{"mapped IPv4 is IPv4", "::ffff:192.0.2.1", "192.0.2.1"},
		{"mapped IPv4 in hexadecimal is IPv4", "::ffff:c000:201", "192.0.2.1"},
		{"IPv6 is counted by its /64", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"IPv6 has one spelling", "2001:0DB8:0001:0002::6", "2001:db8:1:2::/64"},
		{"the next /64 is another bucket", "2001:db8:1:3::6", "2001:db8:1:3::/64"},
		{"a zone is dropped", "fe80::1%eth0", "fe80::/64"},
		{"loopback is counted too", "::1", "::/64"},
		{"no address is local", "", "local"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			addr, _ := netip.ParseAddr(row.addr)
			if got := clientip.Bucket(addr); got != row.want {
				t.Errorf("got %q, want %q for %q", got, row.want, row.addr)
			}
		})
	}
}

func TestHundredAddressesOfOneNetworkShareABucket(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for i := range 100 {
		seen[clientip.Bucket(netip.MustParseAddr(fmt.Sprintf("2001:db8::%x:%x", i*619, i)))] = true
	}
	if len(seen) != 1 {
		t.Errorf("got %d buckets, want 1", len(seen))
	}
}
