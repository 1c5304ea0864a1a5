package auth

import (
	"context"
	"errors"

	"entgo.io/ent/dialect/sql/sqlgraph"
	"entgo.io/ent/privacy"

	"github.com/torii-go/torii/ent"
)

// insert writes the row of a new user, through the host's client if there is one: every
// way to sign up comes by here.
func (tx *Tx) insert(ctx context.Context, row HostUser) (*ent.User, error) {
	host := tx.auth.cfg.Host
	if host == nil {
		if len(row.New.Fields) > 0 {
			return nil, errNoHost
		}
		return tx.client.User.Create().
			SetID(row.ID).
			SetEmail(row.Email).
			SetEmailEntered(row.EmailEntered).
			SetNillableName(row.Name).
			SetNillablePicture(row.Picture).
			SetNillableEmailVerifiedAt(row.EmailVerifiedAt).
			SetCreatedAt(row.At).
			SetUpdatedAt(row.At).
			Save(ctx)
	}
	if err := host.CreateUser(context.WithValue(ctx, signingUpKey{}, true), tx.Driver(), row); err != nil {
		return nil, hostRefusal(err)
	}
	return tx.client.User.Get(ctx, row.ID)
}

var errNoHost = errors.New("auth: Fields are for a host's own User; see Config.Host")

// updateHost sets fields of the host's User through its client.
func (tx *Tx) updateHost(ctx context.Context, id string, fields map[string]any) error {
	if len(fields) == 0 {
		return nil
	}
	host := tx.auth.cfg.Host
	if host == nil {
		return errNoHost
	}
	err := tx.step(ctx, func() error { return host.UpdateUser(ctx, tx.Driver(), id, fields) })
	if sqlgraph.IsConstraintError(err) {
		err = tx.taken(ctx, id, fields, err)
	}
	return hostRefusal(err)
}

// taken makes a refusal of a clash, if one of the fields is unique and somebody else's.
func (tx *Tx) taken(ctx context.Context, id string, fields map[string]any, clash error) error {
	if tx.auth.cfg.Host == nil || len(fields) == 0 {
		return clash
	}
	// Asked on nobody's behalf: only which field it was is told.
	names, err := tx.auth.cfg.Host.Taken(privacy.DecisionContext(ctx, privacy.Allow), tx.Driver(), id, fields)
	if err != nil || len(names) == 0 {
		return errors.Join(clash, err)
	}
	refusal := &FieldsError{Fields: map[string]string{}}
	for _, name := range names {
		refusal.Fields[name] = codeTaken
	}
	return refusal
}
