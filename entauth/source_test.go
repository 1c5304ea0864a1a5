package entauth_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/entc/gen"

	"github.com/torii-go/torii/entauth"
)

const (
	head = "package schema\n\nimport (\n\t\"entgo.io/ent\"\n\t\"entgo.io/ent/dialect/entsql\"\n\t\"entgo.io/ent/schema/edge\"\n\t\"entgo.io/ent/schema/field\"\n" +
		"\n\ttorii \"github.com/torii-go/torii/ent/schema\"\n)\n\n"
	mixedUser  = "type User struct{ ent.Schema }\nfunc (User) Mixin() []ent.Mixin { return []ent.Mixin{torii.User{}} }\n"
	lightUser  = "type User struct{ ent.Schema }\nfunc (User) Mixin() []ent.Mixin { return []ent.Mixin{torii.UserFields{}} }\n"
	mixedOther = "type Session struct{ ent.Schema }\nfunc (Session) Mixin() []ent.Mixin { return []ent.Mixin{torii.Session{}} }\n"
	ownOther   = "type Session struct{ ent.Schema }\n"
)

// folder is a schema folder with one file, or none.
func folder(t *testing.T, text string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "schema")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if text != "" {
		write(t, filepath.Join(dir, "user.go"), text)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// stubs returns what is in torii_gen.go; "" without one.
func stubs(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "torii_gen.go"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

func TestSourceIsChecked(t *testing.T) {
	fields := func(list string) string {
		return "func (User) Fields() []ent.Field { return []ent.Field{" + list + "} }\n"
	}
	for _, tt := range []struct{ name, text, want string }{
		{"the mixin", mixedUser, ""},
		{"the fields alone", lightUser, ""},
		{"a pointer", strings.Replace(mixedUser, "torii.User{}", "&torii.User{}", 1), ""},
		{"new", strings.Replace(mixedUser, "torii.User{}", "new(torii.User)", 1), ""},
		{"embedded", "type User struct{ torii.User }\n", ""},
		{"embedded with the fields of both", "type User struct{ torii.User }\nfunc (u User) Fields() []ent.Field { return append(u.User.Fields(), field.String(\"plan\")) }\n", ""},
		{"from a variable", "var common = []ent.Mixin{torii.User{}}\n" + strings.Replace(mixedUser, "[]ent.Mixin{torii.User{}} }", "common }", 1), ""},
		{"among others", strings.Replace(mixedUser, "{torii.User{}}", "{Base{}, torii.User{}}", 1) + "type Base struct{ ent.Schema }\n", ""},
		{"a Session that is Torii's", mixedUser + mixedOther, ""},
		{"a Session of the host's own beside the fields alone", lightUser + ownOther, ""},
		{"no User", "", ""},

		{"no mixin", "type User struct{ ent.Schema }\n", "User (user.go:12) is not made of Torii's"},
		{"another mixin", strings.Replace(mixedUser, "torii.User{}", "Base{}", 1), "User (user.go:12) is not made of Torii's"},
		{"both mixins", strings.Replace(mixedUser, "{torii.User{}}", "{torii.User{}, torii.UserFields{}}", 1), "User (user.go:12) has both"},
		{"a Session of the host's own", mixedUser + ownOther, "Session (user.go:14) has the name of a type of Torii's and is not made of it: to extend Torii's, add  func (Session) Mixin() []ent.Mixin { return []ent.Mixin{torii.Session{}} } ; to keep one of your own, give User the mixin torii.UserFields{}"},
		{"a Session of the host's own and no User", ownOther, "Session (user.go:12) has the name of a type of Torii's"},
		{"a Session of Torii's beside the fields alone", lightUser + mixedOther, "Session (user.go:14) is Torii's, which needs edges of User"},
		{"the fields alone, embedded", "type User struct{ torii.UserFields }\n", "User (user.go:12) embeds torii.UserFields"},
		{"another name for it", "type User = torii.User\n", "User (user.go:12) is not declared as a struct"},
		{"a type of the same kind", "type User torii.User\n", "User (user.go:12) is not declared as a struct"},
		{"embedded and hidden", "type User struct{ torii.User }\n" + fields(`field.String("plan")`), "User.Fields (user.go:13) hides Torii's"},
		{"edges hidden", "type User struct{ torii.User }\nfunc (User) Edges() []ent.Edge { return nil }\n", "User.Edges (user.go:13) hides Torii's"},
		{"indexes hidden", mixedUser + "type Session struct{ torii.Session }\nfunc (Session) Indexes() []ent.Index { return nil }\n", "Session.Indexes (user.go:15) hides Torii's"},
		{"annotations hidden", "type User struct{ torii.User }\nfunc (User) Annotations() []schema.Annotation { return nil }\n", "User.Annotations (user.go:13) hides Torii's"},
		{"a field again", mixedUser + fields(`field.String("plan"), field.String("email").Unique()`), "User.email (user.go:14) is Torii's already: remove it from Fields()"},
		{"another id", mixedUser + fields(`field.Int("id")`), "User.id (user.go:14) is Torii's already"},
		{"a field again, fields alone", lightUser + fields(`field.String("name")`), "User.name (user.go:14) is Torii's already"},
		{"an edge again", mixedUser + "func (User) Edges() []ent.Edge { return []ent.Edge{edge.To(\"sessions\", Session.Type)} }\n", "User.sessions (user.go:14) is Torii's already: remove it from Edges()"},
		{"a schema of the database", mixedUser + "func (User) Annotations() []schema.Annotation { return []schema.Annotation{entsql.Schema(\"app\")} }\n", "tables are put into schemas of the database (user.go:14)"},
		{"a schema of the database, in full", mixedUser + "var x = entsql.Annotation{Schema: \"app\"}\n", "tables are put into schemas of the database (user.go:14)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := folder(t, head+tt.text)
			err := entauth.WriteStubs(dir)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var found *entauth.SchemaError
			if !errors.As(err, &found) || !slices.ContainsFunc(found.Findings, func(f string) bool { return strings.HasPrefix(f, tt.want) }) {
				t.Errorf("%v\nwant: %s", err, tt.want)
			}
			if got := stubs(t, dir); got != "" {
				t.Errorf("stubs were written all the same:\n%s", got)
			}
		})
	}
}

func TestSourceThatCannotBeRead(t *testing.T) {
	if err := entauth.WriteStubs(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "entauth.SchemaDir") {
		t.Errorf("no folder: %v", err)
	}
	if err := entauth.WriteStubs(folder(t, "package schema\n\nfunc {")); err == nil || !strings.Contains(err.Error(), "user.go:3:6") {
		t.Errorf("no Go: %v", err)
	}
	dir := folder(t, head+mixedUser)
	write(t, filepath.Join(dir, "torii_gen.go"), "package schema\n")
	if err := entauth.WriteStubs(dir); err == nil || !strings.Contains(err.Error(), "was not written by entauth") {
		t.Errorf("somebody else's torii_gen.go: %v", err)
	}
	if got := stubs(t, dir); got != "package schema\n" {
		t.Errorf("somebody else's torii_gen.go was changed:\n%s", got)
	}
}

// Types that only a build tag brings in are there for Ent with that tag alone.
func TestBuildTags(t *testing.T) {
	for _, tt := range []struct {
		flags []string
		want  bool
	}{{nil, false}, {[]string{"-tags=extra,more"}, true}, {[]string{"-v", "-tags", "extra"}, true}} {
		dir := folder(t, head+mixedUser)
		write(t, filepath.Join(dir, "session.go"), "//go:build extra\n\n"+head+mixedOther)
		write(t, filepath.Join(dir, "session_test.go"), head+mixedOther)
		if err := entauth.New(entauth.SchemaDir(dir)).Options()[0](&gen.Config{BuildFlags: tt.flags}); err != nil {
			t.Fatal(err)
		}
		if seen := !strings.Contains(stubs(t, dir), "torii.Session"); seen != tt.want {
			t.Errorf("%q: Session is declared %t, want %t", tt.flags, seen, tt.want)
		}
	}
}

const allStubs = `// Code generated by entauth. DO NOT EDIT.

package schema

import torii "github.com/torii-go/torii/ent/schema"

// Torii's types, as they are. Declare one of them in another file to extend it; the next
// go generate removes it here.
type (
	// Credential is Torii's.
	Credential struct{ torii.Credential }
	// MagicToken is Torii's.
	MagicToken struct{ torii.MagicToken }
	// OAuthAccount is Torii's.
	OAuthAccount struct{ torii.OAuthAccount }
	// Session is Torii's.
	Session struct{ torii.Session }
	// User is Torii's.
	User struct{ torii.User }
)
`

func TestStubs(t *testing.T) {
	without := func(names ...string) string {
		text := allStubs
		for _, name := range names {
			text = strings.Replace(text, "\t// "+name+" is Torii's.\n\t"+name+" struct{ torii."+name+" }\n", "", 1)
		}
		return text
	}
	dir := folder(t, "")
	path := filepath.Join(dir, "torii_gen.go")
	for _, tt := range []struct{ name, text, want string }{
		{"an empty folder", "", allStubs},
		{"User is declared", head + mixedUser, without("User")},
		{"User and Session are declared", head + mixedUser + mixedOther, without("User", "Session")},
		{"the fields alone", head + lightUser, ""},
		{"all again, in another package", strings.Replace(head, "package schema", "package tables", 1), strings.Replace(allStubs, "package schema", "package tables", 1)},
	} {
		if tt.text != "" {
			write(t, filepath.Join(dir, "user.go"), tt.text)
		}
		if err := entauth.WriteStubs(dir); err != nil {
			t.Fatal(err)
		}
		if got := stubs(t, dir); got != tt.want {
			t.Errorf("%s:\n%s\nwant:\n%s", tt.name, got, tt.want)
		}
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if err := entauth.WriteStubs(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.ModTime().After(old.Add(time.Second)) {
		t.Errorf("the file was written again without a change: %v, %v", info.ModTime(), err)
	}
}
