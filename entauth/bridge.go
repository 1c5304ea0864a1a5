package entauth

import (
	_ "embed"
	"path"
	"slices"
	"strconv"

	"entgo.io/ent/entc/gen"
	"entgo.io/ent/schema/field"

	torii "github.com/torii-go/torii/ent/schema"
)

//go:embed bridge.tmpl
var bridgeText string

// bridge is what the template writes from.
type bridge struct {
	User     *gen.Type
	Checksum string
	Imports  []goImport
	Fields   []bridgeField // of User, without Torii's
}

type goImport struct{ Name, Path string }

// bridgeField is a field of the application's User.
type bridgeField struct {
	*gen.Field
	Kind   string
	Values []string
	MaxLen int64
	// Required fields have a method in AuthUser.
	Required bool
	// Single says that the database refuses the same value for another user.
	Single bool
	// Zero says that the entity has a zero value where the database has NULL, and that
	// it stands for nothing.
	Zero   bool
	Travel torii.Travel
}

// newBridge is a function of the template.
func newBridge(g *gen.Graph) (*bridge, error) {
	ref, err := newReference()
	if err != nil {
		return nil, err
	}
	b := &bridge{User: nodeOf(g, "User"), Checksum: torii.Checksum()}
	for _, f := range added(b.User, ref.types["User"]) {
		x := bridgeField{Field: f, Kind: kindOf(f), Required: !f.Optional && !f.Default && len(f.RequiredFor()) > 0, Single: single(b.User, f)}
		x.Travel, _ = travelOf(f.Annotations)
		if f.IsEnum() {
			x.Values = f.EnumValues()
		}
		if x.Kind == "string" {
			x.MaxLen = maxLenOf(f)
		}
		x.Zero = f.Optional && !f.Nillable && (x.Kind == "string" || x.Kind == "time")
		b.Fields = append(b.Fields, x)
		b.addImport(f.Type)
	}
	return b, nil
}

func (b *bridge) addImport(t *field.TypeInfo) {
	if t.PkgPath == "" || t.PkgPath == "time" { // the template has that one
		return
	}
	i := goImport{Path: t.PkgPath}
	if t.PkgName != "" && t.PkgName != path.Base(t.PkgPath) {
		i.Name = t.PkgName
	}
	if !slices.Contains(b.Imports, i) {
		b.Imports = append(b.Imports, i)
	}
}

// single tells whether a value can belong to one user only, and can be looked for.
func single(t *gen.Type, f *gen.Field) bool {
	if f.HasValueScanner() {
		return false // what the column holds is not the value
	}
	if f.Unique {
		return true
	}
	if e, err := f.Edge(); err == nil && e.O2O() {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(i *gen.Index) bool {
		return i.Unique && len(i.Columns) == 1 && i.Columns[0] == f.StorageKey()
	})
}

// Required are the fields that AuthUser gives.
func (b *bridge) Required() []bridgeField {
	return b.where(func(f bridgeField) bool { return f.Required })
}

// Shown are the fields that LoadUser reads.
func (b *bridge) Shown() []bridgeField {
	return b.where(func(f bridgeField) bool { return f.Travel.Show })
}

// Singles are the fields that Taken looks for.
func (b *bridge) Singles() []bridgeField {
	return b.where(func(f bridgeField) bool { return f.Single })
}

// Zeros tells whether a shown field stands for nothing when it is zero.
func (b *bridge) Zeros() bool {
	return slices.ContainsFunc(b.Shown(), func(f bridgeField) bool { return f.Zero })
}

func (b *bridge) where(keep func(bridgeField) bool) []bridgeField {
	return slices.DeleteFunc(slices.Clone(b.Fields), func(f bridgeField) bool { return !keep(f) })
}

// Quoted are the values of an enum as Go strings.
func (f bridgeField) Quoted() []string {
	var list []string
	for _, v := range f.Values {
		list = append(list, strconv.Quote(v))
	}
	return list
}
