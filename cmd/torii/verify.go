package main

import (
	"context"
	"errors"

	"github.com/torii-go/torii/migrate"
)

const aboutVerify = `
Says what the database lacks of this release's schema, and what is in it that Torii's
writes would fail on: one line for each, and exit code 1. It changes nothing.`

func verify(ctx context.Context, c *console, args []string) (err error) {
	var d database
	fs := c.flags(aboutVerify)
	d.register(fs)
	if err := c.parse(fs, args); err != nil {
		return err
	}
	client, err := d.open(ctx, c, true)
	if err != nil {
		return err
	}
	defer closing(&err, client.Close)

	err = d.schema.verify(ctx, client)
	var found *migrate.VerifyError
	if errors.As(err, &found) {
		for _, f := range found.Findings {
			c.say("%s", f)
		}
		return told(exitError)
	}
	if err != nil {
		return err
	}
	// Everything is there. Whether auth_meta says so too, the plan knows.
	todo, err := migrate.Plan(ctx, client)
	if err != nil {
		return err
	}
	if todo != "" {
		c.say("auth_meta does not record everything that is there: run torii migrate up, or apply the SQL of torii migrate plan")
		return told(exitError)
	}
	c.say("The database fits this release.")
	return nil
}
