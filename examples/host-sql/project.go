package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/torii-go/torii/auth"
)

// project is a row of the application's.
type project struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// The application's refusals have the form of Torii's, so that clients see one kind.
var (
	errProjectTaken = &auth.Error{Code: "project_taken", Status: http.StatusConflict, Message: "There is a project of this name."}
	errProjectName  = auth.InvalidField("project", "invalid_name")
)

// projectName returns a name as it is kept: 1 to 100 characters, none of them invisible.
func projectName(s string) (string, error) {
	s = strings.TrimSpace(s)
	if n := utf8.RuneCountInString(s); n == 0 || n > 100 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", errProjectName
	}
	return s, nil
}

// addProject starts a project for a user who has an allowance left. conn is in a
// transaction, which is to be rolled back after an error: PostgreSQL takes nothing more
// in it.
func (db *database) addProject(ctx context.Context, conn auth.Conn, ownerID, name string) (project, error) {
	name, err := projectName(name)
	if err != nil {
		return project{}, err
	}
	if err := db.takeAllowance(ctx, conn, ownerID); err != nil {
		return project{}, err
	}
	p := project{ID: "prj_" + rand.Text(), Name: name}
	_, err = conn.ExecContext(ctx, db.bind("INSERT INTO projects (id, owner_id, name) VALUES (?, ?, ?)"), p.ID, ownerID, p.Name)
	if duplicate(err) {
		err = errProjectTaken
	}
	return p, err
}

// projectsOf lists what a user has started.
func (db *database) projectsOf(ctx context.Context, ownerID string) ([]project, error) {
	rows, err := db.QueryContext(ctx, db.bind("SELECT id, name FROM projects WHERE owner_id = ? ORDER BY name"), ownerID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []project{}
	for rows.Next() {
		var p project
		if err := rows.Scan(&p.ID, &p.Name); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}
