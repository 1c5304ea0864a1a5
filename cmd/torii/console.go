package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// console is what a command talks to.
type console struct {
	stdout, stderr io.Writer
	getenv         func(string) string
	words          []string // of the command that runs: "torii", "migrate", "up"
	secrets        []string // in no error
}

// say prints a line for people and scripts. It is of our own making and holds nothing
// that a server or a driver has said.
func (c *console) say(format string, args ...any) { fmt.Fprintf(c.stdout, format+"\n", args...) }

// hide keeps what is secret of a DSN out of every error. What is no DSN has nothing
// to hide.
func (c *console) hide(dsn string) { c.secrets = append(c.secrets, secretsOf(dsn)...) }

func (c *console) clean(text string) string {
	for _, s := range c.secrets {
		text = strings.ReplaceAll(text, s, "xxxxx")
	}
	return text
}

// report tells an error and returns the exit code that goes with it.
func (c *console) report(err error) int {
	if code, ok := err.(told); ok {
		return int(code)
	}
	var wrong mistake
	switch name := strings.Join(c.words, " "); {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(c.stderr, "%s: %s.\n%s -h says more.\n", name, strings.TrimSuffix(c.clean(err.Error()), "."), name)
		return exitMistake
	default:
		fmt.Fprintf(c.stderr, "%s: %s\n", name, c.clean(err.Error()))
		return exitError
	}
}

// closing adds what goes wrong at the end of a function to its error.
func closing(err *error, closer func() error) {
	if e := closer(); e != nil {
		*err = errors.Join(*err, e)
	}
}
