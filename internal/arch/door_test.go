package arch_test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// dotted writes a selector as it stands in the source, with () for calls: "a.b().c".
// What it does not know is "?".
func dotted(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return dotted(e.X) + "." + e.Sel.Name
	case *ast.CallExpr:
		return dotted(e.Fun) + "()"
	case *ast.ParenExpr:
		return dotted(e.X)
	}
	return "?"
}

// uses lists where a hand-written file outside of tests names something that ends as
// one of the suffixes, "path:line".
func uses(sources []source, suffixes ...string) []string {
	var found []string
	for _, s := range sources {
		if s.test() || s.generated() || s.host() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			e, ok := n.(*ast.SelectorExpr)
			if ok && slices.ContainsFunc(suffixes, func(x string) bool { return strings.HasSuffix("."+dotted(e), x) }) {
				found = append(found, s.at(e))
			}
			return true
		})
	}
	return found
}

// door holds to one place what opens sessions: auth/door.go asks package sessions,
// which writes the row.
func door(sources ...source) []string {
	var wrong []string
	only := func(what, where string, suffixes ...string) {
		found := uses(sources, suffixes...)
		if len(found) != 1 || !strings.HasPrefix(found[0], where+":") {
			wrong = append(wrong, what+" once, in "+where+"; found: "+strings.Join(found, ", "))
		}
	}
	only("sessions are opened", "auth/door.go", ".sessions.Create")
	only("a manager of sessions is made", "auth/manager.go", ".sessions.NewOpaque")
	only("session rows are made", "sessions/opaque.go", ".Session.Create", ".Session.CreateBulk", ".Session.MapCreateBulk")
	return wrong
}

// What a provider may name of package sessions: values, nothing that acts.
var sessionValues = []string{"Factor", "Session", "Token", "Transport", "Cookie", "Bearer", "Merge"}

// The builders of Ent's clients.
var builders = []string{
	"Create", "CreateBulk", "MapCreateBulk", "Update", "UpdateOne", "UpdateOneID",
	"Delete", "DeleteOne", "DeleteOneID", "DeleteExpired", "Query", "Get", "GetX", "ByTokenHash",
}

// guardRails lists what a provider reaches for beyond its Kit. A mutation leads to the
// whole client, and the client to every session.
func guardRails(sources ...source) []string {
	var wrong []string
	for _, s := range sources {
		if s.test() || !s.in("providers") {
			continue
		}
		add := func(n ast.Node, text string) { wrong = append(wrong, s.at(n)+": "+text) }
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch e := n.(type) {
			case *ast.CallExpr:
				if sel, ok := e.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Mutation" {
					add(e, "calls Mutation, which leads to the whole client")
				}
			case *ast.SelectorExpr:
				name := "." + dotted(e)
				owner, method := e.X, e.Sel.Name
				switch {
				case dotted(owner) == "sessions" && !slices.Contains(sessionValues, method):
					add(e, "names sessions."+method+"; only auth opens and ends sessions")
				case strings.HasSuffix(name, ".Client().Session"):
					add(e, "reaches the client of sessions")
				case strings.HasSuffix("."+dotted(owner), ".Session") && slices.Contains(builders, method):
					add(e, "builds a statement on sessions")
				case name == ".ent.NewClient", name == ".ent.Driver", method == "Driver":
					add(e, "makes a client of its own")
				}
			}
			return true
		})
	}
	return wrong
}

func TestOneDoorOpensSessions(t *testing.T) { report(t, door(tree(t)...)) }

func TestProvidersStayWithinTheirKit(t *testing.T) { report(t, guardRails(tree(t)...)) }

func TestDoorCanFail(t *testing.T) {
	hub := parse(t, "auth/door.go", "package auth\n\nfunc (tx *Tx) open() { tx.auth.sessions.Create() }\n")
	made := parse(t, "auth/manager.go", "package auth\n\nvar m = sessions.NewOpaque()\n")
	row := parse(t, "sessions/opaque.go", "package sessions\n\nfunc (o *Opaque) Create() { c.Session.Create().Save() }\n")
	if got := door(hub, made, row); len(got) > 0 {
		t.Fatalf("complains about what is right: %q", got)
	}
	for name, more := range map[string]source{
		"a second place in the hub":        parse(t, "auth/other.go", "package auth\n\nfunc (a *Auth) f() { a.sessions.Create() }\n"),
		"a second time at the door":        parse(t, "auth/door.go", "package auth\n\nfunc (a *Auth) f() { a.sessions.Create() }\n"),
		"as a value that is called later":  parse(t, "auth/other.go", "package auth\n\nfunc (a *Auth) f() { g := a.sessions.Create; g() }\n"),
		"a manager of a provider's own":    parse(t, "providers/x/x.go", "package x\n\nvar m = sessions.NewOpaque()\n"),
		"a row written past the manager":   parse(t, "auth/other.go", "package auth\n\nfunc f() { c.Session.Create().Save() }\n"),
		"rows written past the manager":    parse(t, "migrate/x.go", "package migrate\n\nfunc f() { c.Session.CreateBulk() }\n"),
		"a row written by a host's client": parse(t, "authtest/x.go", "package authtest\n\nfunc f() { tx.Client().Session.Create() }\n"),
	} {
		if got := door(hub, made, row, more); len(got) == 0 {
			t.Errorf("%s is not noticed", name)
		}
	}
	if got := door(made, row); len(got) == 0 {
		t.Error("a door that is gone is not noticed")
	}
}

func TestGuardRailsCanFail(t *testing.T) {
	body := func(s string) string { return "package x\n\nfunc f() {\n" + s + "\n}\n" }
	try(t, guardRails, []sample{
		{"a factor", "providers/x/a.go", body("_ = sessions.Factor{}"), ""},
		{"the session of a call", "providers/x/a.go", body("use(c.Session().ID, res.Session.ID)"), ""},
		{"another table in the transaction", "providers/x/a.go", body("tx.Client().User.Get(ctx, id)"), ""},
		{"a mutation", "providers/x/a.go", body("kit.Users().Update().Mutation()"), "calls Mutation"},
		{"a manager", "providers/x/a.go", body("sessions.NewOpaque()"), "sessions.NewOpaque"},
		{"the manager's type", "providers/x/a.go", body("var o *sessions.Opaque; _ = o"), "sessions.Opaque"},
		{"the client of sessions", "providers/x/a.go", body("s := tx.Client().Session; _ = s"), "client of sessions"},
		{"a statement on sessions", "providers/x/a.go", body("c.Session.Delete()"), "statement on sessions"},
		{"a client of its own", "providers/x/a.go", body("ent.NewClient(nil)"), "client of its own"},
		{"the driver", "providers/x/a.go", body("tx.Driver()"), "client of its own"},
		{"the hub may", "auth/a.go", body("sessions.NewOpaque()"), ""},
		{"a test may", "providers/x/a_test.go", body("tx.Client().Session.Query()"), ""},
	})
}
