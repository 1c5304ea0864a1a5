package migrate

import (
	"database/sql"
	"database/sql/driver"
	"reflect"
	"time"
)

// SQLite compares times as text, zone included: with a clock in another zone an
// expired session would be found valid. PostgreSQL and MySQL keep microseconds, which
// some drivers round and others cut. So every time that is sent is UTC and cut to
// microseconds, here, where nobody can forget it.

func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// utcArgs returns args with every time in UTC. It copies before it changes: the slice
// belongs to the caller.
func utcArgs(args []any) []any {
	out := args
	for i, a := range args {
		v, changed := utcArg(a)
		if !changed {
			continue
		}
		if &out[0] == &args[0] {
			out = append([]any(nil), args...)
		}
		out[i] = v
	}
	return out
}

func utcArg(a any) (any, bool) {
	switch a := a.(type) {
	case nil, string, []byte, int, int64, bool:
		return nil, false
	case time.Time:
		return utc(a), true
	case *time.Time:
		if a == nil {
			return nil, false
		}
		return utc(*a), true
	case sql.NamedArg:
		v, changed := utcArg(a.Value)
		return sql.Named(a.Name, v), changed
	case driver.Valuer: // sql.NullTime, sql.Null[time.Time], a host's own types
		if v := reflect.ValueOf(a); v.Kind() == reflect.Pointer && v.IsNil() {
			return nil, false // database/sql knows what to do with it
		}
		v, err := a.Value()
		if t, ok := v.(time.Time); ok && err == nil {
			return utc(t), true
		}
	}
	return nil, false
}
