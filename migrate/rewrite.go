package migrate

import (
	"maps"
	"strings"

	"entgo.io/ent/dialect"
)

// mostTexts bounds the statements whose rewritten text is kept. Torii has fewer; only
// lists of changing length (IN, bulk inserts) make more.
const mostTexts = 512

// rewrite returns a statement with the prefix before every quoted name of a table. Ent
// quotes every identifier and sends every value as an argument, and no column of Torii's
// is named like a table. The texts are kept in a map that is never written to, so that
// nobody waits for a lock.
func (p *prefix) rewrite(query string) string {
	if p == nil {
		return query
	}
	if text, ok := (*p.kept.Load())[query]; ok {
		return text
	}
	text := p.scan(query)
	if len(query) <= longestStatement {
		p.mu.Lock()
		defer p.mu.Unlock()
		next := map[string]string{}
		if old := *p.kept.Load(); len(old) < mostTexts {
			next = maps.Clone(old)
		}
		next[query] = text
		p.kept.Store(&next)
	}
	return text
}

// scan looks at a statement as the database's own scanner does, as far as is needed to
// tell names in quotes from texts, comments and names that merely contain them.
func (p *prefix) scan(query string) string {
	var b strings.Builder
	copied := 0
	for i := 0; i < len(query); {
		end, name := p.token(query, i)
		if full, ok := p.names[name]; ok {
			b.WriteString(query[copied : i+1])
			b.WriteString(full)
			copied = end - 1
		}
		i = end
	}
	if copied == 0 {
		return query
	}
	b.WriteString(query[copied:])
	return b.String()
}

// token returns the end of what begins at i, and what stands in its quotes if it is a
// name in quotes.
func (p *prefix) token(q string, i int) (end int, name string) {
	mysql, postgres := p.dialect == dialect.MySQL, p.dialect == dialect.Postgres
	rest := q[i:]
	switch c := q[i]; {
	case c == '`' && !postgres, c == '"' && !mysql:
		end, closed := quoted(q, i, false)
		if closed {
			name = q[i+1 : end-1]
		}
		return end, name
	case c == '\'', c == '"':
		// PostgreSQL: E'it\'s', where the E begins a word.
		escapes := mysql || postgres && i > 0 && q[i-1]|0x20 == 'e' && (i == 1 || !isWord(q[i-2]))
		end, _ := quoted(q, i, escapes)
		return end, ""
	case c == '[' && p.dialect == dialect.SQLite:
		return after(q, i, "]"), ""
	case strings.HasPrefix(rest, "--") && (!mysql || len(rest) == 2 || rest[2] <= ' '), c == '#' && mysql:
		return after(q, i, "\n"), ""
	case strings.HasPrefix(rest, "/*"):
		return comment(q, i, postgres), ""
	case c == '$' && postgres && (i == 0 || !isWord(q[i-1])):
		if tag := dollarTag(rest); tag != "" {
			return after(q, i+len(tag), tag), ""
		}
	}
	return i + 1, ""
}

// quoted returns the end of what is in quotes from i, and whether it has one. The quote
// itself is written twice.
func quoted(q string, i int, escapes bool) (end int, closed bool) {
	for j := i + 1; j < len(q); j++ {
		switch {
		case escapes && q[j] == '\\':
			j++
		case q[j] != q[i]:
		case j+1 < len(q) && q[j+1] == q[i]:
			j++
		default:
			return j + 1, true
		}
	}
	return len(q), false
}

// after returns where the mark that follows i ends, or the end of q.
func after(q string, i int, mark string) int {
	if n := strings.Index(q[i:], mark); n >= 0 {
		return i + n + len(mark)
	}
	return len(q)
}

// comment returns the end of the comment at i. PostgreSQL's contain others.
func comment(q string, i int, nests bool) int {
	if !nests {
		return after(q, i+2, "*/")
	}
	depth := 0
	for ; i < len(q); i++ {
		switch {
		case strings.HasPrefix(q[i:], "/*"):
			depth++
			i++
		case strings.HasPrefix(q[i:], "*/"):
			i++
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(q)
}

// dollarTag returns the $tag$ that begins a text of PostgreSQL's, or "" for anything
// else, such as $1.
func dollarTag(s string) string {
	for j := 1; j < len(s); j++ {
		switch {
		case s[j] == '$':
			return s[:j+1]
		case !isWord(s[j]) || j == 1 && s[j] >= '0' && s[j] <= '9':
			return ""
		}
	}
	return ""
}

// isWord tells whether a byte may be within a name without quotes.
func isWord(c byte) bool {
	return c == '_' || c >= 0x80 || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
