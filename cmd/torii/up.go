package main

import (
	"context"

	"github.com/torii-go/torii/migrate"
)

const aboutUp = `
Creates Torii's tables, or adds to them what they lack, and verifies the result: what
migrate.Open does when an application starts. It never drops or changes anything, waits
for others that migrate, and does nothing when there is nothing to do.`

func up(ctx context.Context, c *console, args []string) (err error) {
	var d database
	fs := c.flags(aboutUp)
	d.register(fs)
	if err := c.parse(fs, args); err != nil {
		return err
	}
	client, err := d.open(ctx, c, false)
	if err != nil {
		return err
	}
	defer closing(&err, client.Close)
	todo, err := migrate.Plan(ctx, client)
	if err != nil {
		return err
	}
	// Also with nothing to do: another may be at it, and Up waits for it.
	if err := migrate.Up(ctx, client); err != nil {
		return err
	}
	if err := d.schema.verify(ctx, client); err != nil {
		return err
	}
	if todo == "" {
		c.say("Nothing to do: the database fits this release.")
	} else {
		c.say("Done: the database fits this release.")
	}
	return nil
}
