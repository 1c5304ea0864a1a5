package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
)

// folder holds versioned SQL files in the format of one tool.
type folder struct {
	path, format, dialect string
	dir                   migrate.Dir
}

// file is one of them, and what a migration by it runs.
type file struct {
	name, text string
	up         []string // none: it is for undoing
}

// formats are the tools, as -format names them.
var formats = []string{"atlas", "goose", "golang-migrate"}

func openFolder(path, format, dialectName string) (*folder, error) {
	f := &folder{path: path, format: format, dialect: dialectName}
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder %s does not exist; make it", path)
	} else if err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", path)
	}
	var err error
	switch format {
	case "atlas":
		f.dir, err = migrate.NewLocalDir(path)
	case "goose":
		f.dir, err = sqltool.NewGooseDir(path)
	case "golang-migrate":
		f.dir, err = sqltool.NewGolangMigrateDir(path)
	default:
		return nil, mistake(fmt.Sprintf("-format: %q is none of %s", format, strings.Join(formats, ", ")))
	}
	if err != nil {
		return nil, err
	}
	return f, f.checkSum()
}

// hasSum tells whether atlas.sum is to be kept: always for Atlas, otherwise where one is.
func (f *folder) hasSum() bool {
	_, err := os.Stat(filepath.Join(f.path, migrate.HashFileName))
	return f.format == "atlas" || err == nil
}

// checkSum refuses a folder that atlas.sum does not fit: a new sum would hide from
// Atlas that files were changed.
func (f *folder) checkSum() error {
	if !f.hasSum() {
		return nil
	}
	if err := migrate.Validate(f.dir); err != nil {
		return fmt.Errorf("%s in %s does not fit the files (%w): look at what was changed, then run atlas migrate hash",
			migrate.HashFileName, f.path, err)
	}
	return nil
}

// read returns the files that a new database is migrated by, in order: Atlas goes by
// names and begins at its last checkpoint, the others go by numbers.
func (f *folder) read() ([]file, error) {
	there, err := migrate.FilesFromLastCheckpoint(f.dir)
	if err != nil {
		return nil, err
	}
	files := make([]file, len(there))
	for i, x := range there {
		files[i] = file{name: x.Name(), text: string(x.Bytes())}
		if files[i].up, err = f.statements(files[i].text); err != nil {
			return nil, fmt.Errorf("read %s: %w", files[i].name, err)
		}
	}
	if f.format != "atlas" {
		slices.SortStableFunc(files, func(a, b file) int { return compareVersions(versionOf(a.name), versionOf(b.name)) })
	}
	return files, nil
}

// statements are what the tool runs of a file when it migrates.
func (f *folder) statements(text string) ([]string, error) {
	if f.format == "goose" {
		return gooseStatements(text)
	}
	return split(f.dialect, text)
}

// next makes the files of the next version, which run the statements.
func (f *folder) next(name string, statements []string, now time.Time) ([]file, error) {
	names, err := fs.Glob(f.dir, "*.sql")
	if err != nil {
		return nil, err
	}
	versions := make([]string, len(names))
	for i, n := range names {
		versions[i] = versionOf(n)
	}
	version, err := nextVersion(versions, now)
	if err != nil {
		return nil, err
	}
	base := version + "_" + name
	if f.format == "atlas" && len(names) > 0 && base+".sql" <= slices.Max(names) {
		return nil, fmt.Errorf("by their names %s.sql comes before %s: give the files' versions one length", base, slices.Max(names))
	}
	up := lines("-- Torii's tables. Written by torii migrate diff.", statements)
	undoing := undo(f.dialect, statements)
	if len(undoing) == 0 {
		undoing = []string{"SELECT 1"} // MySQL refuses a file without a statement
	}
	down := lines(aboutUndoing(statements), undoing)
	var files []file
	switch f.format {
	case "atlas":
		files = []file{{name: base + ".sql", text: up}}
	case "goose":
		files = []file{{name: base + ".sql", text: "-- +goose Up\n" + up + "\n-- +goose Down\n" + down}}
	case "golang-migrate":
		files = []file{{name: base + ".up.sql", text: up}, {name: base + ".down.sql", text: down}}
	}
	files[0].up, err = f.statements(files[0].text)
	return files, err
}

func lines(comment string, statements []string) string {
	var b strings.Builder
	b.WriteString(comment + "\n")
	for _, s := range statements {
		b.WriteString(s + ";\n")
	}
	return b.String()
}

// write stores files, and the sum over all of them.
func (f *folder) write(files []file) error {
	for _, x := range files {
		if err := f.dir.WriteFile(x.name, []byte(x.text)); err != nil {
			return fmt.Errorf("write %s: %w", filepath.Join(f.path, x.name), err)
		}
	}
	if !f.hasSum() {
		return nil
	}
	sum, err := f.dir.Checksum()
	if err != nil {
		return fmt.Errorf("sum of %s: %w", f.path, err)
	}
	return migrate.WriteSumFile(f.dir, sum)
}
