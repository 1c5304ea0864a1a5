package auth

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/outbox"
	"github.com/torii-go/torii/mail"
)

const (
	// mailEvery is how often the outbox is looked at when nothing wakes the worker.
	mailEvery = 5 * time.Second
	// mailLease is how long whoever claims a mail has to deliver it.
	mailLease = 2 * time.Minute
	// mailTimeout is how long one delivery may take.
	mailTimeout = 30 * time.Second
	// senderGrace is how long a Sender may go on when its time is up.
	senderGrace = time.Second
	// mailsAtOnce is how many are delivered at a time.
	mailsAtOnce = 8
)

// Deliver sends the mails that wait, and returns when all that are due have been tried.
// It happens by itself, in the background, from the first request on; a program that
// serves none, or a test, calls it.
func (a *Auth) Deliver(ctx context.Context) error {
	if a.cfg.Mail.Sender == nil {
		return nil
	}
	for {
		more, err := a.post(ctx)
		if err != nil {
			return err
		}
		if !more { // what is being sent already is sent when this returns
			return a.worker.crew.wait(ctx)
		}
	}
}

// post claims some of the mails that are due and begins to send them. It tells whether
// there were any. An error ends it: whoever cannot claim has nothing to do.
func (a *Auth) post(ctx context.Context) (more bool, err error) {
	due, err := a.client.Outbox.Query().
		Where(outbox.NextAttemptAtLTE(a.now())).
		Order(outbox.ByNextAttemptAt()).
		Limit(4 * mailsAtOnce).
		All(ctx)
	for _, row := range due {
		if err := a.worker.crew.enter(ctx); err != nil {
			return false, err
		}
		claimed, err := a.claim(ctx, row)
		if err != nil || !claimed {
			a.worker.crew.leave()
		}
		if err != nil {
			return false, err
		}
		if claimed {
			go func() {
				defer a.worker.crew.leave()
				a.dispatch(ctx, row)
			}()
		}
	}
	return len(due) > 0, err
}

// claim makes a mail, which several instances may see, this one's until the lease ends.
func (a *Auth) claim(ctx context.Context, row *ent.Outbox) (bool, error) {
	n, err := a.client.Outbox.Update().
		Where(outbox.ID(row.ID), outbox.NextAttemptAt(row.NextAttemptAt)).
		SetNextAttemptAt(a.now().Add(mailLease)).
		AddAttempts(1).
		Save(ctx)
	return n == 1, err
}

// dispatch sends a mail that was claimed, and writes down what became of it, also for who
// is on the way down: what was sent is not to be sent again.
func (a *Auth) dispatch(ctx context.Context, row *ent.Outbox) {
	err := a.send(ctx, row)
	if err != nil && ctx.Err() != nil {
		return // whoever finds the row after its lease sends it
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureEventGracePeriod)
	defer cancel()
	switch {
	case err == nil:
	case mail.IsPermanent(err), !a.now().Add(backoff(row.Attempts)).Before(row.ExpiresAt):
		a.log.ErrorContext(ctx, "auth: mail given up", "mail", row.ID, "kind", row.Purpose, "attempts", row.Attempts+1, "error", err)
		a.writeFailure(ctx, Event{Kind: EventMailFailed, UserID: row.UserID})
	default:
		a.log.WarnContext(ctx, "auth: mail not delivered yet", "mail", row.ID, "kind", row.Purpose, "attempts", row.Attempts+1, "error", err)
		// Only as long as it is ours: after the lease it may be somebody else's.
		if err := a.client.Outbox.Update().Where(outbox.ID(row.ID), outbox.Attempts(row.Attempts+1)).
			SetNextAttemptAt(a.now().Add(backoff(row.Attempts))).Exec(ctx); err != nil {
			a.log.WarnContext(ctx, "auth: outbox", "mail", row.ID, "error", err)
		}
		return
	}
	// As above: whoever has it after the lease has still to send it, perhaps for the first time.
	if _, err := a.client.Outbox.Delete().Where(outbox.ID(row.ID), outbox.Attempts(row.Attempts+1)).Exec(ctx); err != nil {
		a.log.WarnContext(ctx, "auth: outbox", "mail", row.ID, "error", err)
	}
}

// backoff is the pause after so many tries: 15 s, then twice as long each time, half an
// hour at most.
func backoff(attempts int) time.Duration {
	return min(15*time.Second<<min(attempts, 8), 30*time.Minute)
}

// send makes the secret of a mail, if it has one, and hands the mail to the Sender.
// nil also means that there is nobody left to send it to.
func (a *Auth) send(ctx context.Context, row *ent.Outbox) error {
	if row.Purpose == purposeNone || !a.now().Before(row.ExpiresAt) {
		return nil
	}
	m, err := a.mailing(mail.Kind(row.Purpose))
	if err != nil {
		return mail.Permanent(err) // of a provider that is not here any more
	}
	var s mailSecret
	if m.Lifetime > 0 {
		s = newSecret(m, row)
		if stored, err := a.storeSecret(ctx, row, m, s); err != nil || !stored {
			return err
		}
	}
	message, err := a.compose(m, row, s)
	if err != nil {
		return mail.Permanent(err)
	}
	return a.handOver(ctx, message)
}

// compose writes a mail.
func (a *Auth) compose(m Mailing, row *ent.Outbox, s mailSecret) (mail.Message, error) {
	data := mail.Data{AppName: a.cfg.AppName, SignInURL: a.signInURL(), Code: showCode(s.code), Provider: row.About}
	if a.cfg.Mail.ResetURL != "" {
		data.ResetURL = a.cfg.BaseURL + a.cfg.Mail.ResetURL
	}
	if m.Lifetime > 0 {
		data.Link, data.ExpiresIn = a.link(m, s.token.Reveal()), m.Lifetime
	}
	if m.Lifetime == 0 || m.Kind == mail.EmailChanged {
		data.When = row.CreatedAt
	}
	message, err := a.cfg.Mail.Catalogue.Render(m.Kind, row.Locale, data)
	if err != nil {
		return message, err
	}
	message.From, message.To, message.ID, message.Date = a.cfg.Mail.From, mail.Address{Address: row.Email}, row.ID, a.now()
	return message, message.Validate()
}

// checkMailings writes every mail once, so that a name or an address that no mail can
// hold is told at the start and not by mails that never come.
func (a *Auth) checkMailings() error {
	if a.cfg.Mail.Sender == nil {
		return nil
	}
	var errs []error
	for _, m := range a.mailings {
		row := &ent.Outbox{ID: "out_0", Email: nobody, About: "Provider", CreatedAt: a.now()}
		_, err := a.compose(m, row, newSecret(m, row))
		if err != nil {
			errs = append(errs, fmt.Errorf("auth: configuration: the mail %q cannot be written: %w", m.Kind, err))
		}
	}
	return errors.Join(errs...)
}

// handOver gives a mail to the Sender, a host's perhaps: one that panics has failed, and
// one that does not come back is left behind.
func (a *Auth) handOver(ctx context.Context, message mail.Message) error {
	ctx, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	result := make(chan error, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				result <- fmt.Errorf("auth: the Sender panicked: %v\n%s", v, debug.Stack())
			}
		}()
		result <- a.cfg.Mail.Sender.Send(ctx, message)
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-result: // it listens to its context
		return err
	case <-time.After(senderGrace):
		return ctx.Err()
	}
}

// signInURL is the page to sign in on, or the site's first.
func (a *Auth) signInURL() string {
	if a.cfg.LoginURL != "" {
		return a.cfg.BaseURL + a.cfg.LoginURL
	}
	return a.cfg.BaseURL + "/"
}
