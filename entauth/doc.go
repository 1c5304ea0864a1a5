// Package entauth puts Torii's users into an application's own Ent graph, so that the
// application adds fields and edges to User and writes both in one transaction. It is an
// entc.Extension, for code generation alone: no program that runs imports it.
//
// # What the application writes
//
// "go get github.com/torii-go/torii/entauth", the package and not the module alone, brings
// what the generator depends on. Then one argument in ent/entc.go, as with every extension of Ent:
//
//	entc.Generate("./schema", &gen.Config{}, entc.Extensions(entauth.New()))
//
// Two lines in ent/schema/user.go, an import and the mixin:
//
//	import torii "github.com/torii-go/torii/ent/schema"
//
//	type User struct{ ent.Schema }
//
//	func (User) Mixin() []ent.Mixin { return []ent.Mixin{torii.User{}} }
//
//	func (User) Fields() []ent.Field {
//		return []ent.Field{
//			field.String("plan").Default("free"),
//			field.String("locale").MaxLen(35).Annotations(torii.SignUp(), torii.Shown(), torii.Editable()),
//		}
//	}
//
//	func (User) Edges() []ent.Edge { return []ent.Edge{edge.To("posts", Post.Type)} }
//
// Three calls where the program starts:
//
//	drv, err := migrate.Driver(ctx, "sqlite3", "file:app.db")
//	client := ent.NewClient(ent.Driver(drv))
//	err = client.MigrateAuth(ctx)
//	a, err := client.Auth(auth.Config{…}, newUser{})
//
// And a method for each required field without a default, here locale, which go build
// asks for by its type:
//
//	type newUser struct{}
//
//	func (newUser) Locale(ctx context.Context, n auth.NewUser) (string, error) {
//		return "", auth.ErrMoreNeeded // ask the person
//	}
//
// An application without required fields passes nil. The first go generate of a new
// application cannot have hooks that import its ent package, as always with Ent.
//
// # What is generated
//
// ent/schema/torii_gen.go declares those of User, Session, Credential, OAuthAccount and
// MagicToken that the application does not; see [WriteStubs]. To extend one of them too,
// declare it with the mixin torii.Session{}, and so on. Torii makes their rows by its own
// client, so that what is added there must be Optional or have a default in the database.
//
// ent/torii_auth.go has:
//
//	func (c *Client) MigrateAuth(ctx context.Context, opts ...schema.MigrateOption) error
//	func (c *Client) Auth(cfg auth.Config, fields AuthUser) (*auth.Auth, error)
//	func (c *Client) InAuth(tx *auth.Tx) *Tx         // the application's client in a hook of Torii's
//	func (tx *Tx) Auth(a *auth.Auth) *auth.Tx        // Torii in the application's transaction
//	type AuthUser interface { … }                    // a method for each required field
//
// Users are made by the application's client, in Torii's transaction: its hooks, policies,
// validators and defaults run, auth.SigningUp(ctx) is true in them, and their errors
// survive errors.Is. Fields with torii.SignUp() may be given by who signs up, those with
// torii.Shown() are in the user object, those with torii.Editable() are changed by PATCH
// /user; all others stay inside. A string without MaxLen takes 255 bytes from outside,
// which is what Ent's column holds on MySQL. An Optional number or boolean shows 0 or
// false where there is none, unless it is Nillable too.
//
// # A graph with users alone
//
// With torii.UserFields{} for torii.User{} nothing but User is in the graph: for an
// application that has a Session of its own, for example. Torii makes its other tables
// itself; all else is the same.
//
// # Traps
//
//   - Migrate with MigrateAuth, or with files inside migrate.Lock and then migrate.Host
//     with nil. A bare client.Schema.Create knows neither the lock nor the one connection
//     that SQLite needs, where it can delete the rows of other tables.
//   - Never migrate with WithDropColumn or WithDropIndex: they drop what a newer release
//     of Torii has added.
//   - Import _ "…/ent/runtime" where the program starts if the schema has hooks or
//     policies, as Ent says.
//   - In a hook of Ent on User write by m.Client() or m.Tx(), not by the client of the
//     program: that would wait for a connection which the transaction holds. Hooks on the
//     commit of that Tx do not run; the transaction is Torii's.
//   - Hooks and policies see what is made and changed through the application's client:
//     new users, and its own fields. Torii's other writes and reads are told to
//     auth.Config.Hooks.
//   - After an update of Torii run go generate. Until then auth.New and MigrateAuth say so
//     if the tables have changed.
//
// What does not fit is a [*SchemaError] at go generate, which names each place and its
// cure. The features sql/schemaconfig and sql/globalid cannot be on; all others can.
package entauth
