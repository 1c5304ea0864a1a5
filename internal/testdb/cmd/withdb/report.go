package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

const noDatabase = "no database"

// groups are the rows of the table: the components of a test's name that say which
// database it ran on, and the rest.
var groups = []string{"sqlite3", "postgres", "mysql", "mysql9", noDatabase}

// event is one line of go test -json; see go doc test2json.
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Output      string
	FailedBuild string
}

// testID is one test or subtest, or with an empty name a package as a whole.
type testID struct{ pkg, name string }

// report reads go test -json and writes what a reader wants to see.
type report struct {
	out     io.Writer
	partial []byte                      // of a line that has not ended yet
	open    map[testID]*strings.Builder // output of the tests that run
	failed  map[string]bool             // packages in which a test has failed
	counts  map[string]*count           // by group
	skips   []string
	fails   []string
	// untested is a line about a database that was not to be had.
	untested string
}

type count struct{ passed, failed, skipped int }

func newReport(out io.Writer) *report {
	r := &report{out: out, open: map[testID]*strings.Builder{}, failed: map[string]bool{}, counts: map[string]*count{}}
	for _, g := range groups {
		r.counts[g] = &count{}
	}
	return r
}

// Write takes the output of go test -json, in pieces of any size.
func (r *report) Write(p []byte) (int, error) {
	r.partial = append(r.partial, p...)
	for {
		line, rest, ok := bytes.Cut(r.partial, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		r.line(line)
		r.partial = rest
	}
}

func (r *report) line(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil || e.Action == "" {
		fmt.Fprintf(r.out, "%s\n", line)
		return
	}
	id := testID{e.Package, e.Test}
	switch {
	case e.Action == "build-output":
		fmt.Fprint(r.out, e.Output)
	case e.Test == "":
		r.packageEvent(e)
	case e.Action == "run":
		r.open[id] = &strings.Builder{}
	case e.Action == "output":
		if b := r.open[id]; b != nil && !strings.HasPrefix(e.Output, "=== ") {
			b.WriteString(e.Output)
		}
	case e.Action == "pass", e.Action == "fail", e.Action == "skip":
		r.end(id, e.Action)
	}
}

func (r *report) packageEvent(e event) {
	switch e.Action {
	case "output":
		if e.Output != "PASS\n" && e.Output != "FAIL\n" && !strings.HasPrefix(e.Output, "=== ") {
			fmt.Fprint(r.out, e.Output)
		}
	case "fail":
		// A panic, a timeout or an exit leaves tests that never ended.
		for _, id := range slices.SortedFunc(maps.Keys(r.open), func(a, b testID) int { return strings.Compare(a.name, b.name) }) {
			if id.pkg == e.Package {
				r.end(id, "fail")
			}
		}
		if !r.failed[e.Package] {
			what := "(outside of its tests)"
			if e.FailedBuild != "" {
				what = "(does not build)"
			}
			r.counts[noDatabase].failed++
			r.fails = append(r.fails, e.Package+" "+what)
		}
	}
}

// end counts a test and forgets it, after printing what it said if it failed.
func (r *report) end(id testID, action string) {
	c := r.counts[group(id.name)]
	name := id.pkg + " " + id.name
	switch action {
	case "pass":
		c.passed++
	case "skip":
		c.skipped++
		r.skips = append(r.skips, name)
	case "fail":
		c.failed++
		r.failed[id.pkg] = true
		r.fails = append(r.fails, name)
		fmt.Fprintf(r.out, "\n*** FAILED %s\n", name)
	}
	if b := r.open[id]; b != nil && action != "pass" {
		if action == "skip" {
			fmt.Fprintf(r.out, "\n*** SKIPPED %s\n", name)
		}
		fmt.Fprint(r.out, b.String())
	}
	delete(r.open, id)
}

// group returns the row in which a test is counted.
func group(test string) string {
	for _, component := range strings.Split(test, "/")[1:] {
		if slices.Contains(groups, component) {
			return component
		}
	}
	return noDatabase
}

// summary prints the end of the report, and reports whether tests ran and none failed.
func (r *report) summary() bool {
	if len(r.partial) > 0 {
		r.line(r.partial)
		r.partial = nil
	}
	list(r.out, "SKIPPED", r.skips)
	list(r.out, "FAILED", r.fails)
	var all count
	fmt.Fprintf(r.out, "\n%-12s %8s %8s %8s\n", "", "passed", "failed", "skipped")
	for _, g := range groups {
		c := r.counts[g]
		fmt.Fprintf(r.out, "%-12s %8d %8d %8d\n", g, c.passed, c.failed, c.skipped)
		all.passed += c.passed
		all.failed += c.failed
		all.skipped += c.skipped
	}
	if r.untested != "" {
		fmt.Fprintf(r.out, "\n%s\n", r.untested)
	}
	ran := all != count{}
	if !ran {
		fmt.Fprintln(r.out, "\n*** NO TEST RAN")
	}
	fmt.Fprintf(r.out, "\n%d passed, %d failed, %d skipped\n", all.passed, all.failed, all.skipped)
	return ran && all.failed == 0
}

func list(out io.Writer, title string, names []string) {
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(out, "\n*** %d %s:\n", len(names), title)
	for _, name := range names {
		fmt.Fprintf(out, "***   %s\n", name)
	}
}
