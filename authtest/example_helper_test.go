package authtest_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
)

// standIn is the *testing.T that an example does not have.
type standIn struct {
	testing.TB
	cleanups []func()
}

func (*standIn) Helper()                   {}
func (*standIn) Context() context.Context  { return context.Background() }
func (*standIn) Errorf(f string, a ...any) { fmt.Printf(f+"\n", a...) }
func (*standIn) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
func (*standIn) Fatal(a ...any)            { panic(fmt.Sprint(a...)) }
func (s *standIn) Cleanup(f func())        { s.cleanups = append(s.cleanups, f) }

func (s *standIn) TempDir() string {
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		panic(err)
	}
	s.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// done is the end of the test.
func (s *standIn) done() {
	for _, f := range slices.Backward(s.cleanups) {
		f()
	}
}
