// Package clientip finds the address a request comes from, for rate limits and
// for what people see in their list of sessions.
//
// The address is the socket's. Only if the socket belongs to a proxy that was
// declared to [New] is a header believed, and then only X-Forwarded-For, read
// from the right: each proxy appends the address it was called from, so the
// right end is what our own proxies wrote and the left end is whatever the
// client made up. X-Real-IP, Forwarded (RFC 7239) and the headers of particular
// vendors are never read: a proxy that sets one of them usually passes another
// through as the client sent it.
//
// Declare proxies, not networks in which clients live: a client inside a trusted
// prefix chooses its own address. A server on a unix socket has no address to
// declare: what calls it is a program of this machine, and is believed like a declared
// proxy as soon as any proxy is declared. Otherwise its clients have no address, and a
// limit for each address must leave them out: one of them would use it up for all.
package clientip

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Resolver finds the address of a request's client. The zero value trusts no
// proxy. It is safe for concurrent use.
type Resolver struct {
	trusted []netip.Prefix
}

// New returns a Resolver that believes X-Forwarded-For from the addresses within
// trusted, which may be empty. IPv4-mapped prefixes count as IPv4, bits beyond
// the prefix length are ignored, and so is the zero Prefix.
func New(trusted []netip.Prefix) Resolver {
	var prefixes []netip.Prefix
	for _, prefix := range trusted {
		if !prefix.IsValid() {
			continue
		}
		if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return Resolver{trusted: prefixes}
}

// IP returns the client's address, IPv4-mapped addresses as IPv4 and without
// zone. It is the zero Addr if the socket has none, a unix socket, and no proxy
// is declared; with a trusted socket it is the right-most entry of X-Forwarded-For that is not a
// trusted proxy itself. If it meets an entry that is no address, or the end of
// the list, it returns the last proxy it knew: too many clients in one bucket
// are better than one client who can choose his.
func (rv Resolver) IP(r *http.Request) netip.Addr {
	hop := parse(r.RemoteAddr)
	if hop.IsValid() && !rv.isTrusted(hop) || len(rv.trusted) == 0 {
		return hop
	}
	for _, line := range slices.Backward(r.Header.Values("X-Forwarded-For")) {
		for more := true; more; {
			var entry string
			line, entry, more = cutLast(line)
			next := parse(entry)
			if !next.IsValid() {
				return hop
			}
			hop = next
			if !rv.isTrusted(hop) {
				return hop
			}
		}
	}
	return hop
}

func (rv Resolver) isTrusted(addr netip.Addr) bool {
	return slices.ContainsFunc(rv.trusted, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// Forwarded reports whether r has a header by which proxies speak of the client,
// whoever wrote it. On a server without declared proxies it hints that one was
// forgotten; it decides nothing.
func Forwarded(r *http.Request) bool {
	for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if len(r.Header.Values(name)) > 0 {
			return true
		}
	}
	return false
}

// cutLast takes the last element off a comma-separated list.
func cutLast(list string) (rest, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return "", list, false
	}
	return list[:i], list[i+1:], true
}

// parse reads an address with or without a port, in brackets or not, and gives
// the zero Addr for all else. Some proxies write ports into X-Forwarded-For.
func parse(s string) netip.Addr {
	s = strings.Trim(s, " \t")
	if withPort, err := netip.ParseAddrPort(s); err == nil {
		return fold(withPort.Addr())
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		if inner, ok = strings.CutSuffix(inner, "]"); !ok || !strings.Contains(inner, ":") {
			return netip.Addr{}
		}
		s = inner
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return fold(addr)
}

// fold gives each address one form: ::ffff:192.0.2.1 is 192.0.2.1, and a zone,
// which names an interface of ours, does not make a second client.
func fold(addr netip.Addr) netip.Addr {
	return addr.Unmap().WithZone("")
}
