package main

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxWords is how long a todo may be, in characters.
const maxWords = 200

// errNoTodo is a todo that is not there, or that is somebody else's: nobody is told
// which.
var errNoTodo = errors.New("no such todo")

// todo is a line of somebody's list.
type todo struct {
	ID    string
	Words string
	Done  bool
}

// checkWords tells what is wrong with the words of a new todo; "" if nothing is.
func checkWords(s string) string {
	switch {
	case s == "":
		return "Write down what there is to do."
	case utf8.RuneCountInString(s) > maxWords:
		return "Use at most 200 characters."
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "This has characters that cannot be used."
	}
	return ""
}

// isID tells whether an id can be one of ours. Addresses hold anything, and PostgreSQL
// answers some of that with an error: a zero byte, or what is not UTF-8.
func isID(id string) bool {
	return len(id) == len(rand.Text()) && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// Every statement below names the owner: that, and nothing before it, keeps one
// person's list from another's.

// todos lists somebody's, what is still to do first, in the order of writing down.
func (db *database) todos(ctx context.Context, owner string) ([]todo, error) {
	rows, err := db.QueryContext(ctx,
		db.bind("SELECT id, words, done FROM todos WHERE owner_id = ? ORDER BY done, created_at, id"), owner)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []todo
	for rows.Next() {
		var t todo
		if err := rows.Scan(&t.ID, &t.Words, &t.Done); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

func (db *database) addTodo(ctx context.Context, owner, words string) error {
	_, err := db.exec(ctx, "INSERT INTO todos (id, owner_id, words, done, created_at) VALUES (?, ?, ?, ?, ?)",
		rand.Text(), owner, words, false, time.Now().UnixMicro())
	return err
}

// tickTodo sets whether a todo is done. It says what it shall be rather than turn it
// round: a form that is sent twice changes nothing more.
func (db *database) tickTodo(ctx context.Context, owner, id string, done bool) error {
	if !isID(id) {
		return errNoTodo
	}
	n, err := db.exec(ctx, "UPDATE todos SET done = ? WHERE id = ? AND owner_id = ?", done, id, owner)
	if err != nil || n == 1 {
		return err
	}
	// MySQL counts the rows that have changed, so 0 may be one that was so already.
	err = db.QueryRowContext(ctx, db.bind("SELECT COUNT(*) FROM todos WHERE id = ? AND owner_id = ?"), id, owner).Scan(&n)
	if err == nil && n == 0 {
		err = errNoTodo
	}
	return err
}

func (db *database) deleteTodo(ctx context.Context, owner, id string) error {
	if !isID(id) {
		return errNoTodo
	}
	n, err := db.exec(ctx, "DELETE FROM todos WHERE id = ? AND owner_id = ?", id, owner)
	if err == nil && n == 0 {
		err = errNoTodo
	}
	return err
}
