package entauth

import (
	"encoding/json"
	"math"
	"reflect"

	"entgo.io/ent/entc/gen"
	"entgo.io/ent/schema/field"

	torii "github.com/torii-go/torii/ent/schema"
)

// travelOf reads the annotation that says how a field goes over HTTP.
func travelOf(annotations gen.Annotations) (t torii.Travel, ok bool) {
	a, ok := annotations[torii.Travel{}.Name()]
	if !ok {
		return t, false
	}
	raw, err := json.Marshal(a)
	if err != nil || json.Unmarshal(raw, &t) != nil {
		return torii.Travel{}, false
	}
	return t, true
}

// kindOf is auth.HostField.Kind; "" if it is not known how JSON writes the type.
func kindOf(f *gen.Field) string {
	rt := f.Type.RType
	has := func(name string) bool {
		if rt == nil {
			return false
		}
		_, ok := rt.Methods[name]
		return ok
	}
	text := has("MarshalText") && has("UnmarshalText")
	switch t := f.Type.Type; {
	case t == field.TypeTime:
		if rt == nil || rt.Name == "Time" && rt.PkgPath == "time" && !rt.IsPtr() {
			return "time"
		}
		return ""
	case t == field.TypeJSON || t == field.TypeBytes || has("MarshalJSON") || has("UnmarshalJSON"):
		return ""
	case text:
		return "string"
	case has("MarshalText") || has("UnmarshalText"):
		return ""
	case t == field.TypeString || t == field.TypeEnum:
		return kindIf(rt == nil || rt.Kind == reflect.String, "string")
	case t == field.TypeBool:
		return kindIf(rt == nil || rt.Kind == reflect.Bool, "boolean")
	case t.Integer():
		return kindIf(rt == nil || reflect.Int <= rt.Kind && rt.Kind <= reflect.Uint64, "integer")
	case t.Float():
		return kindIf(rt == nil || rt.Kind == reflect.Float32 || rt.Kind == reflect.Float64, "number")
	}
	return ""
}

func kindIf(ok bool, kind string) string {
	if !ok {
		return ""
	}
	return kind
}

// maxLenOf is auth.HostField.MaxLen: a string without MaxLen is held to what fits into
// the column that Ent makes for it on MySQL.
func maxLenOf(f *gen.Field) int64 {
	if !f.IsString() || f.HasGoType() && f.Type.RType.Kind != reflect.String || sizeOf(f) >= math.MaxInt32 {
		return 0
	}
	return sizeOf(f)
}

// checkTravel finds annotations of User that cannot be followed.
func checkTravel(t, ours *gen.Type, found *findings) {
	for _, f := range fieldsOf(t) {
		travel, ok := travelOf(f.Annotations)
		switch {
		case !ok:
		case fieldOf(ours, f.Name) != nil:
			found.add("User.%s is Torii's and goes over HTTP in Torii's way: remove torii.SignUp, Shown and Editable from it", f.Name)
		case kindOf(f) == "":
			found.add("User.%s has the type %s, of which it is not known how JSON writes it: remove torii.SignUp, Shown and Editable from it; "+
				"strings, numbers, booleans, times, enums, and types with MarshalText and without MarshalJSON can go over HTTP", f.Name, f.Type)
		default:
			if travel.Show && f.Sensitive() {
				found.add("User.%s is Sensitive() and torii.Shown(): remove one of them", f.Name)
			}
			if travel.Edit && f.Immutable {
				found.add("User.%s is Immutable() and torii.Editable(): remove one of them", f.Name)
			}
		}
	}
}

// checkStray finds annotations where nothing reads them.
func checkStray(n *gen.Type, found *findings) {
	const cure = "torii.SignUp, Shown and Editable are for fields of User: remove them"
	if _, ok := travelOf(n.Annotations); ok {
		found.add("the type %s has an annotation of a field; %s", n.Name, cure)
	}
	for _, e := range n.Edges {
		if _, ok := travelOf(e.Annotations); ok {
			found.add("the edge %s.%s has an annotation of a field; %s, or bind the edge to a field and annotate that", n.Name, e.Name, cure)
		}
	}
	if n.Name == "User" {
		return
	}
	for _, f := range fieldsOf(n) {
		if _, ok := travelOf(f.Annotations); ok {
			found.add("%s.%s is not a field of User; %s", n.Name, f.Name, cure)
		}
	}
}
