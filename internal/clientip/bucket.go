package clientip

import "net/netip"

// Bucket returns the name under which requests from addr are counted together:
// an IPv4 address whole, of an IPv6 address its /64, in canonical text such as
// "192.0.2.1" and "2001:db8::/64". A household or a rented machine gets at least
// a /64, so a finer bucket gives an attacker 2^64 of them. The zero Addr is
// "local".
func Bucket(addr netip.Addr) string {
	addr = fold(addr)
	if !addr.IsValid() {
		return "local"
	}
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}
