package entauth_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// guide is docs/ent.md: what it has an application write.
type guide struct {
	text  string
	first map[string]string // the files of "Ten minutes", by path
	later map[string]string // those of the other sections
	bits  []string          // Go that is no file
}

var (
	guideBlock = regexp.MustCompile("(?s)```go\n(.*?)```")
	guideFile  = regexp.MustCompile(`^// ([\w/]+\.go)\n+`)
)

func readGuide(t *testing.T) guide {
	t.Helper()
	text, err := os.ReadFile("../docs/ent.md")
	if err != nil {
		t.Fatal(err)
	}
	g := guide{text: string(text), first: map[string]string{}, later: map[string]string{}}
	_, rest, ok := strings.Cut(g.text, "\n## Ten minutes\n")
	begin, rest, more := strings.Cut(rest, "\n## ")
	if !ok || !more {
		t.Fatal("the guide has no ten minutes")
	}
	g.read(t, begin, g.first)
	g.read(t, rest, g.later)
	if len(g.first) != 4 || len(g.later) < 8 || len(g.bits) != 2 {
		t.Fatalf("found %d, %d files and %d bits in the guide", len(g.first), len(g.later), len(g.bits))
	}
	return g
}

// read takes the Go of a part of the page.
func (g *guide) read(t *testing.T, part string, files map[string]string) {
	t.Helper()
	for _, m := range guideBlock.FindAllStringSubmatch(part, -1) {
		name := guideFile.FindStringSubmatch(m[1])
		if name == nil {
			g.bits = append(g.bits, m[1])
			continue
		}
		if files[name[1]] != "" {
			t.Errorf("the guide has %s twice in one part", name[1])
		}
		files[name[1]] = strings.TrimPrefix(m[1], name[0])
	}
}

// added are the lines of code of b that a has not.
func added(a, b string) (lines []string) {
	have := strings.Split(a, "\n")
	for line := range strings.Lines(b) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "//go:") {
			continue
		}
		if i := slices.IndexFunc(have, func(h string) bool { return strings.TrimSpace(h) == line }); i >= 0 {
			have = slices.Delete(have, i, i+1)
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// Whoever follows the guide has a page that knows who is signed in, and then all that
// the other sections promise.
func TestTheGuideIsTrue(t *testing.T) {
	g, p := readGuide(t), newProject(t)
	gets := regexp.MustCompile("(?m)^go get (.*)$").FindAllStringSubmatch(g.text, -1)
	if len(gets) != 2 {
		t.Fatalf("the guide has %q, want one go get at the beginning and one of the command", gets)
	}
	p.begin(t, strings.Fields(gets[0][1]))
	for _, name := range []string{"ent/schema/user.go", "ent/generate.go", "ent/entc.go", "main.go"} {
		lines := added(entNew[name], g.first[name])
		t.Logf("%s: %d lines to write", name, len(lines))
		if n := strings.Count(strings.Join(lines, "\n"), "torii"); name == "ent/schema/user.go" && n != 4 {
			t.Errorf("%d words \"torii\" in the schema, want those of an import and a mixin: %q", n, lines)
		}
	}
	const account = `"email":"ada@example.org","password":"a long and lovely password"`
	for _, said := range []string{"go run -mod=mod entgo.io/ent/cmd/ent new User\n", "go generate ./ent\n", "'{" + account + "}'", "You are ada@example.org.\n"} {
		if !strings.Contains(g.text, said) {
			t.Errorf("the guide does not say %q, and this test does it", said)
		}
	}
	p.put(t, g.first)
	p.must(t, "generate", "./ent")
	stop := p.serve(t)
	ada := newJar(t)
	p.want(t, ada, "GET", "/", "", 200, "Nobody is signed in.\n")
	p.want(t, ada, "POST", "/auth/register", "{"+account+"}", 201, "ada@example.org")
	p.want(t, ada, "GET", "/", "", 200, "You are ada@example.org.\n")
	stop()

	// The rest of the page, on the same database.
	p.put(t, g.later)
	rest, err := os.ReadFile("testdata/guide/try.go")
	if err != nil {
		t.Fatal(err)
	}
	p.put(t, map[string]string{"main.go": g.finished(t), "try.go": string(rest)})
	p.must(t, "generate", "./ent")
	p.must(t, "build", "-mod=mod", "./...")
	stop = p.serve(t)
	defer stop()
	p.want(t, nil, "GET", "/account", "", 401, "unauthenticated")
	p.want(t, ada, "GET", "/account", "", 200, "ada@example.org, plan free, 0 notes\n")
	p.want(t, ada, "GET", "/auth/user", "", 200, `"locale":"en","plan":"free"`)
	p.want(t, ada, "PATCH", "/auth/user", `{"locale":"de"}`, 200, `"locale":"de"`)
	bob, other := newJar(t), strings.Replace(account, "ada", "bob", 1)
	p.want(t, bob, "POST", "/auth/register", "{"+other+"}", 422, `"fields":{"locale":"required"}`)
	p.want(t, bob, "POST", "/auth/register", "{"+other+`,"locale":"`+strings.Repeat("x", 36)+`"}`, 422, `"locale":"invalid"`)
	p.want(t, bob, "POST", "/auth/register", "{"+other+`,"locale":"en"}`, 201, `"locale":"en","plan":"free"`)
	p.want(t, bob, "GET", "/account", "", 200, "bob@example.org, plan free, 1 notes\n")
	p.want(t, nil, "POST", "/try?email=ada@example.org", "", 400, "email_taken")
	p.want(t, nil, "POST", "/try?email=eve@example.org", "", 200, "3 users, 3 notes")
	p.want(t, nil, "POST", "/try?email=kim@example.org&note=refused", "", 400, "refused")
	p.want(t, nil, "POST", "/try?email=kim@example.org", "", 200, "4 users, 5 notes")
	p.want(t, nil, "POST", "/try?email=una@example.org&without=torii", "", 400, "schema: make users by Torii")
	p.want(t, bob, "DELETE", "/auth/user", "", 204, "")
	p.want(t, nil, "POST", "/try?email=una@example.org", "", 200, "4 users, 6 notes")

	// Versioned files: each writes once, and the program finds nothing to do.
	if err := os.Mkdir(filepath.Join(p.dir, "migrations"), 0o755); err != nil {
		t.Fatal(err)
	}
	p.get(t, strings.Fields(gets[1][1])...)
	for range 2 {
		for _, command := range []string{"tool torii migrate diff -dialect sqlite -format atlas -dir migrations", "run ./diff"} {
			if !strings.Contains(g.text, "\ngo "+command+"\n") {
				t.Errorf("the guide does not say: go %s", command)
			}
			p.must(t, strings.Fields(command)...)
			time.Sleep(1100 * time.Millisecond) // names of files have seconds
		}
	}
	if files, err := filepath.Glob(filepath.Join(p.dir, "migrations", "*.sql")); err != nil || len(files) != 2 {
		t.Errorf("the files are %q, %v; want one of Torii's and one of the graph", files, err)
	}
	p.want(t, nil, "POST", "/try/files", "", 200, "1 user in a database of files")
}

// finished is main.go with what the later sections say.
func (g guide) finished(t *testing.T) string {
	t.Helper()
	text := g.first["main.go"]
	replace := func(old, by string) {
		if strings.Count(text, old) != 1 {
			t.Fatalf("main.go of the guide has not one %q", old)
		}
		text = strings.Replace(text, old, by, 1)
	}
	hooks := g.bits[slices.IndexFunc(g.bits, func(b string) bool { return strings.Contains(b, "Hooks:") })]
	const providers = "		Providers: []auth.Provider{password.New(password.Config{})},\n"
	replace(providers, hooks+"		Providers: []auth.Provider{pw},\n")
	replace("	a, err := client.Auth(", "	pw := password.New(password.Config{})\n	a, err := client.Auth(")
	replace("	}, nil)\n", "	}, newUser{})\n")
	replace("	\"example.com/notes/ent\"\n", "	\"example.com/notes/ent\"\n	_ \"example.com/notes/ent/runtime\"\n")
	replace("	return http.ListenAndServe", "	mux.Handle(\"GET /account\", a.RequireUser(account(client)))\n	tryOut(mux, client, a, pw)\n	return http.ListenAndServe")
	return text
}

// What the guide shows of the light graph is in the example, and the tables that it
// lists are all there are.
func TestTheGuideOnOtherGraphs(t *testing.T) {
	g := readGuide(t)
	example, err := os.ReadFile("../examples/host-light/ent/schema/user.go")
	if err != nil {
		t.Fatal(err)
	}
	light := g.bits[slices.IndexFunc(g.bits, func(b string) bool { return strings.Contains(b, "UserFields") })]
	if !strings.Contains(string(example), light) {
		t.Errorf("no example has\n%s", light)
	}
	files, err := filepath.Glob("../ent/schema/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var listed, there []string
	_, rest, _ := strings.Cut(g.text, "\n### With the Atlas command\n")
	for _, m := range regexp.MustCompile("(?:--exclude |also `|, `|and `|\n`)(auth_[a-z_]+)").FindAllStringSubmatch(rest, -1) {
		listed = append(listed, m[1])
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`table\("(auth_[a-z_]+)"\)`).FindAllStringSubmatch(string(text), -1) {
			there = append(there, m[1])
		}
	}
	slices.Sort(listed)
	slices.Sort(there)
	if listed = slices.Compact(listed); len(there) < 9 || !slices.Equal(listed, there) {
		t.Errorf("the guide lists the tables %q, and there are %q", listed, there)
	}
}

// The messages that the guide explains are in the code.
func TestTheGuidesMessagesAreThere(t *testing.T) {
	g := readGuide(t)
	var code strings.Builder
	for _, dir := range []string{".", "../auth", "../migrate"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !slices.Contains([]string{".go", ".tmpl"}, filepath.Ext(path)) {
				return err
			}
			text, err := os.ReadFile(path)
			code.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, rest, _ := strings.Cut(g.text, "\n## Mistakes and their messages\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	messages := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(rest, -1)
	if len(messages) < 20 {
		t.Fatalf("found %d messages in the guide", len(messages))
	}
	for _, m := range messages {
		for part := range strings.SplitSeq(m[1], "…") {
			if !strings.Contains(code.String(), strings.TrimSpace(part)) {
				t.Errorf("no code says %q", m[1])
			}
		}
	}
}
