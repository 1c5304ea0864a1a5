package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	const stream = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"run","Package":"p","Test":"TestA/sqlite3"}
{"Action":"output","Package":"p","Test":"TestA/sqlite3","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA/sqlite3"}
{"Action":"run","Package":"p","Test":"TestA/postgres"}
{"Action":"output","Package":"p","Test":"TestA/postgres","Output":"    a_test.go:1: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestA/postgres"}
{"Action":"run","Package":"p","Test":"TestA/mysql"}
{"Action":"output","Package":"p","Test":"TestA/mysql","Output":"    install mariadb-server\n"}
{"Action":"skip","Package":"p","Test":"TestA/mysql"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}
{"ImportPath":"q [q.test]","Action":"build-output","Output":"q.go:1: syntax error\n"}
{"ImportPath":"q [q.test]","Action":"build-fail"}
{"Action":"fail","Package":"q","FailedBuild":"q [q.test]"}
not JSON at all
{"Action":"run","Package":"r","Test":"TestHang"}
{"Action":"output","Package":"r","Test":"TestHang","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"r"}`
	out, ok := render(stream)
	if ok {
		t.Error("failures are reported as success")
	}
	for _, want := range []string{
		"*** FAILED p TestA/postgres\n    a_test.go:1: got 1, want 2\n",
		"*** SKIPPED p TestA/mysql\n    install mariadb-server\n",
		"***   p TestA/mysql\n",
		"FAIL\tp\t0.1s\n",
		"q.go:1: syntax error\n",
		"***   q (does not build)\n",
		"not JSON at all\n",
		"panic: test timed out\n",
		"sqlite3             1        0        0\n",
		"postgres            0        1        0\n",
		"mysql               0        0        1\n",
		"no database         0        3        0\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "chatter") {
		t.Errorf("the report repeats what a passing test said:\n%s", out)
	}
	if want := "\n1 passed, 4 failed, 1 skipped\n"; !strings.HasSuffix(out, want) {
		t.Errorf("the report does not end with %q:\n%s", want, out)
	}
}

func TestReportVerdict(t *testing.T) {
	for _, row := range []struct {
		name, stream string
		want         bool
	}{
		{"a pass is a success", `{"Action":"pass","Package":"p","Test":"TestA"}`, true},
		{"no test at all is no success", `{"Action":"pass","Package":"p"}`, false},
		{"a package that fails outside of its tests is a failure", `{"Action":"fail","Package":"p"}`, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if out, got := render(row.stream); got != row.want {
				t.Errorf("got %v, want %v:\n%s", got, row.want, out)
			}
		})
	}
}

func TestReportOfWhatWasNotToBeHad(t *testing.T) {
	var out strings.Builder
	r := newReport(&out)
	r.untested = "*** NOT TESTED on Oracle MySQL: no mirror"
	r.Write([]byte(`{"Action":"pass","Package":"p","Test":"TestA/mysql"}`))
	if !r.summary() || strings.Count(out.String(), r.untested) != 1 || !strings.HasSuffix(out.String(), "1 passed, 0 failed, 0 skipped\n") {
		t.Errorf("want one line about it, and a success:\n%s", out.String())
	}
}

// render reports the stream in pieces that do not respect lines.
func render(stream string) (string, bool) {
	var out strings.Builder
	r := newReport(&out)
	for len(stream) > 0 {
		n := min(7, len(stream))
		r.Write([]byte(stream[:n]))
		stream = stream[n:]
	}
	ok := r.summary()
	return out.String(), ok
}
