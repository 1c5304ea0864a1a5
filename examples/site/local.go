package main

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// isDevelopment tells whether a site is one that only this machine sees: plain http on a
// loopback host.
func isDevelopment(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// forwarded are the headers by which a proxy is known. Behind one, a loopback connection
// does not mean somebody on this machine.
var forwarded = []string{"Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "X-Original-Host"}

// isLocal tells whether a request comes from this machine, straight, and means this very
// site, which is in development: a page elsewhere can make its own name point here (DNS
// rebinding), but then its name is in Host.
func isLocal(r *http.Request, origin string) bool {
	if "http://"+r.Host != origin {
		return false
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Forwarded") || slices.Contains(forwarded, name) {
			return false
		}
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && isLoopback(local.String()) && isLoopback(r.RemoteAddr)
}

func isLoopback(addr string) bool {
	ap, err := netip.ParseAddrPort(addr)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}
