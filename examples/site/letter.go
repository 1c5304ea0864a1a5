package main

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"time"
)

// letter is a mail as a page shows it: its text, without the HTML.
type letter struct {
	Name              string // of its file
	From, To, Subject string
	Date              time.Time
	Text              []piece
}

// piece is some of a mail's text. A link is one to this site; others stay text.
type piece struct {
	Text string
	Link bool
}

// When is the date as a person reads it.
func (l letter) When() string { return l.Date.UTC().Format("2 January 2006, 15:04:05 MST") }

// readLetter reads a mail (RFC 5322) with a text in it.
func readLetter(r io.Reader, origin string) (letter, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return letter{}, err
	}
	var l letter
	if l.Date, err = m.Header.Date(); err != nil {
		return letter{}, err
	}
	for name, into := range map[string]*string{"From": &l.From, "To": &l.To} {
		if *into, err = mailboxes(m.Header, name); err != nil {
			return letter{}, err
		}
	}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return letter{}, err
	}
	text, err := plainText(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	if err != nil {
		return letter{}, err
	}
	l.Text = pieces(text, origin)
	return l, nil
}

// mailboxes are the addresses of a header, without the quotes that only machines need.
func mailboxes(h mail.Header, name string) (string, error) {
	list, err := h.AddressList(name)
	if err != nil {
		return "", err
	}
	var words []string
	for _, a := range list {
		if a.Name == "" {
			words = append(words, a.Address)
		} else {
			words = append(words, a.Name+" <"+a.Address+">")
		}
	}
	return strings.Join(words, ", "), nil
}

var errNoText = errors.New("the mail has no text")

// plainText finds the text of a mail: its body, or the first part that is text.
func plainText(contentType, encoding string, body io.Reader) (string, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return "", err
	case kind == "text/plain":
		text, err := io.ReadAll(decoded(encoding, body))
		return strings.ReplaceAll(string(text), "\r\n", "\n"), err
	case !strings.HasPrefix(kind, "multipart/"):
		return "", errNoText
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return "", errNoText
		}
		if err != nil {
			return "", err
		}
		if kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type")); err == nil && kind == "text/plain" {
			return plainText(kind, part.Header.Get("Content-Transfer-Encoding"), part)
		}
	}
}

// decoded undoes a Content-Transfer-Encoding (RFC 2045, section 6).
func decoded(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	}
	return r
}

// address is one as it stands in a text. What ends a sentence does not belong to it.
var address = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]]`)

// pieces cuts a text where this site's own addresses begin and end.
func pieces(text, origin string) []piece {
	var list []piece
	end := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		link := text[at[0]:at[1]]
		if !strings.HasPrefix(link, origin+"/") {
			continue
		}
		if at[0] > end {
			list = append(list, piece{Text: text[end:at[0]]})
		}
		list = append(list, piece{Text: link, Link: true})
		end = at[1]
	}
	if end < len(text) {
		list = append(list, piece{Text: text[end:]})
	}
	return list
}
