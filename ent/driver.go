package ent

import (
	"entgo.io/ent/dialect"
)

// This file is written by hand; the generated client does not give its driver away.

// Driver returns the driver that the client runs on. Migrations, transactions shared
// with a host and statements that Ent has no builder for start here.
func (c *Client) Driver() dialect.Driver { return c.driver }
