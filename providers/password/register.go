package password

import (
	"context"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/address"
	"github.com/torii-go/torii/sessions"
)

// Registration is what somebody signs up with.
type Registration struct {
	Email    string
	Password string
	// Name is optional.
	Name string
	// Fields are values for fields of the host's User; see auth.NewUser.
	Fields map[string]any
	// ReturnTo is where the browser goes when the mail of a sign-up that waits has been
	// answered: a path of the site; anything else is dropped.
	ReturnTo string
}

// Register makes an account and signs it in: user, password, session and event in one
// transaction. An address that has an account is auth.ErrEmailTaken and changes
// nothing; fields that are not acceptable are an *auth.FieldsError that names them all.
//
// Where addresses are proven first (auth.Config.SkipEmailVerification says when), it writes
// no account: it mails a link and a code, keeps the sign-up for a day, and returns an
// *auth.CheckEmailError with the flow in which auth.Auth.VerifyEmail completes it. The
// same answer, at the same cost, stands for an address that has an account, whose owner
// is told by mail.
func (p *Provider) Register(ctx context.Context, r Registration, c auth.Client) (auth.Result, error) {
	addr, err := p.judgeRegistration(r)
	if err != nil {
		return auth.Result{}, err
	}
	leave, err := p.kit.Admit(ctx)
	if err != nil {
		return auth.Result{}, err
	}
	defer leave()
	// Counted for the address it comes from: a hash costs, and the answer tells who has
	// an account.
	try, err := p.kit.Attempt(ctx, c, auth.Subject{Factor: Kind, NewAccount: true})
	if err != nil {
		return auth.Result{}, err
	}
	refuse := func(err error) (auth.Result, error) {
		return auth.Result{}, p.kit.Refuse(ctx, c, try, auth.EventOperationRefused, err)
	}
	if !p.kit.ProvesFirst() {
		taken, err := p.kit.Users().Query().Where(user.Email(addr.Canonical)).Exist(ctx)
		switch {
		case err != nil:
			return auth.Result{}, err
		case taken:
			return refuse(auth.ErrEmailTaken)
		}
	}
	hash, err := p.kit.Hash(ctx, normalize(r.Password))
	if err != nil {
		return refuse(err)
	}
	return p.kit.Finish(ctx, auth.Proof{
		Factors:     []sessions.Factor{{Kind: Kind, At: p.kit.Now()}},
		Claims:      &auth.Claims{Email: r.Email, Name: r.Name, Fields: r.Fields, Asked: true},
		Credentials: []auth.NewCredential{{Kind: Kind, Secret: hash}},
		Attempts:    []auth.Attempt{try},
		ReturnTo:    auth.ReturnTo(r.ReturnTo, ""),
	}, c)
}

// judgeRegistration collects everything that is wrong, so that a person corrects it at
// once.
func (p *Provider) judgeRegistration(r Registration) (address.Address, error) {
	if !p.mounted() {
		return address.Address{}, auth.ErrNotMounted
	}
	fields := map[string]string{}
	addr, err := address.Parse(r.Email)
	if err != nil {
		fields["email"] = "invalid_email"
	}
	if !auth.ValidName(r.Name) {
		fields["name"] = "invalid_name"
	}
	if code := p.judge(r.Password, contextOf(r.Email, r.Name)...); code != "" {
		fields["password"] = code
	}
	if len(fields) > 0 {
		return addr, &auth.FieldsError{Fields: fields}
	}
	return addr, nil
}

// Tx is a Provider in a transaction. See [Provider.In].
type Tx struct {
	p  *Provider
	tx *auth.Tx
}

// In returns the provider in a transaction of the host's: pw.In(a.InTx(tx)). It makes
// and sets passwords; verifying one there would let a rollback take the limiter's
// count with it.
func (p *Provider) In(tx *auth.Tx) Tx { return Tx{p: p, tx: tx} }

// Register makes an account with a password, and no session. The errors are those of
// [Provider.Register]. The hash is made while the transaction is open, some 20 ms. How
// many accounts an address makes is not counted: that is the host's to limit here.
func (t Tx) Register(ctx context.Context, r Registration) (*ent.User, error) {
	if _, err := t.p.judgeRegistration(r); err != nil {
		return nil, err
	}
	hash, err := t.p.kit.Hash(ctx, normalize(r.Password))
	if err != nil {
		return nil, err
	}
	var u *ent.User
	err = t.tx.Step(ctx, "", func() error {
		if u, err = t.tx.CreateUser(ctx, auth.NewUser{Email: r.Email, Name: r.Name, Fields: r.Fields}); err != nil {
			return err
		}
		return t.p.kit.AddCredential(ctx, t.tx, u.ID, auth.NewCredential{Kind: Kind, Secret: hash})
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}
