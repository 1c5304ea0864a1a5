package ent

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"time"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/ent/magictoken"
	"github.com/torii-go/torii/ent/outbox"
	"github.com/torii-go/torii/ent/ratelimit"
	"github.com/torii-go/torii/ent/session"
)

// This file is written by hand: Ent's Delete has no limit, and a clean-up that deletes
// everything at once stops every sign-in for seconds.

// DeleteExpired deletes at most limit sessions that expired before t.
func (c *SessionClient) DeleteExpired(ctx context.Context, t time.Time, limit int) (int, error) {
	return c.deleteExpired(ctx, session.Table, session.FieldExpiresAt, t, limit)
}

// DeleteExpired deletes at most limit challenges that expired before t.
func (c *ChallengeClient) DeleteExpired(ctx context.Context, t time.Time, limit int) (int, error) {
	return c.deleteExpired(ctx, challenge.Table, challenge.FieldExpiresAt, t, limit)
}

// DeleteExpired deletes at most limit tokens that expired before t.
func (c *MagicTokenClient) DeleteExpired(ctx context.Context, t time.Time, limit int) (int, error) {
	return c.deleteExpired(ctx, magictoken.Table, magictoken.FieldExpiresAt, t, limit)
}

// DeleteExpired deletes at most limit counters that expired before t.
func (c *RateLimitClient) DeleteExpired(ctx context.Context, t time.Time, limit int) (int, error) {
	return c.deleteExpired(ctx, ratelimit.Table, ratelimit.FieldExpiresAt, t, limit)
}

// DeleteExpired deletes at most limit mails that were not sent before t, and are of no
// use any more.
func (c *OutboxClient) DeleteExpired(ctx context.Context, t time.Time, limit int) (int, error) {
	return c.deleteExpired(ctx, outbox.Table, outbox.FieldExpiresAt, t, limit)
}

// deleteExpired names rows by what each database finds fastest, and on PostgreSQL skips
// those that a request is using: selecting ids first is many times slower there.
func (c config) deleteExpired(ctx context.Context, table, column string, t time.Time, limit int) (int, error) {
	var query string
	switch d := c.driver.Dialect(); d {
	case dialect.Postgres:
		query = fmt.Sprintf(`DELETE FROM %[1]q WHERE ctid = ANY(ARRAY(SELECT ctid FROM %[1]q WHERE %[2]q < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))`, table, column)
	case dialect.MySQL:
		query = fmt.Sprintf("DELETE FROM `%s` WHERE `%s` < ? LIMIT ?", table, column)
	default:
		query = fmt.Sprintf(`DELETE FROM %[1]q WHERE rowid IN (SELECT rowid FROM %[1]q WHERE %[2]q < ? LIMIT ?)`, table, column)
	}
	var res stdsql.Result
	if err := c.driver.Exec(ctx, query, []any{t.UTC(), limit}, &res); err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}
