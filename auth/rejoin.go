package auth

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/sessions"
)

// rejoin verifies the password that somebody gives beside a link, who opened it in
// another browser than the one that asked for it. What it shows is written into m, and
// the factor is returned, if there is one.
func (a *Auth) rejoin(ctx context.Context, m *Mailed, c Client) ([]sessions.Factor, error) {
	l, err := a.letter(ctx, *m, c)
	if err != nil || l.Here && l.User == nil {
		return nil, err
	}
	decode := func(v any) error {
		body, err := json.Marshal(map[string]string{"password": m.Password})
		if err != nil {
			return err
		}
		return json.Unmarshal(body, v)
	}
	for _, p := range a.cfg.Providers {
		var f sessions.Factor
		err := ErrNotMine
		if s, ok := p.(StepUpper); ok && l.User != nil {
			f, err = s.StepUp(ctx, c, l.User, decode)
		} else if r, ok := p.(Rejoiner); ok && l.waits != nil {
			f, err = r.Rejoin(ctx, c, l.Email, l.waits.Credentials, decode)
		}
		switch {
		case errors.Is(err, ErrNotMine):
			continue
		case err != nil:
			return nil, err
		}
		m.owner, m.known = l.User != nil, l.bound
		return []sessions.Factor{f}, nil
	}
	return nil, nil
}

// rejoins tells whether rejoin could verify something.
func (a *Auth) rejoins(ctx context.Context, l Letter) (bool, error) {
	var kinds []string
	switch {
	case l.waits != nil:
		for _, n := range l.waits.Credentials {
			kinds = append(kinds, n.Kind)
		}
	case l.User != nil && l.owners:
		var err error
		if kinds, err = a.client.Credential.Query().Where(credential.UserID(l.User.ID)).GroupBy(credential.FieldKind).Strings(ctx); err != nil {
			return false, err
		}
	}
	for _, p := range a.cfg.Providers {
		if _, ok := p.(Rejoiner); ok && slices.Contains(kinds, p.Name()) {
			return true, nil
		}
	}
	return false, nil
}
