package arch_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/sessions"
)

// APIKeys signs programs in with a long random key.
type APIKeys struct{ kit auth.Kit }

type apiKeyBody struct {
	Key string `json:"key"`
}

func (*APIKeys) Name() string { return "api_key" }

func (p *APIKeys) Mount(kit auth.Kit) ([]auth.Route, error) {
	p.kit = kit
	return []auth.Route{{
		Method: http.MethodPost, Path: "/api-key", Access: auth.SignIn,
		Handle: func(c *auth.Call) error {
			var body apiKeyBody
			if err := c.Decode(&body); err != nil {
				return err
			}
			res, err := p.SignIn(c.Context(), body.Key, c.Client())
			if err != nil {
				return err
			}
			return c.Opened(http.StatusOK, res)
		},
		Doc: auth.Doc{
			Summary: "Sign in with an API key", Body: apiKeyBody{}, Status: http.StatusOK, Reply: auth.OpenedReply{},
			Errors: []*auth.Error{auth.ErrInvalidCredentials},
		},
	}}, nil
}

// Issue makes a key for a user. It is shown once; the database has its hash.
func (p *APIKeys) Issue(ctx context.Context, userID string) (string, error) {
	key := rand.Text() + rand.Text() // 260 bits
	err := p.kit.Transact(ctx, auth.Client{}, userID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		return p.kit.AddCredential(ctx, tx, u.ID, auth.NewCredential{Kind: "api_key", Identifier: hashOf(key)})
	})
	return key, err
}

func (p *APIKeys) SignIn(ctx context.Context, key string, c auth.Client) (auth.Result, error) {
	row, err := p.kit.Credentials().Query().Where(credential.Kind("api_key"), credential.Identifier(hashOf(key))).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return auth.Result{}, auth.ErrInvalidCredentials
	case err != nil:
		return auth.Result{}, err
	}
	return p.kit.Finish(ctx, auth.Proof{
		UserID:      row.UserID,
		Factors:     []sessions.Factor{{Kind: "api_key", At: p.kit.Now()}},
		Uses:        []auth.Use{auth.UseOf(row.ID, row.Secret)}, // still there when the session opens
		Unguessable: true,                                       // nothing to count; see Kit.Attempt for what can be guessed
	}, c)
}

func hashOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func TestReadmeProvider(t *testing.T) {
	_, client := shop(t)
	keys := &APIKeys{}
	a, err := auth.New(client, auth.Config{BaseURL: "http://localhost:8080", Logger: slog.New(slog.DiscardHandler), Providers: []auth.Provider{keys}})
	if err != nil {
		t.Fatal(err)
	}
	u, err := a.CreateUser(t.Context(), auth.NewUser{Email: "robot@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.Issue(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	signIn := func(key string) int {
		r := httptest.NewRequest(http.MethodPost, "/auth/api-key", strings.NewReader(`{"key":"`+key+`"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		return w.Code
	}
	if got := signIn(key); got != http.StatusOK {
		t.Errorf("with the key: %d, want 200", got)
	}
	if got := signIn(key + "x"); got != http.StatusUnauthorized {
		t.Errorf("with another: %d, want 401", got)
	}
	if err := a.DisableUser(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	if got := signIn(key); got != http.StatusUnauthorized {
		t.Errorf("disabled: %d, want 401", got)
	}
}
