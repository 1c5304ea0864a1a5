package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// timeout is for a whole request, its body included.
	timeout = 10 * time.Second
	// maxAnswer is how much of an answer is read, in bytes.
	maxAnswer = 1 << 20
)

var (
	errTooLarge = errors.New("the answer is larger than 1 MiB")
	errRedirect = errors.New("the answer is a redirect, which is not followed")
)

// newClient returns the client that a provider is asked by. A redirect is not
// followed: it would carry code, verifier and secret to where nobody has said.
func newClient(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &http.Client{
		Transport:     capped{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
		Timeout:       timeout,
	}
}

// capped ends answers that are too large, whatever they say of their length.
type capped struct{ http.RoundTripper }

func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if res.ContentLength > maxAnswer {
		return nil, errors.Join(errTooLarge, res.Body.Close())
	}
	res.Body = &cappedBody{ReadCloser: res.Body, left: maxAnswer}
	return res, nil
}

type cappedBody struct {
	io.ReadCloser
	left int
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLarge
	}
	if len(p) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return n, errTooLarge
	}
	return n, err
}

// getJSON asks an address, in the name of an access token unless that is "", and reads the
// answer: JSON of the kind of into, and nothing behind it. An error tells neither token,
// query nor answer. The client may be any: the limit is kept here too.
func getJSON(ctx context.Context, client *http.Client, accessToken, address string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("oauth: what is to be asked is no URL")
	}
	at := r.URL.Host + r.URL.Path // a query may hold a proof
	r.Header.Set("Accept", "application/json")
	if accessToken != "" {
		r.Header.Set("Authorization", "Bearer "+accessToken)
	}
	res, err := client.Do(r)
	if told, ok := errors.AsType[*url.Error](err); ok {
		err = told.Err // without the URL
	}
	if err != nil {
		return fmt.Errorf("oauth: asking %s: %w", at, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("oauth: %s answered %d", at, res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = errTooLarge
	}
	if err != nil {
		return fmt.Errorf("oauth: reading the answer of %s: %w", at, err)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // an id of 17 digits does not fit a float64
	if dec.Decode(into) != nil || dec.Decode(new(any)) != io.EOF {
		return fmt.Errorf("oauth: %s did not answer with the JSON that was expected", at)
	}
	return nil
}

// isSafeURL tells whether secrets may travel to a URL: by https, or not at all.
func isSafeURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}
