package entauth

import (
	"slices"
	"strings"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/entc/gen"
)

// checkGraph compares an application's graph with Torii's. light is of a graph with
// nothing of Torii's but the fields of User.
func checkGraph(g *gen.Graph, ref *reference, light bool) findings {
	var found findings
	if g.Storage == nil || g.Storage.Name != "sql" {
		found.add("the storage is not SQL: Torii works on SQL databases only; remove entc.Storage")
		return found
	}
	checkFeatures(g, &found)
	checkNames(g, &found)
	checkTables(g, ref, light, &found)
	names := extendable()
	if light {
		names = []string{"User"}
	}
	for _, name := range names {
		t := nodeOf(g, name)
		if t == nil {
			found.add("%s is missing in the graph: does the extension see the right folder? entauth.SchemaDir says where the schema is", name)
			continue
		}
		checkType(t, ref.types[name], light, &found)
		if name == "User" {
			checkRequiredEdges(t, ref.types[name], &found)
			checkTravel(t, ref.types[name], &found)
		} else {
			checkInserted(t, ref.types[name], &found)
		}
	}
	for _, n := range g.Nodes {
		checkStray(n, &found)
	}
	return found
}

func nodeOf(g *gen.Graph, name string) *gen.Type {
	if i := slices.IndexFunc(g.Nodes, func(n *gen.Type) bool { return n.Name == name }); i >= 0 {
		return g.Nodes[i]
	}
	return nil
}

// checkFeatures refuses what Torii's tables cannot be part of.
func checkFeatures(g *gen.Graph, found *findings) {
	for _, f := range []struct{ name, why string }{
		{gen.FeatureSchemaConfig.Name, "it puts tables into several schemas of the database, and Torii's are in the default one"},
		{gen.FeatureGlobalID.Name, "it shares out ranges of integers, and Torii's ids are strings"},
	} {
		if on, err := g.FeatureEnabled(f.name); err == nil && on {
			found.add("the feature %s is on: %s; turn it off", f.name, f.why)
		}
	}
}

// checkNames refuses types whose code would have the names of what is generated here.
func checkNames(g *gen.Graph, found *findings) {
	for _, n := range g.Nodes {
		switch n.Name {
		case "Auth", "AuthUser", "InAuth", "MigrateAuth":
			found.add("a type is called %s, and so is a part of the generated code of entauth: rename the type", n.Name)
		}
	}
}

// checkTables finds tables of the application's with the names of Torii's.
func checkTables(g *gen.Graph, ref *reference, light bool, found *findings) {
	for _, n := range g.Nodes {
		owner := ref.tables[n.Table()]
		if owner == "" || owner == n.Name && ref.types[owner] != nil && !(light && owner != "User") {
			continue
		}
		found.add("%s is in the table %s, which is the one of Torii's %s: give it another by entsql.Table", n.Name, n.Table(), owner)
	}
	for _, n := range g.Nodes {
		for _, e := range n.Edges {
			if owner := ref.tables[e.Rel.Table]; e.M2M() && !e.IsInverse() && owner != "" {
				found.add("the edge %s.%s is in the table %s, which is the one of Torii's %s: give it another by StorageKey(edge.Table(…))", n.Name, e.Name, e.Rel.Table, owner)
			}
		}
	}
}

// checkType compares a type with Torii's: everything of that must be there as it is.
func checkType(t, ours *gen.Type, light bool, found *findings) {
	if t.Table() != ours.Table() {
		found.add("%s is in the table %s, and Torii uses %s: remove the name from its annotations", t.Name, t.Table(), ours.Table())
	}
	if ant := t.EntSQL(); ant != nil && ant.Skip {
		found.add("%s is left out of the migration by entsql.Skip: remove that", t.Name)
	}
	if ant := t.EntSQL(); ant != nil && ant.Schema != "" {
		found.add("%s is put into the schema %s of the database: remove it, and choose the schema by the connection", t.Name, ant.Schema)
	}
	for _, f := range fieldsOf(ours) {
		checkField(t, f, found)
	}
	if light {
		return
	}
	for _, e := range ours.Edges {
		checkEdge(t, e, found)
	}
	for _, i := range ours.Indexes {
		there := func(x *gen.Index) bool { return x.Unique == i.Unique && slices.Equal(x.Columns, i.Columns) }
		if !slices.ContainsFunc(t.Indexes, there) {
			found.add("%s has no index on %s: append Torii's in Indexes(), or use torii.%s{} as a mixin", t.Name, strings.Join(i.Columns, ", "), t.Name)
		}
	}
}

// checkEdge compares an edge of Torii's.
func checkEdge(t *gen.Type, ours *gen.Edge, found *findings) {
	e := edgeOf(t, ours.Name)
	if e == nil {
		found.add("%s has no edge %s: append Torii's in Edges(), or use torii.%s{} as a mixin", t.Name, ours.Name, t.Name)
		return
	}
	if e.Type.Name != ours.Type.Name || e.Unique != ours.Unique || e.Optional != ours.Optional || !slices.Equal(e.Rel.Columns, ours.Rel.Columns) {
		found.add("the edge %s.%s is not Torii's: take it from torii.%s{} unchanged", t.Name, ours.Name, t.Name)
		return
	}
	if onDelete(e) != onDelete(ours) {
		found.add("the edge %s.%s is %s when a user is deleted, and Torii needs %s: take it from torii.%s{} unchanged",
			t.Name, ours.Name, onDelete(e), onDelete(ours), t.Name)
	}
}

func onDelete(e *gen.Edge) entsql.ReferenceOption {
	if ant := e.EntSQL(); ant != nil && ant.OnDelete != "" {
		return ant.OnDelete
	}
	return entsql.NoAction
}
