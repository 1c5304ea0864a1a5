package auth

import (
	"net/http"
	"slices"

	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/sessions"
)

// addFlow adds a flow to the browser's cookie, in place of those that have ended. A full
// cookie is made room in first: a page that begins a ceremony whenever it is opened, which
// every site can have a browser do, would otherwise push out a sign-up whose mail is on its
// way.
func (a *Auth) addFlow(w http.ResponseWriter, r *http.Request, flow string, ended ...string) {
	if flows := a.cookies.Flows(r); len(flows) >= sessions.MaxFlows && !slices.Contains(flows, flow) {
		one, err := a.dispensable(r, flows, flow)
		if err != nil {
			a.log.WarnContext(r.Context(), "auth: the oldest flow makes room", "error", err)
		}
		ended = append(ended, one)
	}
	a.cookies.AddFlow(w, r, flow, ended...)
}

// dispensable is the oldest flow that waits for nothing any more, or else the oldest that
// waits for the same as the new one; "" if there is none.
func (a *Auth) dispensable(r *http.Request, flows []string, flow string) (string, error) {
	var hashes [][]byte
	for _, f := range append([]string{flow}, flows...) {
		hash := token.HashOf(f)
		hashes = append(hashes, hash[:])
	}
	rows, err := a.client.Challenge.Query().
		Where(challenge.FlowHashIn(hashes...), challenge.ExpiresAtGT(a.now())).
		Select(challenge.FieldFlowHash, challenge.FieldPurpose).
		All(r.Context())
	if err != nil {
		return "", err
	}
	purposes := map[string]string{}
	for _, row := range rows {
		purposes[string(row.FlowHash)] = row.Purpose
	}
	purpose := func(flow string) string {
		hash := token.HashOf(flow)
		return purposes[string(hash[:])]
	}
	for _, wanted := range []string{"", purpose(flow)} {
		for _, f := range flows {
			if purpose(f) == wanted {
				return f, nil
			}
		}
	}
	return "", nil
}
