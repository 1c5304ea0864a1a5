package authtest_test

import (
	// authtest brings no driver; a test chooses its own.
	_ "github.com/mattn/go-sqlite3"
)
