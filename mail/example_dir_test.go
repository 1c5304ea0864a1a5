package mail_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/torii-go/torii/mail"
)

// In development mails land in a folder.
func ExampleDir() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)

	err = mail.Dir(folder).Send(context.Background(), mail.Message{
		From:    mail.Address{Address: "no-reply@example.com"},
		To:      mail.Address{Address: "ann@example.org"},
		Subject: "Hello", Text: "Hello, Ann.",
	})
	files, _ := filepath.Glob(filepath.Join(folder, "*.eml"))
	fmt.Println(len(files), err)
	// Output: 1 <nil>
}
