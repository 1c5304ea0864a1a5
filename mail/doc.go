// Package mail writes and sends the mails of a sign-in: links, codes and notices, in
// English and German, as text and as HTML, over SMTP.
//
//	sender, err := mail.SMTP(mail.SMTPConfig{Host: "smtp.example.com", Username: user, Password: pass})
//	m, err := mail.DefaultCatalogue().Render(mail.Reset, "de", mail.Data{AppName: "Example", Link: link, ExpiresIn: time.Hour})
//	m.From = mail.Address{Name: "Example", Address: "no-reply@example.com"}
//	m.To = mail.Address{Address: user.Email}
//	err = sender.Send(ctx, m)
//
// A [Sender] carries one [Message] to one recipient. [SMTP] is the one for production;
// [Dir] writes files and [Log] writes to a terminal, for development; an [Outbox] keeps
// what it is given, for tests. An error of a Sender is worth another try unless
// [IsPermanent] says that it is not.
//
// A [Catalogue] has the words. [Catalogue.With] changes one message, the layout, or adds
// a language, from files that it describes.
//
// # What it protects from
//
// No field of a message can add a header or a recipient: line breaks and control
// characters are refused with [ErrInvalidMessage]. SMTP is encrypted, with the server's
// certificate verified, unless the mode is called insecure. Words that strangers choose
// have no place in [Data], so nobody can have us mail theirs to a third person. There is
// no tracking: no image, no remote style sheet, no rewritten link. Errors hold neither
// passwords nor addresses nor links.
//
// # What it leaves to you
//
// It does not queue and does not retry: it answers, and the caller decides. It does not
// sign (DKIM) and does not receive bounces; the mail server does. It does not know
// whether an address belongs to anybody.
package mail
