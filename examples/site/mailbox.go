package main

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
)

const (
	mailsShown  = 100     // in the list; a folder of mails only grows
	maxMailFile = 4 << 20 // more than a mail of Torii's can have
)

// mailName is what mail.Dir calls its files. Nothing else of the folder is read.
var mailName = regexp.MustCompile(`^\d{8}T\d{6}\.\d{9}Z-[A-Z2-7]{8}\.eml$`)

// mailbox shows the folder of -mail to who develops on this machine. Its mails open
// accounts, so it is there for nobody else. A nil one is there for nobody at all.
type mailbox struct {
	dir    string
	origin string
}

// admits tells whether a request may look into the mailbox.
func (m *mailbox) admits(r *http.Request) bool { return m != nil && isLocal(r, m.origin) }

// names are those of the mails, newest first.
func (m *mailbox) names() ([]string, error) {
	files, err := os.ReadDir(m.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, f := range files {
		if f.Type().IsRegular() && mailName.MatchString(f.Name()) {
			names = append(names, f.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(b, a) }) // they begin with the time
	return names, nil
}

// read returns a mail of the folder, or an error that is fs.ErrNotExist for whatever is
// not one.
func (m *mailbox) read(name string) (letter, error) {
	if !mailName.MatchString(name) {
		return letter{}, fs.ErrNotExist
	}
	root, err := os.OpenRoot(m.dir)
	if err != nil {
		return letter{}, err
	}
	defer func() { _ = root.Close() }()
	if info, err := root.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return letter{}, cmp.Or(err, fs.ErrNotExist)
	}
	file, err := root.Open(name)
	if err != nil {
		return letter{}, err
	}
	defer file.Close()
	l, err := readLetter(io.LimitReader(file, maxMailFile), m.origin)
	l.Name = name
	return l, err
}

// mailList is what the page of the mailbox shows.
type mailList struct {
	Dir     string
	Letters []letter
	More    int // older ones
}

func (s *server) showMailbox(w http.ResponseWriter, r *http.Request) {
	if !s.mailbox.admits(r) {
		s.notFound(w, r)
		return
	}
	names, err := s.mailbox.names()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	list := mailList{Dir: s.mailbox.dir, More: max(0, len(names)-mailsShown)}
	for _, name := range names[:len(names)-list.More] {
		l, err := s.mailbox.read(name)
		if err != nil { // of a file that somebody has written to, or that is gone
			slog.WarnContext(r.Context(), "mail not readable", "file", name, "error", err)
			continue
		}
		list.Letters = append(list.Letters, l)
	}
	s.render(w, r, http.StatusOK, "mailbox", view{Title: "Mails", Data: list})
}

func (s *server) showLetter(w http.ResponseWriter, r *http.Request) {
	if !s.mailbox.admits(r) {
		s.notFound(w, r)
		return
	}
	l, err := s.mailbox.read(r.PathValue("name"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.notFound(w, r)
		return
	case err != nil:
		s.fail(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "letter", view{Title: cmp.Or(l.Subject, "A mail"), Data: l})
}
