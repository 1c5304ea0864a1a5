package arch_test

import (
	"crypto/rand"
	"encoding/json"
	"go/ast"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/magiclink"
	"github.com/torii-go/torii/providers/oauth"
	"github.com/torii-go/torii/providers/passkey"
	"github.com/torii-go/torii/providers/password"
)

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rows are the cells of the first table below a heading, without its head and without
// the marks of code.
func rows(markdown, heading string) [][]string {
	_, rest, _ := strings.Cut(markdown, "\n"+heading+"\n")
	var list [][]string
	inTable := 0
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") || inTable > 0 && !strings.HasPrefix(line, "|") {
			break
		}
		if !strings.HasPrefix(line, "|") {
			continue
		}
		if inTable++; inTable <= 2 { // names and dashes
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.Trim(strings.TrimSpace(cell), "`"))
		}
		list = append(list, cells)
	}
	return list
}

// column is one cell of every row.
func column(table [][]string, i int) []string {
	var list []string
	for _, cells := range table {
		if i < len(cells) {
			list = append(list, cells[i])
		}
	}
	return list
}

// differ compares what is written with what is there, both ways.
func differ(subject string, written, there []string) []string {
	var wrong []string
	if len(written) == 0 || len(there) == 0 {
		wrong = append(wrong, subject+": "+itoa(len(written))+" in the README, "+itoa(len(there))+" in the code")
	}
	for i, w := range written {
		switch {
		case !slices.Contains(there, w):
			wrong = append(wrong, subject+": the README has "+w+", the code has not")
		case slices.Contains(written[:i], w):
			wrong = append(wrong, subject+": the README has "+w+" twice")
		}
	}
	for _, x := range there {
		if !slices.Contains(written, x) {
			wrong = append(wrong, subject+": the code has "+x+", the README has not")
		}
	}
	return wrong
}

// fields are the exported fields of a struct.
func fields(sources []source, dir, name string) []string {
	var list []string
	for _, s := range sources {
		if s.dir() != dir || s.test() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != name {
				return true
			}
			st, ok := spec.Type.(*ast.StructType)
			if !ok {
				return false
			}
			for _, f := range st.Fields.List {
				for _, id := range f.Names {
					if id.IsExported() {
						list = append(list, id.Name)
					}
				}
			}
			return false
		})
	}
	return list
}

// statuses are Go's names of the HTTP statuses.
var statuses = func() map[string]int {
	names := map[string]int{}
	for code := 100; code < 600; code++ {
		names["Status"+strings.NewReplacer(" ", "", "-", "", "'", "").Replace(http.StatusText(code))] = code
	}
	return names
}()

// refusals are the package's *auth.Error variables as "code status auth.ErrName"; one
// that is not exported has "—" for a name.
func refusals(sources []source) []string {
	var list []string
	for _, s := range sources {
		if s.dir() != "auth" || s.test() {
			continue
		}
		for _, d := range s.file.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range group.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for i, value := range v.Values {
						if text, ok := refusal(value); ok {
							name := "—"
							if v.Names[i].IsExported() {
								name = "auth." + v.Names[i].Name
							}
							list = append(list, text+" "+name)
						}
					}
				}
			}
		}
	}
	return list
}

// refusal reads &Error{"code", http.StatusX, "message"}.
func refusal(e ast.Expr) (string, bool) {
	ref, ok := e.(*ast.UnaryExpr)
	if !ok {
		return "", false
	}
	lit, ok := ref.X.(*ast.CompositeLit)
	if !ok || lit.Type == nil || dotted(lit.Type) != "Error" || len(lit.Elts) < 2 {
		return "", false
	}
	value := func(i int) ast.Expr {
		if kv, ok := lit.Elts[i].(*ast.KeyValueExpr); ok {
			return kv.Value
		}
		return lit.Elts[i]
	}
	code, ok := value(0).(*ast.BasicLit)
	if !ok {
		return "", false
	}
	status, ok := value(1).(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	text, err := strconv.Unquote(code.Value)
	return text + " " + itoa(statuses[status.Sel.Name]), err == nil
}

// withMails is in the README: everything that Torii has routes for.
func withMails(client *ent.Client, smtpPassword string) (*auth.Auth, error) {
	sender, err := mail.SMTP(mail.SMTPConfig{Host: "smtp.app.example", Username: "app", Password: smtpPassword})
	if err != nil {
		return nil, err
	}
	return auth.New(client, auth.Config{
		BaseURL:   "https://app.example",
		Mail:      auth.MailConfig{Sender: sender, From: mail.Address{Name: "App", Address: "no-reply@app.example"}},
		Providers: []auth.Provider{password.New(password.Config{}), magiclink.New(magiclink.Config{})},
	})
}

// routes are "METHOD /path" of openapi.json, with every provider there is.
func routes(t *testing.T) []string {
	t.Helper()
	db := testdb.New(t, "sqlite3")
	client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	t.Setenv("TORII_SECRET", rand.Text()+rand.Text())
	byMail, err := withMails(client, "a secret")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := auth.New(client, auth.Config{BaseURL: "http://localhost", Providers: []auth.Provider{oauth.New(), passkey.New(passkey.Config{})}})
	if err != nil {
		t.Fatal(err)
	}
	list := routesOf(t, byMail)
	for _, route := range routesOf(t, elsewhere) {
		if !slices.Contains(list, route) {
			list = append(list, route)
		}
	}
	return list
}

func routesOf(t *testing.T, a *auth.Auth) []string {
	t.Helper()
	t.Cleanup(func() { a.Close(t.Context()) })
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/auth/openapi.json", nil))
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatalf("openapi.json: %v", err)
	}
	var list []string
	for p, operations := range doc.Paths {
		for method := range operations {
			list = append(list, strings.ToUpper(method)+" "+p)
		}
	}
	return list
}

func TestReadmeHasEveryField(t *testing.T) {
	readme, sources := read(t, "README.md"), tree(t)
	for name, dir := range map[string]string{
		"auth.Config": "auth", "auth.HashConfig": "auth", "auth.MailConfig": "auth", "sessions.Config": "sessions",
		"password.Config": "providers/password", "magiclink.Config": "providers/magiclink", "passkey.Config": "providers/passkey",
	} {
		_, typ, _ := strings.Cut(name, ".")
		report(t, differ(name, column(rows(readme, "### "+name), 0), fields(sources, dir, typ)))
	}
}

func TestReadmeHasEveryError(t *testing.T) {
	var written []string
	for _, cells := range rows(read(t, "README.md"), "## Errors") {
		written = append(written, strings.Join(cells[:3], " "))
	}
	report(t, differ("errors", written, refusals(tree(t))))
}

func TestReadmeHasEveryRoute(t *testing.T) {
	report(t, differ("routes", column(rows(read(t, "README.md"), "## Routes"), 0), routes(t)))
}

// A provider's directory that the README's table of methods does not name is a method
// that nobody finds.
func TestReadmeHasEveryProvider(t *testing.T) {
	var there []string
	for _, s := range tree(t) {
		if name, ok := strings.CutPrefix(s.dir(), "providers/"); ok && !strings.Contains(name, "/") && !slices.Contains(there, name) {
			there = append(there, name)
		}
	}
	var written []string
	for _, cells := range rows(read(t, "README.md"), "## Ways to sign in") {
		if cells[1] == "works" {
			written = append(written, cells[0])
		}
	}
	report(t, differ("ways to sign in", written, there))
}

// member finds what the table of methods calls: "a.Session(ctx, token)".
var member = regexp.MustCompile("`(a|pw|ml|tx)\\.([A-Z]\\w*)")

func TestReadmeNamesMethodsThatExist(t *testing.T) {
	owners := map[string][2]string{"a": {"auth", "Auth"}, "pw": {"providers/password", "Provider"}, "ml": {"providers/magiclink", "Provider"}, "pk": {"providers/passkey", "Provider"}, "tx": {"auth", "Tx"}}
	found := member.FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(found) < 10 {
		t.Fatalf("found %d methods in the README", len(found))
	}
	sources := tree(t)
	for _, m := range found {
		if owner := owners[m[1]]; !hasMethod(sources, owner[0], owner[1], m[2]) {
			t.Errorf("the README calls %s.%s, and %s.%s has no such method", m[1], m[2], owner[0], owner[1])
		}
	}
}

func hasMethod(sources []source, dir, typ, name string) bool {
	return slices.ContainsFunc(sources, func(s source) bool {
		return s.dir() == dir && slices.ContainsFunc(s.file.Decls, func(d ast.Decl) bool {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != name {
				return false
			}
			t := f.Recv.List[0].Type
			if star, ok := t.(*ast.StarExpr); ok {
				t = star.X
			}
			return dotted(t) == typ
		})
	})
}

func TestReadmeChecksCanFail(t *testing.T) {
	const markdown = "# X\n\n## Errors\n\nText.\n\n| code | status |\n|---|---|\n| `a_b` | 400 |\n| `c` | 401 |\n\nMore.\n\n| not | this |\n|---|---|\n| x | y |\n\n## Next\n"
	if got := rows(markdown, "## Errors"); len(got) != 2 || got[0][0] != "a_b" || got[1][1] != "401" {
		t.Errorf("rows: %q", got)
	}
	if got := rows(markdown, "## Next"); len(got) != 0 {
		t.Errorf("rows of a heading without a table: %q", got)
	}
	for name, want := range map[string]struct {
		written, there []string
		complaints     int
	}{
		"equal":             {[]string{"a", "b"}, []string{"b", "a"}, 0},
		"not in the code":   {[]string{"a", "b"}, []string{"a"}, 1},
		"not in the README": {[]string{"a"}, []string{"a", "b"}, 1},
		"written twice":     {[]string{"a", "a"}, []string{"a"}, 1},
		"nothing at all":    {nil, nil, 1},
	} {
		if got := differ("x", want.written, want.there); len(got) != want.complaints {
			t.Errorf("%s: %q", name, got)
		}
	}
	code := []source{parse(t, "auth/x.go", "package auth\n\ntype Config struct {\n\tA, B int\n\tc int\n}\n\n"+
		"var (\n\tErrX = &Error{\"x\", http.StatusTeapot, \"X.\"}\n\terrY = &Error{Code: \"y\", Status: http.StatusRequestEntityTooLarge}\n\tErrZ = errors.New(\"z\")\n)\n\n"+
		"func (a *Auth) M() {}\n")}
	if got := fields(code, "auth", "Config"); !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("fields: %q", got)
	}
	if got := refusals(code); len(got) != 2 || got[1] != "y 413 —" || !strings.HasSuffix(got[0], "auth.ErrX") {
		t.Errorf("refusals: %q", got)
	}
	if !hasMethod(code, "auth", "Auth", "M") || hasMethod(code, "auth", "Auth", "N") || hasMethod(code, "auth", "Tx", "M") {
		t.Error("hasMethod does not tell methods apart")
	}
}
