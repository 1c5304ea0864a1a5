package oauth

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// keysAge is how long keys are believed without being asked for again: one that a
	// provider has withdrawn is trusted no longer than that.
	keysAge = 15 * time.Minute
	// keysStale is how long they serve while the provider does not answer.
	keysStale = 24 * time.Hour
	// keysPause is how often an unknown key id may have them asked for.
	keysPause = time.Minute
	maxKeys   = 100
)

var (
	errNoKey  = errors.New("no key of the provider's has signed it")
	errFormat = errors.New("it is no compact JWS")
)

// keys are a provider's public keys. It is the oidc.KeySet of the verifier.
type keys struct {
	remote *remote

	mu      sync.Mutex
	list    []jose.JSONWebKey // guarded by mu
	fetched time.Time         // guarded by mu; when list came
	tried   time.Time         // guarded by mu; when they were last asked for
}

// VerifySignature returns the payload of a token that one of the keys has signed. A token
// that names no key is accepted only where there is but one.
func (k *keys) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	var allowed []jose.SignatureAlgorithm
	for _, alg := range k.remote.idp.Algorithms {
		allowed = append(allowed, jose.SignatureAlgorithm(alg))
	}
	jws, err := jose.ParseSignedCompact(raw, allowed)
	if err != nil || len(jws.Signatures) != 1 {
		return nil, errFormat
	}
	header := jws.Signatures[0].Protected
	list, err := k.find(ctx, header.KeyID)
	if err != nil {
		return nil, err
	}
	if header.KeyID == "" && len(list) > 1 {
		return nil, errNoKey
	}
	for _, key := range list {
		if key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if payload, err := jws.Verify(key.Key); err == nil {
			return payload, nil
		}
	}
	return nil, errNoKey
}

// find returns the keys with an id, or all for none. They are asked for if there is none
// like it, but not each time that somebody makes one up.
func (k *keys) find(ctx context.Context, id string) ([]jose.JSONWebKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.remote.now()
	found := k.named(id)
	fresh := !k.fetched.IsZero() && now.Sub(k.fetched) < keysAge
	if fresh && len(found) > 0 {
		return found, nil
	}
	pause := keysPause
	if k.fetched.IsZero() {
		pause = retryAfter
	}
	if !k.tried.IsZero() && now.Sub(k.tried) < pause {
		return k.usable(found, now)
	}
	// For all who wait for it, so it does not end with one who has gone.
	list, err := k.fetch(context.WithoutCancel(ctx))
	if err == nil {
		k.list, k.fetched, k.tried = list, now, now
		return k.usable(k.named(id), now)
	}
	k.tried = k.remote.now() // from its end: those who have waited need not wait again
	if found, uerr := k.usable(found, now); uerr == nil {
		return found, nil
	}
	return nil, err
}

func (k *keys) usable(found []jose.JSONWebKey, now time.Time) ([]jose.JSONWebKey, error) {
	if len(found) == 0 || now.Sub(k.fetched) > keysStale {
		return nil, errNoKey
	}
	return found, nil
}

func (k *keys) named(id string) []jose.JSONWebKey {
	if id == "" {
		return k.list
	}
	var found []jose.JSONWebKey
	for _, key := range k.list {
		if key.KeyID == id {
			found = append(found, key)
		}
	}
	return found
}

func (k *keys) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	m, err := k.remote.describe(ctx)
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := getJSON(ctx, k.remote.client, "", m.JWKSURL, &set); err != nil {
		return nil, err
	}
	var list []jose.JSONWebKey
	for _, raw := range set.Keys[:min(len(set.Keys), maxKeys)] {
		var key jose.JSONWebKey
		// Kinds of keys that nobody here knows are not for us (RFC 7517, section 5); a
		// symmetric one is for nobody.
		if json.Unmarshal(raw, &key) != nil || !key.Valid() || !key.IsPublic() || key.Use != "" && key.Use != "sig" || isHuge(key) {
			continue
		}
		list = append(list, key)
	}
	if len(list) == 0 {
		return nil, errors.New("the provider publishes no key that could be used")
	}
	return list, nil
}

// isHuge tells whether an RSA key would keep a processor busy for minutes: a MiB holds one
// of millions of bits. Twice the most that crypto/tls takes is far more than anybody uses.
func isHuge(key jose.JSONWebKey) bool {
	public, ok := key.Key.(*rsa.PublicKey)
	return ok && public.N.BitLen() > maxKeyBits
}

const maxKeyBits = 16384
