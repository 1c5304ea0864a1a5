package migrate_test

import (
	"runtime"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// The look-up behind every authenticated request, with and without kept statements:
// one caller after another, and sixteen at once.
func BenchmarkByTokenHash(b *testing.B) {
	for _, name := range testdb.Names() {
		db := testdb.New(b, name)
		for _, row := range []struct {
			name string
			opts []migrate.Option
		}{
			{"kept", nil},
			{"text", []migrate.Option{migrate.SkipStatementCache()}},
		} {
			client := open(b, db, row.opts...)
			hash := make([]byte, 32)
			if row.opts == nil {
				hash = addSession(b, client, 0)
			}
			look := func(b *testing.B) {
				if _, err := client.Session.ByTokenHash(b.Context(), hash); err != nil {
					b.Error(err)
				}
			}
			b.Run(name+"/"+row.name+"/one", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					look(b)
				}
			})
			b.Run(name+"/"+row.name+"/sixteen", func(b *testing.B) {
				b.SetParallelism(max(16/runtime.GOMAXPROCS(0), 1))
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						look(b)
					}
				})
			})
		}
	}
}
