package main

import (
	"bufio"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"
)

// scanners are how Atlas' own drivers read SQL: what quotes, comments and blocks are.
var scanners = map[string]migrate.ScannerOptions{
	dialect.SQLite:   {MatchBegin: true},
	dialect.Postgres: {MatchBegin: true, MatchBeginAtomic: true, MatchDollarQuote: true, EscapedStringExt: true},
	dialect.MySQL:    {MatchBegin: true, BackslashEscapes: true, HashComments: true},
}

// split returns the statements of a text, without the semicolons that end them.
func split(dialectName, text string) ([]string, error) {
	scanned, err := (&migrate.Scanner{ScannerOptions: scanners[dialectName]}).Scan(text)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, s := range scanned {
		if stmt := strings.TrimRight(s.Text, "; \t\r\n"); stmt != "" {
			list = append(list, stmt)
		}
	}
	return list, nil
}

// gooseStatements returns the statements of the Up part of a goose file as goose finds
// them: one ends with the line that ends with a semicolon, or with StatementEnd. (The
// reader in Atlas' sqltool loses lines that merely hold the word Down.)
func gooseStatements(text string) ([]string, error) {
	var list []string
	var stmt strings.Builder
	end := func() {
		if s := strings.TrimRight(strings.TrimSpace(stmt.String()), "; \t\r\n"); s != "" {
			list = append(list, s)
		}
		stmt.Reset()
	}
	up, block := false, false
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if comment, ok := strings.CutPrefix(line, "--"); ok {
			switch strings.TrimSpace(comment) {
			case "+goose Up":
				up = true
			case "+goose Down":
				if block {
					return nil, fmt.Errorf("a StatementBegin has no StatementEnd")
				}
				end()
				return list, nil
			case "+goose StatementBegin":
				block = true
			case "+goose StatementEnd":
				block = false
				end()
			default:
				if block {
					stmt.WriteString(lines.Text() + "\n")
				}
			}
			continue
		}
		if !up {
			if line != "" {
				return nil, fmt.Errorf("SQL stands before \"-- +goose Up\"")
			}
			continue
		}
		stmt.WriteString(lines.Text() + "\n")
		// A comment may follow the semicolon.
		code, _, _ := strings.Cut(line, " --")
		if !block && strings.HasSuffix(strings.TrimSpace(code), ";") {
			end()
		}
	}
	if block {
		return nil, fmt.Errorf("a StatementBegin has no StatementEnd")
	}
	end()
	return list, lines.Err()
}
