package entauth_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/entc/load"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/torii-go/torii/ent/migrate"
	torii "github.com/torii-go/torii/ent/schema"
	"github.com/torii-go/torii/entauth"
)

func TestGraphIsChecked(t *testing.T) {
	bounded := func(name string) ent.Field { return field.String(name).MaxLen(10).Default("x") }
	for _, tt := range []struct {
		name   string
		change func(h *host)
		want   string // "" for a graph that fits
	}{
		{"as it is", func(*host) {}, ""},
		{"light", (*host).light, ""},
		{"light, a Session of the host's own", func(h *host) { h.light(); h.rename("Post", "Session") }, ""},
		{"fields of all kinds on User", func(h *host) {
			h.field("User", field.String("locale"))
			h.field("User", field.Text("bio").Default("x"))
			h.field("User", field.Time("terms_at").Default(time.Now))
			h.edge("User", edge.To("posts", Post.Type))
		}, ""},
		{"a required edge that is bound to a field", func(h *host) {
			h.field("User", field.Int("team_id"))
			h.edge("User", edge.To("team", Team.Type).Unique().Required().Field("team_id"))
		}, ""},
		{"a wider column", func(h *host) { *h.at("User", "email").Size = 320 }, ""},
		{"columns that the database fills", func(h *host) {
			h.field("Session", bounded("device"))
			h.field("Session", field.Int("count").Default(0))
			h.field("Session", field.String("note").Optional())
			h.field("MagicToken", field.Time("at").Annotations(entsql.DefaultExpr("CURRENT_TIMESTAMP")))
		}, ""},
		{"annotations that can be followed", func(h *host) {
			h.field("User", field.String("locale").Annotations(torii.SignUp(), torii.Shown(), torii.Editable()))
			h.field("User", field.String("pin").Sensitive().Annotations(torii.SignUp(), torii.Editable()))
			h.field("User", field.Int64("since").GoType(time.Duration(0)).Annotations(torii.Shown()))
		}, ""},

		{"no User", func(h *host) { h.light(); delete(h.types, "User") }, "User is missing in the graph"},
		{"another storage", func(h *host) { h.cfg.Storage, _ = gen.NewStorage("gremlin") }, "the storage is not SQL"},
		{"several schemas of the database", func(h *host) { h.cfg.Features = []gen.Feature{gen.FeatureSchemaConfig} }, "the feature sql/schemaconfig is on"},
		{"integers for all", func(h *host) { h.cfg.Features = []gen.Feature{gen.FeatureGlobalID} }, "the feature sql/globalid is on"},
		{"all tables in a schema", func(h *host) {
			for name := range h.types {
				ant := entsql.Annotation{Schema: "app"}
				if s := torii.Extendable()[name]; s != nil {
					ant.Table = s.Annotations()[0].(entsql.Annotation).Table
				}
				h.annotate(name, ant)
			}
		}, "Session is put into the schema app of the database"},
		{"a type named Auth", func(h *host) { h.rename("Post", "Auth") }, "a type is called Auth"},
		{"a type named AuthUser", func(h *host) { h.rename("Post", "AuthUser") }, "a type is called AuthUser"},
		{"an internal table", func(h *host) { h.annotate("Post", entsql.Table("auth_events")) }, "Post is in the table auth_events, which is the one of Torii's AuthEvent"},
		{"the name of another's table", func(h *host) { h.light(); h.annotate("Post", entsql.Table("auth_sessions")) }, "Post is in the table auth_sessions, which is the one of Torii's Session"},
		{"a join table", func(h *host) {
			h.edge("Post", edge.To("related", Post.Type).StorageKey(edge.Table("auth_outbox"), edge.Columns("a", "b")))
		}, "the edge Post.related is in the table auth_outbox"},
		{"another table", func(h *host) { h.annotate("Session", entsql.Table("logins")) }, "Session is in the table logins, and Torii uses auth_sessions"},
		{"left out", func(h *host) { h.annotate("User", entsql.Annotation{Table: "users", Skip: true}) }, "User is left out of the migration by entsql.Skip"},
		{"a column left out", func(h *host) { h.mark("User", "picture", entsql.Annotation{Skip: true}) }, "User.picture is left out of the migration"},
		{"no field", func(h *host) {
			h.types["User"].Fields = slices.DeleteFunc(h.types["User"].Fields, func(f *load.Field) bool { return f.Name == "disabled_at" })
		}, "User has no field disabled_at"},
		{"integer ids", func(h *host) { h.light(); h.at("User", "id").Info = &field.TypeInfo{Type: field.TypeInt} }, "User.id is Torii's, with another type (int instead of string)"},
		{"no id of ours", func(h *host) {
			h.types["MagicToken"].Fields = h.types["MagicToken"].Fields[1:]
		}, "MagicToken.id is Torii's, with another type (int instead of string)"},
		{"another type", func(h *host) { h.at("Session", "ip").Info = &field.TypeInfo{Type: field.TypeBytes} }, "Session.ip is Torii's, with another type ([]byte instead of string)"},
		{"a Go type", func(h *host) { h.at("User", "email").Info = field.String("x").GoType(named("")).Descriptor().Info }, "User.email is Torii's, with another type (entauth_test.named instead of string)"},
		{"required", func(h *host) { h.at("User", "name").Optional = false }, "User.name is Torii's, with another Optional (false instead of true)"},
		{"not nillable", func(h *host) { h.at("User", "name").Nillable = false }, "User.name is Torii's, with another Nillable"},
		{"immutable", func(h *host) { h.at("User", "email").Immutable = true }, "User.email is Torii's, with another Immutable"},
		{"not unique", func(h *host) { h.at("User", "email").Unique = false }, "User.email is Torii's, with another Unique"},
		{"not sensitive", func(h *host) { h.at("Credential", "secret").Sensitive = false }, "Credential.secret is Torii's, with another Sensitive"},
		{"another column", func(h *host) { h.at("User", "name").StorageKey = "full_name" }, "User.name is Torii's, with another column (full_name instead of name)"},
		{"a smaller size", func(h *host) { *h.at("User", "email").Size = 100 }, "User.email is Torii's, with another size (100 instead of 254)"},
		{"Ent's own size", func(h *host) { h.at("User", "picture").Size = nil }, "User.picture is Torii's, with another size (255 instead of 2048)"},
		{"another column type", func(h *host) { h.at("User", "created_at").SchemaType = nil }, "User.created_at is Torii's, with another column type on mysql (Ent's own instead of datetime(6))"},
		{"no edge", func(h *host) {
			h.types["User"].Edges = h.types["User"].Edges[1:]
			h.types["Session"].Edges[0] = load.NewEdge(edge.To("user", torii.User.Type).Unique().Required().Field("user_id").Descriptor())
		}, "User has no edge sessions"},
		{"another edge", func(h *host) {
			h.types["User"].Edges = h.types["User"].Edges[1:]
			h.types["Session"].Edges = nil
			h.edge("User", edge.To("sessions", Post.Type))
			h.edge("Session", edge.To("user", torii.User.Type).Unique().Required().Field("user_id"))
		}, "the edge User.sessions is not Torii's"},
		{"no cascade", func(h *host) { h.types["User"].Edges[0].Annotations = nil }, "the edge User.sessions is NO ACTION when a user is deleted, and Torii needs CASCADE"},
		{"no index", func(h *host) { h.types["Session"].Indexes = h.types["Session"].Indexes[:1] }, "Session has no index on expires_at"},

		{"a required field on Session", func(h *host) { h.field("Session", field.String("device")) }, "Session.device is required, and Torii makes rows without it"},
		{"a required field on Credential", func(h *host) { h.field("Credential", field.Int("n")) }, "Credential.n is required"},
		{"a required field on OAuthAccount", func(h *host) { h.field("OAuthAccount", field.Bool("b")) }, "OAuthAccount.b is required"},
		{"a required field on MagicToken", func(h *host) { h.field("MagicToken", field.Time("at")) }, "MagicToken.at is required"},
		{"a default in Go alone", func(h *host) { h.field("Session", field.Time("at").Default(time.Now)) }, "Session.at has a default that is only in Go"},
		{"a default of one database", func(h *host) {
			h.field("Session", field.Time("at").Annotations(entsql.DefaultExprs(map[string]string{dialect.SQLite: "CURRENT_TIMESTAMP"})))
		}, "Session.at is required"},
		{"a text with a default", func(h *host) { h.field("Session", field.Text("note").Default("x")) }, "Session.note is a text with a default"},
		{"a required edge of Session", func(h *host) { h.edge("Session", edge.To("team", Team.Type).Unique().Required()) }, "the edge Session.team is required"},
		{"a required edge of User", func(h *host) { h.edge("User", edge.To("team", Team.Type).Unique().Required()) }, `the edge User.team is required, and Torii makes users without it: bind it to a field, edge.….Field("team_id")`},
		{"required posts", func(h *host) { h.edge("User", edge.To("posts", Post.Type).Required()) }, "the edge User.posts is required"},

		{"an annotation on another type's field", func(h *host) { h.field("Post", field.String("title").Annotations(torii.Shown())) }, "Post.title is not a field of User"},
		{"an annotation on a type", func(h *host) { h.annotate("User", torii.Shown()) }, "the type User has an annotation of a field"},
		{"an annotation on an edge", func(h *host) { h.edge("User", edge.To("posts", Post.Type).Annotations(torii.Shown())) }, "the edge User.posts has an annotation of a field"},
		{"an annotation on ours", func(h *host) { h.mark("User", "name", torii.Editable()) }, "User.name is Torii's and goes over HTTP in Torii's way"},
		{"a type of unknown JSON", func(h *host) { h.field("User", field.Strings("labels").Annotations(torii.Shown())) }, "User.labels has the type []string"},
		{"bytes", func(h *host) { h.field("User", field.Bytes("key").Annotations(torii.SignUp())) }, "User.key has the type []byte"},
		{"a Go type with JSON of its own", func(h *host) { h.field("User", field.String("odd").GoType(odd("")).Annotations(torii.Shown())) }, "User.odd has the type entauth_test.odd"},
		{"a secret that is shown", func(h *host) { h.field("User", field.String("pin").Sensitive().Annotations(torii.Shown())) }, "User.pin is Sensitive() and torii.Shown()"},
		{"a constant that is edited", func(h *host) { h.field("User", field.String("code").Immutable().Annotations(torii.Editable())) }, "User.code is Immutable() and torii.Editable()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHost(t)
			tt.change(h)
			err := h.check()
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var found *entauth.SchemaError
			if !errors.As(err, &found) || !slices.ContainsFunc(found.Findings, func(f string) bool { return strings.Contains(f, tt.want) }) {
				t.Errorf("%v\nwant: %s", err, tt.want)
			}
		})
	}
}

// named is a Go type that a host gives a field of Torii's.
type named string

// odd is a string that is something else in JSON.
type odd string

// MarshalJSON writes a number.
func (odd) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

func TestFindingsAreOneError(t *testing.T) {
	h := newHost(t)
	h.field("Session", field.String("device"))
	h.annotate("Post", entsql.Table("auth_meta"))
	h.types["User"].Indexes = append(h.types["User"].Indexes, load.NewIndex(index.Fields("name").Descriptor()))
	*h.at("User", "email").Size = math.MaxUint8 - 5
	err := h.check()
	var found *entauth.SchemaError
	if !errors.As(err, &found) || len(found.Findings) != 3 {
		t.Fatalf("%v, want three findings", err)
	}
	for _, f := range found.Findings {
		if !strings.Contains(err.Error(), "\n- "+f) {
			t.Errorf("the error has no line %q:\n%v", f, err)
		}
	}
}

// A type that Torii adds must be known here, or a host takes its table.
func TestEveryTableOfToriisIsReserved(t *testing.T) {
	for _, table := range migrate.Tables {
		h := newHost(t)
		h.light() // so that no type of Torii's is there and Ent itself has nothing to say
		h.annotate("Post", entsql.Table(table.Name))
		if err := h.check(); err == nil || !strings.Contains(err.Error(), "Post is in the table "+table.Name+", which is the one of Torii's") {
			t.Errorf("%s: %v", table.Name, err)
		}
	}
}
