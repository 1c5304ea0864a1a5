package bench_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/torii-go/torii/internal/testdb"
)

// What somebody writes who needs only this: the statement is prepared once, the
// columns go into structs, nothing is limited, logged or refreshed.

type handSession struct {
	ID, UserID, Factors, Transport, UserAgent, IP string
	CreatedAt, LastSeenAt, ExpiresAt, EndsAt      time.Time
}

type handUser struct {
	ID, Email, EmailEntered          string
	Name, Picture                    sql.NullString
	VerifiedAt, DisabledAt, ValidAll sql.NullTime
	CreatedAt, UpdatedAt             time.Time
}

type handIdentity struct {
	session handSession
	user    handUser
}

type handKey struct{}

const (
	handLookup = "SELECT s.id, s.user_id, s.factors, s.transport, s.user_agent, s.ip, s.created_at, s.last_seen_at, s.expires_at, s.absolute_expires_at, " +
		"u.email, u.email_entered, u.name, u.picture, u.email_verified_at, u.disabled_at, u.sessions_valid_after, u.created_at, u.updated_at " +
		"FROM auth_sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = "
	handPassword = "SELECT u.id, c.secret FROM users u JOIN auth_credentials c ON c.user_id = u.id WHERE c.kind = 'password' AND u.email = "
	handInsert   = "INSERT INTO auth_sessions (id, token_hash, user_id, factors, transport, user_agent, ip, created_at, last_seen_at, expires_at, absolute_expires_at) VALUES "
)

// openByHand opens the pool of a careful program.
func openByHand(b *testing.B, db testdb.DB) *sql.DB {
	b.Helper()
	dsn := db.DSN
	conns := 16
	switch db.Dialect {
	case "sqlite3":
		dsn += "?_fk=1&_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000&_txlock=immediate"
		conns = 8
	case "mysql":
		dsn = withParam(dsn, "parseTime=true&loc=UTC&charset=utf8mb4")
	}
	pool, err := sql.Open(db.Driver, dsn)
	if err != nil {
		b.Fatal(err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	b.Cleanup(func() { pool.Close() })
	return pool
}

func withParam(dsn, params string) string {
	if strings.Contains(dsn, "?") {
		return dsn + "&" + params
	}
	return dsn + "?" + params
}

func (s *site) prepare(b *testing.B, query string, placeholders int) *sql.Stmt {
	b.Helper()
	marks := make([]string, placeholders)
	for i := range marks {
		marks[i] = "?"
		if s.client.Driver().Dialect() == "postgres" {
			marks[i] = "$" + string(rune('1'+i))
			if i > 8 {
				marks[i] = "$1" + string(rune('0'+i-9))
			}
		}
	}
	list := strings.Join(marks, ", ")
	if placeholders > 1 {
		list = "(" + list + ")"
	}
	stmt, err := s.db.PrepareContext(b.Context(), query+list)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stmt.Close() })
	return stmt
}

// requireUser is a session check written by hand.
func requireUser(lookup *sql.Stmt, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("__Host-torii_session")
		if err != nil {
			http.Error(w, "sign in", http.StatusUnauthorized)
			return
		}
		hash := sha256.Sum256([]byte(cookie.Value))
		id := &handIdentity{}
		s, u := &id.session, &id.user
		err = lookup.QueryRowContext(r.Context(), hash[:]).Scan(
			&s.ID, &s.UserID, &s.Factors, &s.Transport, &s.UserAgent, &s.IP, &s.CreatedAt, &s.LastSeenAt, &s.ExpiresAt, &s.EndsAt,
			&u.Email, &u.EmailEntered, &u.Name, &u.Picture, &u.VerifiedAt, &u.DisabledAt, &u.ValidAll, &u.CreatedAt, &u.UpdatedAt)
		if err != nil || !time.Now().Before(s.ExpiresAt) || u.DisabledAt.Valid {
			http.Error(w, "sign in", http.StatusUnauthorized)
			return
		}
		u.ID = s.UserID
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), handKey{}, id)))
	})
}

// signIn is a sign-in written by hand: body, password, session, cookie.
func signIn(password, insert *sql.Stmt, memory, passes uint32) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Email, Password string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, "bad body", http.StatusBadRequest)
			return
		}
		var userID, stored string
		if err := password.QueryRowContext(r.Context(), in.Email).Scan(&userID, &stored); err != nil {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		parts := strings.Split(stored, "$") // "", argon2id, v=, m=, salt, tag
		salt, _ := base64.RawStdEncoding.DecodeString(parts[4])
		tag, _ := base64.RawStdEncoding.DecodeString(parts[5])
		got := argon2.IDKey([]byte(in.Password), salt, passes, memory, 1, uint32(len(tag)))
		if subtle.ConstantTimeCompare(got, tag) != 1 {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		secret := rand.Text() + rand.Text()
		hash := sha256.Sum256([]byte(secret))
		now := time.Now().UTC()
		ends := now.Add(30 * 24 * time.Hour)
		if _, err := insert.ExecContext(r.Context(), "ses_"+rand.Text(), hash[:], userID, "v1", "cookie",
			r.UserAgent(), r.RemoteAddr, now, now, ends, ends); err != nil {
			http.Error(w, "broken", http.StatusInternalServerError)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "__Host-torii_session", Value: secret, Path: "/", Expires: ends, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"user": map[string]string{"id": userID, "email": in.Email}})
	}
}
