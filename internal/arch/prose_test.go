package arch_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")
	// A path of the repository in the marks of code: "auth/door.go", "internal/token".
	codePath = regexp.MustCompile("`((?:auth|authtest|ent|sessions|providers|migrate|internal|examples|tools|docs)(?:/[\\w.-]+)*/?)`")
	link     = regexp.MustCompile(`\]\(([^)#:\s]+)(?:#[^)]*)?\)`)
)

// squeeze leaves what matters of code that is moved: lines without indentation, the
// spaces before comments as one.
func squeeze(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 {
			b.WriteString(strings.Join(words, " ") + "\n")
		}
	}
	return b.String()
}

// uncompiled lists the Go blocks of a text that stand in no file.
func uncompiled(markdown string, files []string) []string {
	var wrong []string
	for _, m := range goBlock.FindAllStringSubmatch(markdown, -1) {
		block := squeeze(m[1])
		if !slices.ContainsFunc(files, func(f string) bool { return strings.Contains("\n"+f, "\n"+block) }) {
			wrong = append(wrong, "this Go is in no file that is compiled:\n"+m[1])
		}
	}
	return wrong
}

// What the README shows, somebody will copy.
func TestReadmeGoIsCompiled(t *testing.T) {
	texts, err := readTree()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, text := range texts {
		files = append(files, squeeze(text))
	}
	readme := read(t, "README.md")
	if n := len(goBlock.FindAllString(readme, -1)); n < 5 {
		t.Fatalf("found %d blocks of Go in the README", n)
	}
	report(t, uncompiled(readme, files))
}

// documents are the pages for people.
func documents(t *testing.T) []string {
	t.Helper()
	list := []string{"README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md"}
	more, err := filepath.Glob(root + "/docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range more {
		list = append(list, "docs/"+filepath.Base(name))
	}
	return list
}

// mentioned are the paths that a page names, as code or as a link.
func mentioned(markdown string) []string {
	var list []string
	for _, re := range []*regexp.Regexp{codePath, link} {
		for _, m := range re.FindAllStringSubmatch(markdown, -1) {
			list = append(list, m[1])
		}
	}
	return list
}

func TestPagesPointToWhatExists(t *testing.T) {
	for _, page := range documents(t) {
		if page == "CONTRIBUTING.md" {
			continue // names rooms that are to come
		}
		for _, name := range mentioned(read(t, page)) {
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(page), name)); err != nil {
				if _, err := os.Stat(filepath.Join(root, name)); err != nil {
					t.Errorf("%s names %s, which does not exist", page, name)
				}
			}
		}
	}
}

// The tree in the README has a line for each room.
func TestReadmeHasEveryRoom(t *testing.T) {
	_, rest, _ := strings.Cut(read(t, "README.md"), "\n## Project structure\n")
	_, rest, _ = strings.Cut(rest, "```\n")
	block, _, _ := strings.Cut(rest, "```")
	var written []string
	for line := range strings.Lines(block) {
		if words := strings.Fields(line); len(words) > 0 && strings.HasSuffix(words[0], "/") {
			written = append(written, strings.TrimSuffix(words[0], "/"))
		}
	}
	for _, name := range written {
		if info, err := os.Stat(filepath.Join(root, name)); err != nil || !info.IsDir() {
			t.Errorf("the README's tree has %s, the repository has not", name)
		}
	}
	for _, s := range tree(t) {
		if top, _, _ := strings.Cut(s.path, "/"); !slices.Contains(written, top) {
			t.Errorf("%s: the README's tree has no %s", s.path, top)
		}
	}
}

func TestProseChecksCanFail(t *testing.T) {
	file := squeeze("package x\n\nfunc f() {\n\tg()\n\n\th()    // why\n}\n")
	if got := uncompiled("```go\ng()\nh() // why\n```\n", []string{file}); len(got) != 0 {
		t.Errorf("complains about what is compiled: %q", got)
	}
	for _, block := range []string{"h()\ng()\n", "g(1)\n", "() {\n"} {
		if got := uncompiled("```go\n"+block+"```\n", []string{file}); len(got) != 1 {
			t.Errorf("%q passes for compiled", block)
		}
	}
	got := mentioned("See `auth/door.go`, `a.Session` and [this](SECURITY.md#x), not [that](https://example.org/).")
	if !slices.Equal(got, []string{"auth/door.go", "SECURITY.md"}) {
		t.Errorf("mentioned: %q", got)
	}
}
