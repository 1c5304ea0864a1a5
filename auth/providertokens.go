package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/oauthaccount"
	"github.com/torii-go/torii/internal/token"
)

// ProviderTokens are what a provider of identities gave out for a user. They are sealed in
// the database, each for its row and column, and never leave the server by themselves.
type ProviderTokens struct {
	Access  string `json:"access"`
	Refresh string `json:"refresh,omitempty"`
	// Expires is when Access does; zero is not known.
	Expires time.Time `json:"expires,omitzero"`
}

func (t ProviderTokens) expiry() *time.Time {
	if t.Expires.IsZero() {
		return nil
	}
	at := utc(t.Expires)
	return &at
}

// Format redacts, for every verb of fmt.
func (ProviderTokens) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) } // fmt's buffer does not fail

// String redacts.
func (ProviderTokens) String() string { return redacted }

// LogValue redacts, for log/slog. As JSON, which is how they are sealed, they are clear.
func (ProviderTokens) LogValue() slog.Value { return slog.StringValue(redacted) }

const redacted = "[redacted]"

// sealTokens seals for a row; what is empty stays so.
func (a *Auth) sealTokens(id string, t ProviderTokens) (access, refresh string, err error) {
	if access, err = a.sealToken(id, oauthaccount.FieldAccessToken, t.Access); err != nil {
		return "", "", err
	}
	refresh, err = a.sealToken(id, oauthaccount.FieldRefreshToken, t.Refresh)
	return access, refresh, err
}

func (a *Auth) sealToken(id, column, secret string) (string, error) {
	if secret == "" {
		return "", nil
	}
	plain, err := json.Marshal(secret)
	if err != nil {
		return "", err
	}
	return a.keys.Seal(token.PurposeBlob, plain, oauthaccount.Table, id, column)
}

func (a *Auth) openToken(id, column, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	plain, err := a.keys.Open(token.PurposeBlob, sealed, oauthaccount.Table, id, column)
	if err != nil {
		return "", err
	}
	var secret string
	return secret, json.Unmarshal(plain, &secret)
}

// TokensOf opens the tokens of a linked identity. Without any, Access is "".
func (k Kit) TokensOf(row *ent.OAuthAccount) (ProviderTokens, error) {
	var (
		t   ProviderTokens
		err error
	)
	if t.Access, err = k.a.openToken(row.ID, oauthaccount.FieldAccessToken, row.AccessToken); err != nil {
		return ProviderTokens{}, err
	}
	if t.Refresh, err = k.a.openToken(row.ID, oauthaccount.FieldRefreshToken, row.RefreshToken); err != nil {
		return ProviderTokens{}, err
	}
	if row.TokenExpiresAt != nil {
		t.Expires = *row.TokenExpiresAt
	}
	return t, nil
}

// StoreTokens puts new tokens in place of a linked identity's. For use inside Transact.
func (k Kit) StoreTokens(ctx context.Context, tx *Tx, row *ent.OAuthAccount, t ProviderTokens) error {
	access, refresh, err := k.a.sealTokens(row.ID, t)
	if err != nil {
		return err
	}
	change := tx.client.OAuthAccount.Update().Where(oauthaccount.ID(row.ID)).SetAccessToken(access).SetRefreshToken(refresh).SetUpdatedAt(tx.now)
	if at := t.expiry(); at != nil {
		change.SetTokenExpiresAt(*at)
	} else {
		change.ClearTokenExpiresAt()
	}
	return change.Exec(ctx)
}
