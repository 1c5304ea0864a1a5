package password

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/passhash"
)

// CodeUnknownHash is the field code of a hash that Import does not accept.
const CodeUnknownHash = "unknown_hash"

// Import gives a user the password of another system by its hash, whatever there was
// before, and ends all sessions. The first sign-in with the password replaces the hash
// by one of Argon2id. These are accepted as they are stored there:
//
//   - bcrypt, $2a$, $2b$ and $2y$ up to cost 15: Laravel, Devise, has_secure_password
//   - Django's pbkdf2_sha256 and pbkdf2_sha1 (up to 5,000,000 iterations), argon2, scrypt,
//     bcrypt and bcrypt_sha256
//   - PHC strings of Argon2id and Argon2i version 19, up to 256 MiB and 16 passes
//   - Passlib's $scrypt$, $pbkdf2$, $pbkdf2-sha256$ and $pbkdf2-sha512$
//   - what [Firebase.Encode] returns
//
// Anything else is an *auth.FieldsError with "unknown_hash" for "password": Argon2d,
// MD5, more costly hashes. An unknown user is auth.ErrNotFound.
//
// Import does not know the password, so it judges none: short and common ones keep
// working. When it runs again after a sign-in or a change, it brings the old password
// back; the hash that is there already changes nothing. Passwords of more than 128
// characters cannot sign in here, and neither can those that the other system hashed in
// another form than Unicode NFC. Of a password with more than 72 bytes bcrypt has hashed
// the first 72: those alone are compared at the first sign-in, and then the whole
// password counts, as it was typed there. A pepper, such as Devise's, is not supported.
// Until the first sign-in a wrong password takes as long as the other system's hash
// does, so that the time tells an imported account from an unknown address.
func (p *Provider) Import(ctx context.Context, userID, encoded string) error {
	if err := judgeHash(encoded); err != nil {
		return err
	}
	return p.kit.Transact(ctx, auth.Client{}, userID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		return p.In(tx).adopt(ctx, u, encoded)
	})
}

// Import is [Provider.Import] in this transaction: many users are imported in one, also
// those who are disabled. A hash that is refused undoes nothing else.
func (t Tx) Import(ctx context.Context, userID, encoded string) error {
	return t.tx.Step(ctx, userID, func() error {
		if err := judgeHash(encoded); err != nil {
			return err
		}
		u, err := t.tx.Lock(ctx, userID)
		if err != nil {
			return err
		}
		return t.adopt(ctx, u, encoded)
	})
}

// adopt leaves a hash alone that is there already: a mark that it is compromised must
// outlive a second run of the import. MariaDB would also count no row that changes.
func (t Tx) adopt(ctx context.Context, u *ent.User, encoded string) error {
	row, err := t.find(ctx, u.ID)
	if err != nil || row != nil && row.Secret == encoded {
		return err
	}
	return t.set(ctx, u, encoded)
}

// judgeHash says in its text what is wrong, for whoever runs the import.
func judgeHash(encoded string) error {
	if err := passhash.Check(encoded); err != nil {
		return fmt.Errorf("%w: %w", auth.InvalidField("password", CodeUnknownHash), err)
	}
	return nil
}

// Firebase is the password hash parameters of a Firebase project, as its console shows
// them (Authentication, Users, Password hash parameters).
type Firebase struct {
	// SignerKey is base64_signer_key. It is needed by Encode alone: neither the database
	// nor the sign-in has it.
	SignerKey string
	// SaltSeparator is base64_salt_separator.
	SaltSeparator string
	// Rounds is rounds: 8.
	Rounds uint32
	// MemCost is mem_cost: 14, at most 18.
	MemCost uint32
}

// Encode makes a hash for Import of passwordHash and salt of an exported user (firebase
// auth:export, or the Admin SDK). What it returns can be guessed at without the signer
// key, like the hashes of other systems.
func (f Firebase) Encode(passwordHash, salt string) (string, error) {
	var errs []error
	decode := func(name, s string) []byte {
		for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			if b, err := e.DecodeString(s); err == nil {
				return b
			}
		}
		errs = append(errs, fmt.Errorf("password: Firebase: %s is not base64", name))
		return nil
	}
	project := passhash.Firebase{
		SignerKey:     decode("SignerKey", f.SignerKey),
		SaltSeparator: decode("SaltSeparator", f.SaltSeparator),
		Rounds:        f.Rounds,
		MemoryCost:    f.MemCost,
	}
	hash, saltBytes := decode("the password hash", passwordHash), decode("the salt", salt)
	if len(errs) > 0 {
		return "", errors.Join(errs...)
	}
	encoded, err := project.Encode(hash, saltBytes)
	if err != nil {
		return "", fmt.Errorf("password: Firebase: %w", err)
	}
	return encoded, nil
}
