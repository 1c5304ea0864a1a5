package authtest

import "net/http"

// hugePad is how much stands before the answer of a huge lie.
const hugePad = 4 << 20

// endpoint answers a request, with the trouble that every endpoint can make.
func (p *IDP) endpoint(w http.ResponseWriter, r *http.Request, part string, lies told, handle func(http.ResponseWriter, *http.Request, told)) {
	tells := func(trouble string) bool { return lies[Lie(part+"."+trouble)] }
	switch {
	case tells("redirect"):
		to := p.issuer + elsewhere + r.URL.Path[len(p.path):]
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	case tells("status_500"):
		writeError(w, http.StatusInternalServerError, oauthError{"server_error", "The provider is out of order."})
		return
	case tells("not_json"):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html><title>Down for maintenance</title>")) // who has gone needs no page
		return
	case tells("slow"):
		if !p.held(r) {
			return
		}
	case tells("huge"):
		w = &padded{ResponseWriter: w}
	}
	handle(w, r, lies)
}

// Release lets go of every request that a slow lie holds up, and of those to come until
// the next call of Lie.
func (p *IDP) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.gate:
	default:
		close(p.gate)
	}
}

// held waits for Release. It returns false when the client has gone.
func (p *IDP) held(r *http.Request) bool {
	p.mu.Lock()
	gate := p.gate
	p.mu.Unlock()
	select {
	case <-gate:
		return true
	case <-r.Context().Done():
		return false
	}
}

// padded writes spaces before a body. JSON may begin with any number of them, so a reader
// without a limit reads the truth in the end.
type padded struct {
	http.ResponseWriter
	done bool
}

func (w *padded) Write(body []byte) (int, error) {
	if !w.done {
		w.done = true
		spaces := make([]byte, 64<<10)
		for i := range spaces {
			spaces[i] = ' '
		}
		for range hugePad / len(spaces) {
			if _, err := w.ResponseWriter.Write(spaces); err != nil {
				return 0, err
			}
		}
	}
	return w.ResponseWriter.Write(body)
}
