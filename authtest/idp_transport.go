package authtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Client returns a client that reaches the provider without a network, and nothing else.
// It follows redirects and has no timeout, as http.DefaultClient: what a client has to
// limit is the tested code's business.
func (p *IDP) Client() *http.Client { return &http.Client{Transport: direct{p}} }

// direct hands requests to the handler. Bodies are streamed: a reader may stop early, and
// the handler is told.
type direct struct{ p *IDP }

// RoundTrip implements http.RoundTripper.
func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	closeBody := func() {
		if req.Body != nil {
			_ = req.Body.Close() // read or not, it is done with
		}
	}
	if u := req.URL.String(); !strings.HasPrefix(u, d.p.issuer+"/") {
		closeBody()
		return nil, fmt.Errorf("authtest: there is nothing but %s here, and not %s://%s", d.p.issuer, req.URL.Scheme, req.URL.Host)
	}
	ctx, cancel := context.WithCancel(req.Context())
	in := req.Clone(ctx)
	in.RequestURI, in.RemoteAddr, in.Host = req.URL.RequestURI(), "127.0.0.1:40000", req.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	r, pipe := io.Pipe()
	w := &directWriter{header: http.Header{}, pipe: pipe, begun: make(chan struct{})}
	go func() {
		defer closeBody()
		d.p.ServeHTTP(w, in)
		w.WriteHeader(http.StatusOK)
		_ = pipe.Close() // never fails
	}()
	// Whoever reads or writes when the request is cancelled waits no longer.
	stop := context.AfterFunc(ctx, func() { _ = pipe.CloseWithError(context.Cause(ctx)) }) // never fails
	body := &directBody{PipeReader: r, ctx: ctx, gone: func() { stop(); cancel() }}
	select {
	case <-w.begun:
	case <-ctx.Done():
		err := context.Cause(ctx)
		_ = body.Close() // the handler may be about to write
		return nil, err
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: body, ContentLength: -1, Request: req,
	}, nil
}

// directBody tells the handler when its reader has had enough.
type directBody struct {
	*io.PipeReader
	ctx  context.Context
	gone func()
}

func (b *directBody) Read(p []byte) (int, error) {
	if err := context.Cause(b.ctx); err != nil {
		return 0, err
	}
	return b.PipeReader.Read(p)
}

func (b *directBody) Close() error {
	err := b.PipeReader.CloseWithError(errReaderGone)
	b.gone()
	return err
}

var errReaderGone = errors.New("authtest: the client has closed the body")

// directWriter is the http.ResponseWriter of one request.
type directWriter struct {
	header http.Header
	pipe   *io.PipeWriter
	once   sync.Once
	begun  chan struct{} // closed when status and sent are there
	status int
	sent   http.Header
}

func (w *directWriter) Header() http.Header { return w.header }

func (w *directWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.begun)
	})
}

func (w *directWriter) Write(body []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.pipe.Write(body)
}
