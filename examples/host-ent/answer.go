package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/examples/host-ent/ent"
	"github.com/torii-go/torii/examples/host-ent/ent/privacy"
)

// decode reads a body of JSON.
func decode(r *http.Request, v any) error {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return auth.ErrUnsupportedMediaType
	}
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 64<<10)).Decode(v); err != nil {
		return auth.ErrInvalidRequest
	}
	return nil
}

// answer writes what a handler returns, its errors in the form of Torii's.
func answer(handle func(*http.Request) (int, any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body, err := handle(r)
		if err != nil {
			status, body = refusal(r, err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body) // a client that has gone cannot be told
	})
}

// refusal is what an error says outside. What the schema refuses is a refusal too;
// whatever is not meant for outside says nothing.
func refusal(r *http.Request, err error) (int, any) {
	if bad, ok := errors.AsType[*ent.ValidationError](err); ok {
		err = auth.InvalidField(bad.Name, "invalid")
	} else if errors.Is(err, privacy.Deny) {
		err = auth.ErrRefused
	}
	public, ok := errors.AsType[*auth.Error](err)
	if !ok {
		slog.ErrorContext(r.Context(), "internal error", "method", r.Method, "path", r.URL.Path, "error", err)
		public = &auth.Error{Code: "internal", Status: http.StatusInternalServerError, Message: "Something went wrong."}
	}
	said := map[string]any{"error": map[string]string{"code": public.Code, "message": public.Message}}
	if bad, ok := errors.AsType[*auth.FieldsError](err); ok {
		said["fields"] = bad.Fields
	}
	return public.Status, said
}
