package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
)

// Extendable are the types that an application can have in its own Ent schema, by name.
func Extendable() map[string]ent.Interface {
	return map[string]ent.Interface{
		"User": User{}, "Session": Session{}, "Credential": Credential{},
		"OAuthAccount": OAuthAccount{}, "MagicToken": MagicToken{},
	}
}

// Checksum is of what an application's generated code has taken over from this package:
// the extendable types with their tables, columns, keys and edges. It changes when the
// application has to be generated again.
func Checksum() string {
	types := Extendable()
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(types)) {
		t := types[name]
		fmt.Fprintf(h, "type %s", name)
		for _, a := range t.Annotations() {
			if sql, ok := a.(entsql.Annotation); ok {
				fmt.Fprintf(h, " table %s", sql.Table)
			}
		}
		for _, f := range t.Fields() {
			d := f.Descriptor()
			fmt.Fprintf(h, "\nfield %s %s size %d unique %t nillable %t optional %t immutable %t default %t %v",
				d.Name, d.Info.Type, d.Size, d.Unique, d.Nillable, d.Optional, d.Immutable, d.Default != nil, d.SchemaType)
		}
		for _, e := range t.Edges() {
			d := e.Descriptor()
			fmt.Fprintf(h, "\nedge %s %s field %s ref %s unique %t inverse %t required %t",
				d.Name, d.Type, d.Field, d.RefName, d.Unique, d.Inverse, d.Required)
		}
		for _, i := range t.Indexes() {
			d := i.Descriptor()
			fmt.Fprintf(h, "\nindex %v %v unique %t", d.Fields, d.Edges, d.Unique)
		}
		fmt.Fprintln(h)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
