package oauth

import "time"

// SetTimeout shortens the patience with providers, and returns what it was.
func SetTimeout(p *Provider, d time.Duration) (was time.Duration) {
	for _, r := range p.remotes {
		was, r.client.Timeout = r.client.Timeout, d
	}
	return was
}
