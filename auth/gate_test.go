package auth_test

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"
)

// gate is a driver that makes a race happen: it holds back the updates of a table until
// so many have read it, and counts the rows that were updated.
type gate struct {
	dialect.Driver
	table string // the statements that it looks at,
	key   string // which have an argument that begins so

	written atomic.Int64
	readers atomic.Int64 // still to come
	open    chan struct{}
}

// hold closes the gate until n have read. Nobody reads or writes meanwhile.
func (g *gate) hold(n int) {
	g.readers.Store(int64(n))
	g.open = make(chan struct{})
}

func (g *gate) concerns(query string, args any) bool {
	if !strings.Contains(query, g.table) {
		return false
	}
	list, _ := args.([]any)
	for _, a := range list {
		if strings.HasPrefix(fmt.Sprint(a), g.key) {
			return true
		}
	}
	return g.key == ""
}

func (g *gate) Query(ctx context.Context, query string, args, v any) error {
	err := g.Driver.Query(ctx, query, args, v)
	if g.concerns(query, args) && g.readers.Add(-1) == 0 {
		close(g.open)
	}
	return err
}

func (g *gate) Exec(ctx context.Context, query string, args, v any) error {
	update := strings.HasPrefix(query, "UPDATE") && g.concerns(query, args)
	if update && g.open != nil {
		select {
		case <-g.open:
		case <-time.After(10 * time.Second): // the readers never came; the test says so, and does not hang
		}
	}
	err := g.Driver.Exec(ctx, query, args, v)
	if res, ok := v.(*stdsql.Result); ok && err == nil && update {
		n, _ := (*res).RowsAffected() // all three drivers know
		g.written.Add(n)
	}
	return err
}

// BeginTx is what the generated client looks for beside dialect.Driver.
func (g *gate) BeginTx(ctx context.Context, opts *stdsql.TxOptions) (dialect.Tx, error) {
	return g.Driver.(interface {
		BeginTx(context.Context, *stdsql.TxOptions) (dialect.Tx, error)
	}).BeginTx(ctx, opts)
}
