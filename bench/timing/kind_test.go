package timing_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/passhash"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/providers/password"
)

const (
	phrase = "a long and lovely password"
	// wrong has as many bytes.
	wrong = "a long and lonely password"
)

// kind is a way to fail. Each try is at another account, or at another address without
// one.
type kind struct {
	// name begins its accounts' addresses: it is in lower case, as they are stored.
	name string
	// account says that the addresses have accounts.
	account bool
	// secret makes the stored hash, one for all; nil means that there is no password.
	secret   func() (string, error)
	disabled bool
	password string
	// proven says that the accounts' addresses are.
	proven bool
	// reserved says that the accounts have changed away from the addresses just now.
	reserved bool
	// mail is the subject of what an address gets; "" is nothing.
	mail string
	// none is what is typed in place of an address.
	none bool
}

// argon2id hashes as the application itself would, with parameters of now or once.
func argon2id(params passhash.Params) func() (string, error) {
	return func() (string, error) {
		h, err := passhash.New(passhash.Config{Params: params, InsecureParams: true})
		if err != nil {
			return "", err
		}
		return h.Hash(context.Background(), phrase)
	}
}

func oldBcrypt() (string, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(phrase), 10)
	return string(hash), err
}

// kinds are all ways to fail where own is what a hash costs. The first is what all others
// are compared with; the second is the same once more, and shows what chance does.
func kinds(own passhash.Params) []kind {
	hash := argon2id(own)
	return []kind{
		{name: "wrong", account: true, secret: hash, password: wrong},
		{name: "wrong-again", account: true, secret: hash, password: wrong},
		{name: "unknown", password: wrong},
		{name: "no-password", account: true, password: wrong},
		{name: "disabled", account: true, secret: hash, disabled: true, password: wrong},
		{name: "disabled-right", account: true, secret: hash, disabled: true, password: phrase},
		{name: "malformed", none: true, password: wrong},
		{name: "bcrypt-10", account: true, secret: oldBcrypt, password: wrong},
		// The argon2 command's default.
		{name: "argon2-4mib", account: true, secret: argon2id(passhash.Params{Memory: 4096, Time: 3, Threads: 1}), password: wrong},
	}
}

// email is what is typed at a try.
func (k kind) email(try int) string {
	if k.none {
		return fmt.Sprintf("%s%d.example.com", k.name, try)
	}
	return fmt.Sprintf("%s%d@example.com", k.name, try)
}

// fill makes an account of this kind for each try.
func (k kind) fill(t testing.TB, client *ent.Client, tries int) {
	t.Helper()
	if !k.account {
		return
	}
	ctx := t.Context()
	var users []*ent.UserCreate
	now := time.Now().UTC().Truncate(time.Microsecond)
	for i := range tries {
		email := k.email(i)
		if k.reserved {
			email = "new-" + email
		}
		user := client.User.Create().SetEmail(email).SetEmailEntered(email)
		if k.disabled {
			user.SetDisabledAt(now)
		}
		if k.proven {
			user.SetEmailVerifiedAt(now)
		}
		users = append(users, user)
	}
	made, err := client.User.CreateBulk(users...).Save(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if k.reserved {
		k.reserve(t, client, made)
	}
	if k.secret == nil {
		return
	}
	secret, err := k.secret()
	if err != nil {
		t.Fatal(err)
	}
	var rows []*ent.CredentialCreate
	for _, u := range made {
		hash := token.HashOf(u.ID)
		rows = append(rows, client.Credential.Create().SetUserID(u.ID).SetKind(password.Kind).
			SetIdentifier(u.ID).SetIdentifierHash(hash[:]).SetSecret(secret))
	}
	if err := client.Credential.CreateBulk(rows...).Exec(ctx); err != nil {
		t.Fatal(err)
	}
}

// reserve keeps the kind's addresses for their former accounts, as a change of address
// does.
func (k kind) reserve(t testing.TB, client *ent.Client, former []*ent.User) {
	t.Helper()
	var rows []*ent.MagicTokenCreate
	for i, u := range former {
		hash := token.HashOf(u.ID)
		rows = append(rows, client.MagicToken.Create().SetUserID(u.ID).SetPurpose("reserved").
			SetEmail(k.email(i)).SetTokenHash(hash[:]).SetExpiresAt(u.CreatedAt.AddDate(0, 0, 7)))
	}
	if err := client.MagicToken.CreateBulk(rows...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}
