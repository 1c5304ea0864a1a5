package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	// The drivers register themselves under the names that migrate.Open knows.
	_ "github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq"
	_ "github.com/mattn/go-sqlite3"
)

// torii are all commands. Those to come stand beside migrate.
var torii = command{
	name: "torii",
	sub: []command{
		{name: "migrate", about: "create or extend Torii's tables, or write SQL files that do", sub: []command{
			{name: "up", about: "create Torii's tables, or add what they lack", run: up},
			{name: "plan", about: "print the SQL that up would run", run: plan},
			{name: "verify", about: "say what the database lacks, and change nothing", run: verify},
			{name: "diff", about: "write the next versioned SQL file of a folder", run: diff},
		}},
	},
}

func main() {
	// The first signal ends the work in order, a second one at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
}

// run is the program without its process: args are those after its name.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) int {
	c := &console{stdout: stdout, stderr: stderr, getenv: getenv}
	c.hide(getenv(databaseURL))
	for _, arg := range args {
		c.hide(arg)
	}
	return c.report(torii.dispatch(ctx, c, args))
}
