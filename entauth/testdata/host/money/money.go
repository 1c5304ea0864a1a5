// Package money has a type of the host's own.
package money

import "fmt"

// Currency is a code of three letters.
type Currency string

// Validate is called by Ent's validator.
func (c Currency) Validate() error {
	if len(c) != 3 {
		return fmt.Errorf("%q is no currency", string(c))
	}
	return nil
}
