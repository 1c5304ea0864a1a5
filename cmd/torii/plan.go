package main

import (
	"context"
	"fmt"

	"github.com/torii-go/torii/migrate"
)

const aboutPlan = `
Prints the SQL that torii migrate up would run, nothing if none, and changes nothing.
Somebody who may change the schema can run it in place of up.`

func plan(ctx context.Context, c *console, args []string) (err error) {
	var d database
	fs := c.flags(aboutPlan)
	d.register(fs)
	exit := fs.Bool("exit-code", false, "end with 2 if there is something to do")
	if err := c.parse(fs, args); err != nil {
		return err
	}
	client, err := d.open(ctx, c, true)
	if err != nil {
		return err
	}
	defer closing(&err, client.Close)
	todo, err := migrate.Plan(ctx, client)
	if err != nil {
		return err
	}
	fmt.Fprint(c.stdout, todo)
	if *exit && todo != "" {
		return told(exitPending)
	}
	return nil
}
