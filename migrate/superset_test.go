package migrate_test

import (
	"context"
	"fmt"
	"testing"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// superset is what a host's Ent schema has beside Torii's, and how to see that it is
// there: a query whose answer is known, or a statement that must fail.
type superset struct {
	name    string
	add     func(tables []*schema.Table) []*schema.Table
	fill    []string
	query   string
	want    string
	refused string
}

func table(tables []*schema.Table, name string) *schema.Table {
	for _, t := range tables {
		if t.Name == name {
			return t
		}
	}
	panic("no table " + name)
}

func columnOf(t *schema.Table, name string) *schema.Column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	panic("no column " + name)
}

// withPlan adds the column that most supersets have.
func withPlan(tables []*schema.Table) (users *schema.Table, plan *schema.Column) {
	users, plan = table(tables, "users"), &schema.Column{Name: "plan", Type: field.TypeString, Nullable: true, Size: 20}
	users.Columns = append(users.Columns, plan)
	return users, plan
}

func supersets(dialectName string) []superset {
	gold := []string{"UPDATE users SET plan = 'gold'"}
	const askPlan = "SELECT plan FROM users WHERE email = 'ann@example.org'"
	list := []superset{
		{name: "nothing", add: func(tables []*schema.Table) []*schema.Table { return tables }, query: "SELECT 1", want: "1"},
		{name: "a column", add: func(tables []*schema.Table) []*schema.Table {
			withPlan(tables)
			return tables
		}, fill: gold, query: askPlan, want: "gold"},
		{name: "a column with a default", add: func(tables []*schema.Table) []*schema.Table {
			_, plan := withPlan(tables)
			plan.Nullable, plan.Default = false, "free"
			return tables
		}, query: askPlan, want: "free"},
		{name: "an index", add: func(tables []*schema.Table) []*schema.Table {
			users, plan := withPlan(tables)
			users.Indexes = append(users.Indexes, &schema.Index{Name: "user_plan", Columns: []*schema.Column{plan}})
			return tables
		}, fill: gold, query: count(dialectName, "user_plan"), want: "1"},
		{name: "a unique index", add: func(tables []*schema.Table) []*schema.Table {
			users, plan := withPlan(tables)
			users.Indexes = append(users.Indexes, &schema.Index{Name: "user_plan", Unique: true, Columns: []*schema.Column{plan}})
			return tables
		}, fill: []string{"UPDATE users SET plan = email"}, query: askPlan, want: "ann@example.org", refused: "UPDATE users SET plan = 'same'"},
		{name: "a unique column", add: func(tables []*schema.Table) []*schema.Table {
			_, plan := withPlan(tables)
			plan.Unique, plan.Size = true, 200
			return tables
		}, fill: []string{"UPDATE users SET plan = email"}, query: askPlan, want: "ann@example.org", refused: "UPDATE users SET plan = 'same'"},
		{name: "a check", add: func(tables []*schema.Table) []*schema.Table {
			users, _ := withPlan(tables)
			users.Annotation = &entsql.Annotation{Table: "users", Checks: map[string]string{"users_plan_known": "plan <> 'lead'"}}
			return tables
		}, fill: gold, query: askPlan, want: "gold", refused: "UPDATE users SET plan = 'lead'"},
		{name: "a foreign key", add: func(tables []*schema.Table) []*schema.Table {
			users, id := table(tables, "users"), &schema.Column{Name: "id", Type: field.TypeInt}
			teams := &schema.Table{Name: "teams", Columns: []*schema.Column{id}, PrimaryKey: []*schema.Column{id}}
			team := &schema.Column{Name: "team_id", Type: field.TypeInt, Nullable: true}
			users.Columns = append(users.Columns, team)
			users.ForeignKeys = append(users.ForeignKeys, &schema.ForeignKey{Symbol: "users_teams_users", Columns: []*schema.Column{team}, RefTable: teams,
				RefColumns: []*schema.Column{id}, OnDelete: schema.SetNull})
			return append(tables, teams)
		}, fill: []string{"INSERT INTO teams (id) VALUES (7)", "UPDATE users SET team_id = 7"},
			query: "SELECT team_id FROM users WHERE email = 'ann@example.org'", want: "7", refused: "UPDATE users SET team_id = 8"},
		{name: "a table of its own", add: func(tables []*schema.Table) []*schema.Table {
			users, id := table(tables, "users"), &schema.Column{Name: "id", Type: field.TypeInt, Increment: true}
			author := &schema.Column{Name: "author", Type: field.TypeString, Size: 64}
			return append(tables, &schema.Table{Name: "posts", Columns: []*schema.Column{id, author}, PrimaryKey: []*schema.Column{id},
				ForeignKeys: []*schema.ForeignKey{{Symbol: "posts_users_posts", Columns: []*schema.Column{author}, RefTable: users,
					RefColumns: []*schema.Column{columnOf(users, "id")}, OnDelete: schema.Cascade}}})
		}, fill: []string{"INSERT INTO posts (author) SELECT id FROM users"}, query: "SELECT count(*) FROM posts", want: "2",
			refused: "INSERT INTO posts (author) VALUES ('nobody')"},
	}
	wider := superset{name: "a wider column", add: func(tables []*schema.Table) []*schema.Table {
		columnOf(table(tables, "users"), "email").Size = map[bool]int64{true: 320, false: 1 << 31}[dialectName == dialect.MySQL]
		return tables
	}}
	nullable := superset{name: "a column that may be null", add: func(tables []*schema.Table) []*schema.Table {
		columnOf(table(tables, "users"), "email_entered").Nullable = true
		return tables
	}}
	const about = "SELECT %s FROM information_schema.columns WHERE table_schema = %s AND table_name = 'users' AND column_name = '%s'"
	switch dialectName {
	case dialect.SQLite:
		wider.query, wider.want = "SELECT lower(type) FROM pragma_table_info('users') WHERE name = 'email'", "text"
		nullable.query, nullable.want = `SELECT "notnull" FROM pragma_table_info('users') WHERE name = 'email_entered'`, "0"
	case dialect.Postgres:
		wider.query, wider.want = fmt.Sprintf(about, "data_type", "current_schema()", "email"), "text"
		nullable.query, nullable.want = fmt.Sprintf(about, "is_nullable", "current_schema()", "email_entered"), "YES"
	default:
		wider.query, wider.want = fmt.Sprintf(about, "column_type", "DATABASE()", "email"), "varchar(320)"
		nullable.query, nullable.want = fmt.Sprintf(about, "is_nullable", "DATABASE()", "email_entered"), "YES"
	}
	return append(list, wider, nullable)
}

// graph leaves those of Torii's tables that stand in a host's graph.
func graph(tables []*schema.Table) []*schema.Table {
	var list []*schema.Table
	for _, name := range []string{"users", "auth_sessions", "auth_credentials", "auth_oauth_accounts", "auth_magic_tokens"} {
		list = append(list, table(tables, name))
	}
	return list
}

// schemaCreate is a host's generated Schema.Create. Ent writes into the tables, so each
// call has its own.
func schemaCreate(release func() []*schema.Table, s superset) func(context.Context, dialect.Driver) error {
	return func(ctx context.Context, d dialect.Driver) error {
		m, err := schema.NewMigrate(d)
		if err != nil {
			return err
		}
		return m.Create(ctx, s.add(graph(release()))...)
	}
}

// logTrigger notes every user that is added.
func logTrigger(dialectName string) []string {
	list := []string{"CREATE TABLE log (email varchar(320))"}
	switch dialectName {
	case dialect.SQLite:
		return append(list, "CREATE TRIGGER users_log AFTER INSERT ON users BEGIN INSERT INTO log VALUES (NEW.email); END")
	case dialect.Postgres:
		return append(list, "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (NEW.email); RETURN NEW; END $$",
			"CREATE TRIGGER users_log AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION note()")
	}
	return append(list, "CREATE TRIGGER users_log AFTER INSERT ON users FOR EACH ROW INSERT INTO log VALUES (NEW.email)")
}

// whole checks that nothing of anybody's is lost, and nothing is left to do.
func (s superset) whole(t *testing.T, client *ent.Client, release func() []*schema.Table, version int, when string) {
	t.Helper()
	ctx := t.Context()
	if got := text(t, client, s.query); got != s.want {
		t.Errorf("%s: %q, want %q: %s", when, got, s.want, s.query)
	}
	if s.refused != "" {
		if _, err := client.ExecContext(ctx, s.refused); err == nil {
			t.Errorf("%s: accepted: %s", when, s.refused)
		}
	}
	added := addUser(t, client, "new@example.org")
	if got := text(t, client, "SELECT count(*) FROM log"); got != "1" {
		t.Errorf("%s: the trigger has noted %s users, want 1", when, got)
	}
	run(t, client, "DELETE FROM log", "DELETE FROM users WHERE id = '"+added.ID+"'")
	if users, sessions := client.User.Query().CountX(ctx), client.Session.Query().CountX(ctx); users != 2 || sessions != 1 {
		t.Errorf("%s: %d users and %d sessions, want 2 and 1", when, users, sessions)
	}
	if plan, err := migrate.PlanTo(ctx, client, release(), version); err != nil || plan != "" {
		t.Errorf("%s: there is a plan: %v\n%s", when, err, plan)
	}
	if err := migrate.Verify(ctx, client); err != nil {
		t.Errorf("%s: %v", when, err)
	}
}

// Every superset, whoever comes first, on every database, and then the next release.
func TestSupersets(t *testing.T) {
	for _, name := range testdb.Dialects() {
		for _, s := range supersets(name) {
			for _, hostFirst := range []bool{true, false} {
				order := map[bool]string{true: "host first", false: "Torii first"}[hostFirst]
				t.Run(name+"/"+s.name+"/"+order, func(t *testing.T) {
					t.Parallel()
					s.test(t, testdb.New(t, name), hostFirst)
				})
			}
		}
	}
}

func (s superset) test(t *testing.T, db testdb.DB, hostFirst bool) {
	ctx := t.Context()
	drv, err := migrate.Driver(ctx, db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drv.Close() })
	client, err := migrate.Client(drv)
	if err != nil {
		t.Fatal(err)
	}
	filled := false
	// Both migrate to a release, in the order of the test, and the first once more.
	both := func(release func() []*schema.Table, version int) {
		t.Helper()
		for i, host := range []bool{hostFirst, !hostFirst, hostFirst} {
			when := fmt.Sprintf("release %d, step %d, Up", version, i+1)
			if host {
				when = fmt.Sprintf("release %d, step %d, Host", version, i+1)
				err = migrate.HostTo(ctx, drv, release(), version, schemaCreate(release, s))
			} else {
				err = migrate.UpTo(ctx, client, release(), version)
			}
			if err != nil {
				t.Fatalf("%s: %v", when, err)
			}
			if i == 0 && version == 1 {
				ann := addUser(t, client, "ann@example.org")
				addUser(t, client, "ben@example.org")
				client.Session.Create().SetUserID(ann.ID).SetTokenHash(make32(1)).SetExpiresAt(ann.CreatedAt).SetAbsoluteExpiresAt(ann.CreatedAt).ExecX(ctx)
				run(t, client, logTrigger(db.Dialect)...)
			}
			if host && !filled {
				run(t, client, s.fill...)
				filled = true
			}
			if filled {
				s.whole(t, client, release, version, when)
			}
		}
	}
	both(migrate.Desired, 1)
	both(nextRelease, 2)
	if got := text(t, client, "SELECT locale FROM users WHERE email = 'ann@example.org'"); got != "it's en" {
		t.Errorf("the default of the next release's column: %q", got)
	}
}
