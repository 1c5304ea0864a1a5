package entauth

import (
	"fmt"
	"strings"
)

// findings are all that is wrong with a schema, each with its cure.
type findings []string

func (f *findings) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// err is one error for all of them, or nil.
func (f findings) err() error {
	if len(f) == 0 {
		return nil
	}
	return &SchemaError{Findings: f}
}

// SchemaError says what in an application's Ent schema does not fit Torii's.
type SchemaError struct {
	// Findings are sentences: the place, what is wrong, and the cure.
	Findings []string
}

func (e *SchemaError) Error() string {
	return "entauth: the Ent schema does not fit Torii's:\n- " + strings.Join(e.Findings, "\n- ")
}
