package mail_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/torii-go/torii/mail"
)

// provider is a sender of a host's own, for a company that takes mails by its API.
type provider struct{ status int }

func (p provider) Send(_ context.Context, m mail.Message) error {
	if err := m.Validate(); err != nil {
		return err
	}
	switch p.status { // of the provider's answer
	case 200:
		return nil
	case 422:
		return mail.Permanent(errors.New("provider: no such recipient"))
	}
	return fmt.Errorf("provider: status %d", p.status)
}

// What is not permanent is tried again.
func ExamplePermanent() {
	m := mail.Message{
		From:    mail.Address{Address: "no-reply@example.com"},
		To:      mail.Address{Address: "ann@example.org"},
		Subject: "Hello", Text: "Hello, Ann.",
	}
	for _, status := range []int{200, 422, 503} {
		err := provider{status}.Send(context.Background(), m)
		fmt.Println(err, mail.IsPermanent(err))
	}
	// Output:
	// <nil> false
	// provider: no such recipient true
	// provider: status 503 false
}
