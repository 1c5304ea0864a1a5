package migrate

import (
	"errors"
	"net/url"
	"strings"
)

// Session defaults that cannot stand in a DSN, because their names differ between
// MySQL 8 and MariaDB. READ COMMITTED takes no gap locks, which are what sign-ins
// that insert into one index would deadlock on, and a transaction sees what others
// have committed meanwhile, as on PostgreSQL.
const mysqlReadCommitted = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"

const cureOwnPool = "if you need it, open the pool yourself and use OpenDB"

var mysqlRules = []rule{
	{keys: []string{"parseTime"}, ok: isTrue, set: "parseTime=true", cure: "times would come back as text; remove it"},
	{keys: []string{"loc"}, ok: oneOf("UTC"), cure: "times are stored in UTC; remove it"},
	{keys: []string{"time_zone"}, ok: oneOf("'+00:00'", "'UTC'"), set: "time_zone=%27%2B00%3A00%27", cure: "times are stored in UTC; remove it"},
	{keys: []string{"charset"}, ok: isUTF8MB4, set: "charset=utf8mb4", cure: "names and addresses hold any character; remove it or say utf8mb4"},
	{keys: []string{"collation"}, ok: isUTF8MB4, cure: "remove it or name one of utf8mb4"},
	{keys: []string{"interpolateParams"}, ok: anything, set: "interpolateParams=true"},
	{keys: []string{"sql_mode"}, ok: isStrict, set: "sql_mode=CONCAT_WS%28%27%2C%27%2CNULLIF%28%40%40sql_mode%2C%27%27%29%2C%27STRICT_TRANS_TABLES%27%29",
		cure: "without strict mode MySQL cuts what is too long and stores it; remove it or add STRICT_TRANS_TABLES"},
	{keys: []string{"timeout"}, ok: anything, set: "timeout=10s"},
	{keys: []string{"multiStatements"}, ok: isFalse, cure: "an injection could then be a second statement; remove it, " + cureOwnPool},
	{keys: []string{"allowAllFiles"}, ok: isFalse, cure: "the server could read this machine's files; remove it"},
	{keys: []string{"allowCleartextPasswords"}, ok: isFalse, cure: "the password could be sent in the clear; remove it, " + cureOwnPool},
	{keys: []string{"allowOldPasswords"}, ok: isFalse, cure: "remove it"},
	{keys: []string{"columnsWithAlias"}, ok: isFalse, cure: "columns are read by their names; remove it"},
	{keys: []string{"ssl-mode", "sslmode", "useSSL", "ssl"}, cure: "this driver says tls=true, tls=skip-verify or tls=preferred"},
}

func isUTF8MB4(v string) bool { return strings.HasPrefix(strings.ToLower(v), "utf8mb4") }

func isStrict(v string) bool {
	v = strings.ToUpper(v)
	return strings.Contains(v, "STRICT_TRANS_TABLES") || strings.Contains(v, "STRICT_ALL_TABLES") || strings.Contains(v, "TRADITIONAL")
}

// mysqlDSN takes a URL or the driver's own form, and touches nothing but parameters.
func mysqlDSN(dsn string) (target, error) {
	if schemeDialect(dsn) != "" {
		var err error
		if dsn, err = mysqlFromURL(dsn); err != nil {
			return target{}, err
		}
	}
	// The driver's own rule: the database begins after the LAST slash (the password
	// may hold some), its parameters after the first question mark behind it.
	slash := strings.LastIndexByte(dsn, '/')
	if slash < 0 {
		return target{}, errors.New(`it has no slash before the database's name; say user:password@tcp(host:3306)/name ` +
			`(a slash in a parameter is written %2F)`)
	}
	name, query, _ := strings.Cut(dsn[slash+1:], "?")
	if name == "" {
		return target{}, errors.New("it names no database; say .../name")
	}
	params, err := splitParams(query)
	if err != nil {
		return target{}, err
	}
	params, refused := applyRules(mysqlRules, params)
	if err := refuse(refused); err != nil {
		return target{}, err
	}
	t := target{dsn: dsn[:slash+1] + name + "?" + joinParams(params), setup: []string{mysqlReadCommitted}}
	for _, p := range params {
		if p.key == "transaction_isolation" || p.key == "tx_isolation" {
			t.setup = nil // the host has chosen
		}
	}
	return t, nil
}

// mysqlFromURL turns mysql://user:password@host:port/name?parameters into the form of
// go-sql-driver, where user and password stand as they are. A socket is given as
// ?socket=/path.
func mysqlFromURL(dsn string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Fragment != "" {
		return "", errBadURL // url.Parse would quote the password
	}
	params, err := splitParams(u.RawQuery)
	if err != nil {
		return "", err
	}
	address := "tcp(" + u.Host + ")"
	switch {
	case u.Host == "":
		address = "tcp(127.0.0.1:3306)"
	case u.Port() == "":
		address = "tcp(" + u.Host + ":3306)"
	}
	for _, p := range params {
		if p.key == "socket" || p.key == "unix_socket" {
			address = "unix(" + p.value + ")"
		}
	}
	var user string
	if u.User != nil {
		if strings.Contains(u.User.Username(), ":") {
			return "", errors.New("the driver cannot take a user name with a colon in it")
		}
		user = u.User.Username()
		if password, ok := u.User.Password(); ok {
			user += ":" + password
		}
		user += "@"
	}
	name := strings.Trim(u.EscapedPath(), "/")
	return user + address + "/" + name + "?" + joinParams(without(params, "socket", "unix_socket")), nil
}
