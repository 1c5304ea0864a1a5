package entauth

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent"

	torii "github.com/torii-go/torii/ent/schema"
)

// light tells whether the graph is to have nothing of Torii's but the fields of User.
func (s *source) light() bool {
	u := s.types["User"]
	return u != nil && s.made(u, light)
}

// made tells whether a type is made of one of Torii's: by its Mixin method, by embedding,
// or, where neither names any, by something that the method calls.
func (s *source) made(t *declared, of string) bool {
	if len(t.mixes) > 0 || len(t.embeds) > 0 {
		return t.mixes[of] || t.embeds[of]
	}
	_, mixin := t.methods["Mixin"]
	return mixin && s.uses[of]
}

// missing are the types that need a stub.
func (s *source) missing() []string {
	if s.light() {
		return nil
	}
	return slices.DeleteFunc(extendable(), func(name string) bool { return s.types[name] != nil })
}

// check finds what would stop Ent itself, with a worse message.
func (s *source) check() findings {
	var found findings
	for _, name := range extendable() {
		t := s.types[name]
		switch {
		case t == nil:
		case !t.isStruct:
			found.add("%s (%s) is not declared as a struct, which Ent wants: write  type %s struct{ torii.%s }", name, t.at, name, name)
		case name == "User":
			s.checkUser(t, &found)
		case s.light() && s.made(t, name):
			found.add("%s (%s) is Torii's, which needs edges of User: give User the mixin torii.User{} instead of torii.UserFields{}, or remove %s", name, t.at, name)
		case !s.light() && !s.made(t, name):
			found.add("%s (%s) has the name of a type of Torii's and is not made of it: to extend Torii's, add  func (%s) Mixin() []ent.Mixin { return []ent.Mixin{torii.%s{}} } ; "+
				"to keep one of your own, give User the mixin torii.UserFields{}, which leaves Torii's other types out of your graph", name, t.at, name, name)
		}
		if t == nil {
			continue
		}
		if name == "User" && s.light() {
			t.checkMethods(torii.UserFields{}, light, &found)
		} else if s.made(t, name) {
			t.checkMethods(torii.Extendable()[name], name, &found)
		}
	}
	if len(s.multi) > 0 {
		found.add("tables are put into schemas of the database (%s), which Ent wants for all tables or none: Torii's are in the default one; "+
			"remove it, and choose the schema by the connection, such as search_path", strings.Join(s.multi, ", "))
	}
	return found
}

func (s *source) checkUser(u *declared, found *findings) {
	full, less := s.made(u, "User"), s.made(u, light)
	switch {
	case u.embeds[light]:
		found.add("User (%s) embeds torii.UserFields, which is a mixin and no type: add  func (User) Mixin() []ent.Mixin { return []ent.Mixin{torii.UserFields{}} } , and embed ent.Schema", u.at)
	case full && less:
		found.add("User (%s) has both torii.User{} and torii.UserFields{}: remove one; with UserFields Torii's other types stay out of your graph", u.at)
	case !full && !less:
		found.add("User (%s) is not made of Torii's: add  func (User) Mixin() []ent.Mixin { return []ent.Mixin{torii.User{}} } , "+
			"or torii.UserFields{} there to keep Torii's other types out of your graph", u.at)
	}
}

// checkMethods looks for what a type takes away from Torii's, or declares again.
func (d *declared) checkMethods(ours ent.Mixin, of string, found *findings) {
	for _, name := range []string{"Fields", "Edges", "Indexes", "Annotations"} {
		m, ok := d.methods[name]
		if ok && d.embeds[of] && !calls(m.decl, name) {
			found.add("%s.%s (%s) hides Torii's, which %s embeds: use torii.%s{} as a mixin instead, or append to torii.%s{}.%s()",
				d.name, name, m.file.at(m.decl), d.name, of, of, name)
		}
	}
	fields, edges := map[string]bool{}, map[string]bool{}
	for _, f := range ours.Fields() {
		fields[f.Descriptor().Name] = true
	}
	for _, e := range ours.Edges() {
		edges[e.Descriptor().Name] = true
	}
	d.checkAgain("Fields", "entgo.io/ent/schema/field", fields, found)
	d.checkAgain("Edges", "entgo.io/ent/schema/edge", edges, found)
}

// calls tells whether a method calls one of its own name, of something else.
func calls(fn *ast.FuncDecl, name string) bool {
	called := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			sel, ok := call.Fun.(*ast.SelectorExpr)
			called = called || ok && sel.Sel.Name == name
		}
		return true
	})
	return called
}

// checkAgain finds what Torii's type has and the method declares again.
func (d *declared) checkAgain(name, builders string, ours map[string]bool, found *findings) {
	m, ok := d.methods[name]
	if !ok {
		return
	}
	ast.Inspect(m.decl, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 || m.file.member(call.Fun, builders) == "" {
			return true
		}
		lit, ok := call.Args[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		if declared, err := strconv.Unquote(lit.Value); err == nil && ours[declared] {
			found.add("%s.%s (%s) is Torii's already: remove it from %s()", d.name, declared, m.file.at(call), name)
		}
		return true
	})
}
