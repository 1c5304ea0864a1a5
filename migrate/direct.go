package migrate

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// A prepared statement lives in one session of the server. A pooler that hands
// sessions round by transaction (PgBouncer) lets two clients prepare under one name,
// and one of them then reads the rows of the other's query. So on PostgreSQL
// statements are kept only while EVERY connection has proved that nothing stands
// between: it is opened with a start-up option that no pooler knows, a value of its
// own, and asks for it back.

// gate lets kept statements through until a connection fails the proof.
type gate struct {
	shut   atomic.Bool
	inside atomic.Int64
}

// enter reports whether a kept statement may run; whoever it lets in must leave. A nil
// gate lets everybody in.
func (g *gate) enter() bool {
	if g == nil {
		return true
	}
	g.inside.Add(1)
	if g.shut.Load() {
		g.inside.Add(-1)
		return false
	}
	return true
}

func (g *gate) leave() {
	if g != nil {
		g.inside.Add(-1)
	}
}

// drained waits a moment until nothing is inside a gate that has been shut.
func (g *gate) drained() bool {
	for range 50 {
		if g.inside.Load() == 0 {
			return true
		}
		time.Sleep(2 * time.Millisecond)
	}
	return false
}

// direct opens connections that prove themselves.
type direct struct {
	*gate
	driver string
	dsn    func(value string) string // with the option set to a value
}

// connect opens a connection that has proved itself, or shuts the gate and opens an
// ordinary one. What is inside the gate by then could be what the connection is for, so
// it must come out first; database/sql takes ErrBadConn for a reason to try again.
func (d *direct) connect(ctx context.Context, plain driver.Connector) (driver.Conn, error) {
	if !d.shut.Load() {
		conn, err := d.prove(ctx)
		if conn != nil || err != nil {
			return conn, err
		}
		d.shut.Store(true)
	}
	if !d.drained() {
		return nil, driver.ErrBadConn
	}
	return plain.Connect(ctx)
}

// prove returns a connection that is direct. It returns nothing, and no error, if the
// server refuses the option, does not know it, or says another value.
func (d *direct) prove(ctx context.Context) (driver.Conn, error) {
	value := rand.Text()
	base, err := baseConnector(d.driver, d.dsn(value))
	if err != nil {
		return nil, err
	}
	conn, err := base.Connect(ctx)
	if err != nil {
		if mayRefuseOption(err) {
			return nil, nil
		}
		return nil, err
	}
	if got, err := askDirect(ctx, conn); err != nil || got != value {
		_ = conn.Close() // it may be broken, which the ordinary one will tell
		return nil, ctx.Err()
	}
	return conn, nil
}

func askDirect(ctx context.Context, conn driver.Conn) (string, error) {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return "", errors.New("migrate: the driver's connections have no QueryContext")
	}
	rows, err := q.QueryContext(ctx, "SELECT current_setting('torii.direct', true)", nil)
	if err != nil {
		return "", err
	}
	row := make([]driver.Value, 1)
	if err := errors.Join(rows.Next(row), rows.Close()); err != nil {
		return "", err
	}
	switch v := row[0].(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	return "", nil // NULL: the option has not arrived
}

// mayRefuseOption reports whether a connection could have failed because of the
// option. PgBouncer says 08P01 "unsupported startup parameter"; others say something
// else, or hang up. What an account, a database or a server says about itself is none
// of it, nor is a server that is not there.
func mayRefuseOption(err error) bool {
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) && len(coded.SQLState()) == 5 {
		switch coded.SQLState()[:2] {
		case "28", "3D", "53", "57":
			return false
		}
		return true
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return false
	}
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() {
		return false
	}
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}
