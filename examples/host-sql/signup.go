package main

import (
	"context"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/password"
)

// signUp is what somebody signs up with: an account and a first project.
type signUp struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Project  string `json:"project"`
}

// signUp makes the account and the project in conn, which is in a transaction of the
// application's: a *sql.Tx, or a *sql.Conn after BEGIN. It commits nothing.
//
// A refusal of Torii's (auth.ErrEmailTaken, *auth.FieldsError) has undone itself and
// leaves the transaction usable, on PostgreSQL too; one of the project's does not, see
// addProject.
func (a *app) signUp(ctx context.Context, conn auth.Conn, s signUp) (*ent.User, project, error) {
	// What costs nothing comes first: hashing the password takes some 20 ms.
	if _, err := projectName(s.Project); err != nil {
		return nil, project{}, err
	}
	u, err := a.pw.In(a.auth.InTx(conn)).Register(ctx, password.Registration{Email: s.Email, Password: s.Password})
	if err != nil {
		return nil, project{}, err
	}
	p, err := a.db.addProject(ctx, conn, u.ID, s.Project)
	return u, p, err
}
