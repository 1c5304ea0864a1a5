package auth

import (
	"context"
	"encoding/json"
	"time"

	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/internal/clientip"
)

// maxPurpose is how long the name of a ceremony may be, with its provider's.
const maxPurpose = 32

// ceremony is what Begin stores, sealed; its version comes first.
type ceremony struct {
	Version int             `json:"version"`
	Data    json.RawMessage `json:"data"`
}

// Begin writes the server's half of something that the client completes in another
// request: a state, a challenge. name tells the provider's ceremonies apart. data is
// encoded as JSON and sealed. The flow that it returns belongs to the client that asked.
// Too many from one address are a [RetryError].
func (k Kit) Begin(ctx context.Context, c Client, name string, data any, lifetime time.Duration) (flow string, err error) {
	if k.a == nil {
		return "", ErrNotMounted
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(ceremony{Version: 1, Data: raw})
	if err != nil {
		return "", err
	}
	if err := k.countCeremony(ctx, c, name); err != nil {
		return "", err
	}
	err = k.a.atomically(ctx, c, Event{}, func(ctx context.Context, tx *Tx) error {
		flow, err = tx.challenge(ctx, k.purpose(name), "", plain, lifetime)
		return err
	})
	return flow, err
}

// Take ends a ceremony that waits in one of the client's flows, and returns its flow: the
// newest for which match, given the data, is true. It has ended when Take returns,
// whatever comes of it afterwards; of any number of calls at once one gets it.
// ErrInvalidToken is one that is not there, has expired, or is another client's.
func (k Kit) Take(ctx context.Context, c Client, name string, match func(data json.RawMessage) bool) (flow string, err error) {
	if k.a == nil {
		return "", ErrNotMounted
	}
	rows, flows, err := k.a.challengesOf(ctx, k.a.client, k.purpose(name), c)
	if err != nil {
		return "", err
	}
	for _, row := range rows {
		plain, err := k.a.openChallenge(row)
		if err != nil {
			continue
		}
		var stored ceremony
		if json.Unmarshal(plain, &stored) != nil || stored.Version != 1 || !match(stored.Data) {
			continue
		}
		n, err := k.a.client.Challenge.Delete().
			Where(challenge.ID(row.ID), challenge.ExpiresAtGT(k.a.now())).
			Exec(ctx)
		switch {
		case err != nil:
			return "", err
		case n != 1:
			return "", ErrInvalidToken
		}
		return flows[[32]byte(row.FlowHash)], nil
	}
	return "", ErrInvalidToken
}

// countCeremony counts one of the client's address. Each name has a counter of its own:
// what pages begin by themselves, when they are opened, keeps nobody from a step-up.
func (k Kit) countCeremony(ctx context.Context, c Client, name string) error {
	if !c.IP.IsValid() {
		return nil
	}
	return k.a.limits.countWindow(context.WithoutCancel(ctx), "f:"+k.purpose(name)+":"+clientip.Bucket(c.IP), ipCeremonies)
}

func (k Kit) purpose(name string) string {
	p := k.provider + ":" + name
	return p[:min(len(p), maxPurpose)]
}
