package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
)

// command is one word of the command line: a group of others, or something to run.
type command struct {
	name  string
	about string // one line, for the group's usage
	sub   []command
	run   func(ctx context.Context, c *console, args []string) error
}

// What the process ends with.
const (
	exitError   = 1
	exitPending = 2
	exitMistake = 64 // EX_USAGE of sysexits.h; 2 is taken
)

// told is an error of which everything has been said already.
type told int

// Error is printed only when something else went wrong too.
func (t told) Error() string { return "see above" }

// mistake is an error of the command line.
type mistake string

// Error says what is wrong with it.
func (m mistake) Error() string { return string(m) }

// dispatch follows the words of args to the command that they name.
func (cmd command) dispatch(ctx context.Context, c *console, args []string) error {
	c.words = append(c.words, cmd.name)
	if cmd.run != nil {
		return cmd.run(ctx, c, args)
	}
	if len(args) == 0 {
		return mistake("say which command: " + cmd.names())
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		fmt.Fprint(c.stdout, cmd.usage(strings.Join(c.words, " ")))
		return nil
	}
	for _, sub := range cmd.sub {
		if sub.name == args[0] {
			return sub.dispatch(ctx, c, args[1:])
		}
	}
	return mistake(fmt.Sprintf("there is no command %q; there is %s", args[0], cmd.names()))
}

func (cmd command) names() string {
	var names []string
	for _, sub := range cmd.sub {
		names = append(names, sub.name)
	}
	return strings.Join(names, ", ")
}

func (cmd command) usage(words string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s COMMAND\n\n", words)
	for _, sub := range cmd.sub {
		fmt.Fprintf(&b, "  %-8s %s\n", sub.name, sub.about)
	}
	fmt.Fprintf(&b, "\n%s COMMAND -h says more.\n", words)
	return b.String()
}

// flags returns the flags of the command that runs; about is its usage.
func (c *console) flags(about string) *flag.FlagSet {
	fs := flag.NewFlagSet(strings.Join(c.words, " "), flag.ContinueOnError)
	fs.SetOutput(new(strings.Builder)) // mistakes are told by report
	fs.Usage = func() {
		fmt.Fprintf(c.stdout, "Usage: %s [flags]\n\n%s\n\nFlags:\n", fs.Name(), strings.TrimSpace(about))
		fs.SetOutput(c.stdout)
		fs.PrintDefaults()
	}
	return fs
}

// parse returns a mistake, or flag.ErrHelp when the usage was asked for and printed.
func (c *console) parse(fs *flag.FlagSet, args []string) error {
	help := fs.Usage
	fs.Usage = func() {} // package flag calls it for mistakes too
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		help()
		return err
	case err != nil:
		return mistake(err.Error())
	case fs.NArg() > 0:
		return mistake(fmt.Sprintf("%q is too much: everything is said by flags", fs.Arg(0)))
	}
	return nil
}
