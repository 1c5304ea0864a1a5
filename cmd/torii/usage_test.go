package main

import (
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	diff := func(more ...string) []string { return append([]string{"migrate", "diff", "-dir", dir}, more...) }
	for _, row := range []struct {
		name, want string
		args       []string
	}{
		{"no command", "say which command: migrate", nil},
		{"half a command", "up, plan, verify, diff", []string{"migrate"}},
		{"an unknown command", `no command "mirgate"`, []string{"mirgate", "up"}},
		{"an unknown flag", "-dns", []string{"migrate", "up", "-dns", "x"}},
		{"a flag without its value", "needs an argument", []string{"migrate", "up", "-dsn"}},
		{"something without a flag", `"app.db" is too much`, []string{"migrate", "up", "app.db"}},
		{"no database", "name the database: -dsn", []string{"migrate", "up"}},
		{"no folder", "name the folder", []string{"migrate", "diff"}},
		{"no format", "-format atlas", diff("-dialect", "sqlite")},
		{"an unknown format", `"flyway" is none of`, diff("-dialect", "sqlite", "-format", "flyway")},
		{"no dialect", "-dialect", diff("-format", "goose")},
		{"an unknown dialect", `"oracle" is none of`, diff("-format", "goose", "-dialect", "oracle")},
		{"no database for the files", "name an EMPTY database", diff("-format", "goose", "-dialect", "mysql")},
		{"one that is not needed", "SQLite needs none", diff("-format", "goose", "-dialect", "sqlite", "-dev", "sqlite:x.db")},
		{"a name that is a path", "-name", diff("-format", "goose", "-dialect", "sqlite", "-name", "../x")},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := program(t, row.args...)
			got.fails(t, exitMistake, row.want)
			if got.stdout != "" || !strings.Contains(got.stderr, " -h says more.\n") {
				t.Errorf("stdout %q, stderr %q", got.stdout, got.stderr)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	for args, want := range map[string]string{
		"-h":                  "migrate  create or extend",
		"migrate -h":          "torii migrate COMMAND",
		"migrate help":        "verify   say what",
		"migrate up -h":       "-dsn URL",
		"migrate plan --help": "-exit-code",
		"migrate verify -h":   "-sessions-only",
		"migrate diff -h":     "An empty database",
	} {
		got := program(t, strings.Fields(args)...)
		if got.code != 0 || got.stderr != "" || !strings.Contains(strings.ToLower(got.stdout), strings.ToLower(want)) {
			t.Errorf("torii %s: exit code %d, want %q in:\n%s%s", args, got.code, want, got.stdout, got.stderr)
		}
	}
	// What the environment holds is not shown as a default.
	got := program(t, databaseURL+"=postgres://u:hush4711@h/d", "migrate", "up", "-h")
	if strings.Contains(got.stdout, "hush4711") {
		t.Error("the usage shows the password")
	}
}

func TestPasswordsAreInNoMessage(t *testing.T) {
	const secret = "hush4711"
	for _, row := range []struct{ name, dsn string }{
		{"a server that is not there", "postgres://u:hush4711@127.0.0.1:1/d"},
		{"MySQL that is not there", "mysql://u:hush4711@127.0.0.1:1/d"},
		{"a host that is not", "postgres://u:hush4711@no.invalid/d"},
		{"a slash in the password", "postgres://u:12/hush4711@127.0.0.1:1/d"},
		{"a number sign in the password", "mysql://u:12#hush4711@127.0.0.1:1/d"},
		{"an at sign in the password", "postgres://u:hush4711@x@127.0.0.1:1/d"},
		{"an escaped password", "postgres://u:%68ush4711@127.0.0.1:1/d"},
		{"an unknown scheme", "oracle://u:hush4711@h/d"},
		{"the driver's own form, without the driver", "u:hush4711@tcp(127.0.0.1:1)/d"},
		{"a parameter", "postgres://127.0.0.1:1/d?user=u&password=hush4711&binary_parameters=no"},
		{"key=value", "host=127.0.0.1 port=1 password='hush4711'"},
	} {
		t.Run(row.name, func(t *testing.T) {
			diff := []string{"migrate", "diff", "-dialect", "postgres", "-format", "goose", "-dir", t.TempDir()}
			for _, args := range [][]string{
				{"migrate", "up", "-dsn", row.dsn},
				{"migrate", "up", "-dsn=" + row.dsn},
				{"migrate", "plan", "-driver", "postgres", "-dsn", row.dsn},
				{"migrate", "verify", "-driver", "mysql", "-dsn", row.dsn},
				{databaseURL + "=" + row.dsn, "migrate", "up"},
				append(diff, "-dev", row.dsn),
				{"migrate", "up", row.dsn}, {"migrate", row.dsn}, {row.dsn}, {"-" + row.dsn},
				{"migrate", "up", "-driver", row.dsn, "-dsn", "x"},
			} {
				got := program(t, args...)
				if got.code == 0 || got.stderr == "" || strings.Contains(got.stdout+got.stderr, secret) {
					t.Errorf("%q: exit code %d\n%s%s", args, got.code, got.stdout, got.stderr)
				}
			}
		})
	}
}

// The package comment shows a sitting. It is held here, but for times.
func TestTranscript(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	digits := regexp.MustCompile(`\b\d{14}_`)
	var command, want string
	commands := 0
	check := func() {
		args := strings.Fields(command)
		switch {
		case len(args) == 2 && args[0] == "mkdir":
			if err := os.Mkdir(args[1], 0o755); err != nil {
				t.Fatal(err)
			}
		case len(args) > 1 && args[0] == "torii":
			commands++
			got := program(t, args[1:]...)
			if said := digits.ReplaceAllString(got.stdout+got.stderr, "20260102150405_"); said != want {
				t.Errorf("%s\ngot  %q\nwant %q", command, said, want)
			}
		case command != "":
			t.Fatalf("what is %q?", command)
		}
	}
	for line := range strings.Lines(f.Doc.Text()) {
		line, ok := strings.CutPrefix(line, "\t")
		switch next, isCommand := strings.CutPrefix(line, "$ "); {
		case ok && isCommand:
			check()
			command, want = strings.TrimSpace(next), ""
		case ok && command != "":
			want += line
		case command != "":
			check()
			command = ""
		}
	}
	if commands < 5 {
		t.Errorf("found %d commands in the package comment", commands)
	}
}
