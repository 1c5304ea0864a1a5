package mail

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"time"
)

// dirSender writes files.
type dirSender string

// Dir makes a Sender that writes each mail to a file of its own in a directory, for
// development and for tests of whole programs. It must not be used in production: the
// files hold links that sign in.
//
// A file's name sorts by time and ends in .eml, which mail programs open. It is written
// under a name that begins with a dot and then renamed, so a reader never sees half of
// it; only the owner may read it (0600). A missing directory is made, for its owner alone
// (0700). Nothing is ever deleted.
func Dir(path string) Sender { return dirSender(path) }

func (d dirSender) Send(ctx context.Context, m Message) error {
	if err := m.Validate(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("mail: dir: %w", err)
	}
	if err := d.write(m); err != nil {
		return fmt.Errorf("mail: dir: %w", err)
	}
	return nil
}

func (d dirSender) write(m Message) (err error) {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	name := time.Now().UTC().Format("20060102T150405.000000000Z") + "-" + rand.Text()[:8] + ".eml"
	aside := "." + name
	file, err := root.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = root.Remove(aside)
		}
	}()
	_, err = m.WriteTo(file)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return root.Rename(aside, name)
}
