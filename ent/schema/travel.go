package schema

import (
	"entgo.io/ent/schema"
)

// Travel is the annotation of a host's field of User: how it goes over HTTP. Without one
// a field stays inside.
//
//	field.String("locale").Annotations(torii.SignUp(), torii.Shown(), torii.Editable())
type Travel struct {
	SignUp bool `json:"sign_up"`
	Show   bool `json:"show"`
	Edit   bool `json:"edit"`
}

// SignUp has the bodies of sign-ups accept the field.
func SignUp() Travel { return Travel{SignUp: true} }

// Shown has the user object show the field, to the user themselves.
func Shown() Travel { return Travel{Show: true} }

// Editable has PATCH /user accept the field.
func Editable() Travel { return Travel{Edit: true} }

// Name implements schema.Annotation.
func (Travel) Name() string { return "ToriiTravel" }

// Merge implements schema.Merger.
func (t Travel) Merge(other schema.Annotation) schema.Annotation {
	switch o := other.(type) {
	case Travel:
		t.SignUp, t.Show, t.Edit = t.SignUp || o.SignUp, t.Show || o.Show, t.Edit || o.Edit
	case *Travel:
		if o != nil {
			return t.Merge(*o)
		}
	}
	return t
}
