package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"strconv"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/examples/host-light/ent"
	"github.com/torii-go/torii/examples/host-light/ent/session"
)

func (s *studio) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/auth/", s.auth.Handler())
	mux.Handle("GET /sessions", answer(s.listSessions))
	mux.Handle("GET /bookings", s.auth.RequireUser(answer(s.listBookings)))
	mux.Handle("POST /sessions/{id}/bookings", s.auth.RequireUser(answer(s.postBooking)))

	// Nobody is signed in yet who could be asked where the request comes from, so the
	// application asks. It also has to count: Torii's limit on new accounts is for
	// POST /auth/register, and a site that is open to the world has one here as well.
	ours := http.NewCrossOriginProtection()
	ours.SetDenyHandler(answer(func(*http.Request) (int, any, error) { return 0, nil, auth.ErrForbiddenOrigin }))
	mux.Handle("POST /signup", ours.Handler(answer(s.postSignUp)))
	return mux
}

// hour is a session of yoga in JSON.
type hour struct {
	ID    int           `json:"id"`
	Title string        `json:"title"`
	Level session.Level `json:"level"`
}

func (s *studio) listSessions(r *http.Request) (int, any, error) {
	rows, err := s.client.Session.Query().Order(ent.Asc(session.FieldID)).All(r.Context())
	list := []hour{}
	for _, row := range rows {
		list = append(list, hour{row.ID, row.Title, row.Level})
	}
	return http.StatusOK, map[string]any{"sessions": list}, err
}

func (s *studio) listBookings(r *http.Request) (int, any, error) {
	u, _ := auth.UserFrom(r.Context())
	titles, err := s.booked(r.Context(), u.ID)
	return http.StatusOK, map[string]any{"bookings": titles}, err
}

func (s *studio) postBooking(r *http.Request) (int, any, error) {
	u, _ := auth.UserFrom(r.Context())
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return 0, nil, auth.ErrNotFound
	}
	err = s.transact(r.Context(), func(tx *ent.Tx) error { return book(r.Context(), tx, u.ID, id) })
	return http.StatusCreated, map[string]any{"session": id}, err
}

func (s *studio) postSignUp(r *http.Request) (int, any, error) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return 0, nil, auth.ErrUnsupportedMediaType
	}
	var in signUp
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 64<<10)).Decode(&in); err != nil {
		return 0, nil, auth.ErrInvalidRequest
	}
	id, err := s.signUp(r.Context(), in)
	return http.StatusCreated, map[string]any{"user": map[string]any{"id": id}, "session": in.Session}, err
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

// refusal is what an error says outside; whatever is not meant for there says nothing.
func refusal(r *http.Request, err error) (int, any) {
	said := map[string]any{}
	public, ok := errors.AsType[*auth.Error](err)
	if !ok {
		slog.ErrorContext(r.Context(), "internal error", "method", r.Method, "path", r.URL.Path, "error", err)
		public = &auth.Error{Code: "internal", Status: http.StatusInternalServerError, Message: "Something went wrong."}
	}
	if e, ok := errors.AsType[*auth.FieldsError](err); ok {
		said["fields"] = e.Fields
	}
	said["code"], said["message"] = public.Code, public.Message
	return public.Status, map[string]any{"error": said}
}
