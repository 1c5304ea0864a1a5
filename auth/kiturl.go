package auth

import (
	"context"
	"log/slog"
)

// URL is where browsers find a route: Config.BaseURL, Config.Path and path. It never
// rests on a request.
func (k Kit) URL(path string) string { return k.a.cfg.BaseURL + k.a.cfg.Path + path }

// BaseURL is Config.BaseURL: the origin of the application.
func (k Kit) BaseURL() string { return k.a.cfg.BaseURL }

// Log is the Auth's logger, for what a refusal must not tell outside.
func (k Kit) Log() *slog.Logger { return k.a.log }

// RequireRecent is ErrUnauthenticated unless ctx is of a request by somebody who is signed
// in, and ErrStepUpRequired unless that session holds a proof as recent as a Recent route
// demands.
func (k Kit) RequireRecent(ctx context.Context) error {
	if k.a == nil {
		return ErrNotMounted
	}
	s, ok := SessionFrom(ctx)
	if !ok {
		return ErrUnauthenticated
	}
	return k.a.requireRecent(ctx, s, k.a.cfg.StepUpWithin)
}
