package migrate_test

import (
	"testing"

	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// What a start costs: the first one, and each later one with nothing to do.
func BenchmarkStart(b *testing.B) {
	for _, name := range testdb.Dialects() {
		b.Run(name+"/first", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				db := testdb.New(b, name)
				b.StartTimer()
				open(b, db)
			}
		})
		b.Run(name+"/later", func(b *testing.B) {
			db := testdb.New(b, name)
			open(b, db)
			for b.Loop() {
				client, err := migrate.Open(b.Context(), db.Driver, db.DSN)
				if err != nil {
					b.Fatal(err)
				}
				client.Close()
			}
		})
		b.Run(name+"/Up", func(b *testing.B) {
			client := open(b, testdb.New(b, name))
			for b.Loop() {
				if err := migrate.Up(b.Context(), client); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
