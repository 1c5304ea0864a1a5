package authtest

import (
	"slices"
	"time"
)

// Person is somebody who signs in at an IDP.
type Person struct {
	// Subject is the claim sub: who they are at this provider, for ever.
	Subject string
	// Email is given to clients with the scope email; empty leaves it out.
	Email string
	// EmailVerified is the claim email_verified beside Email, as it is: a bool, or what a
	// careless provider has there. Nil leaves it out.
	EmailVerified any
	// Name and Picture are given to clients with the scope profile; empty leaves them out.
	Name    string
	Picture string
	// SignedInAt is when they signed in at the provider, if not now: somebody whose
	// browser it knows. A client that asks by max_age or prompt for less patience than
	// that has them sign in again.
	SignedInAt time.Time
	// More are further claims, for every client. They win over the ones above.
	More map[string]any
}

// claims are what a client with these scopes learns.
func (who Person) claims(scope []string) map[string]any {
	c := map[string]any{"sub": who.Subject}
	if who.Email != "" && slices.Contains(scope, "email") {
		c["email"] = who.Email
		if who.EmailVerified != nil {
			c["email_verified"] = who.EmailVerified
		}
	}
	if slices.Contains(scope, "profile") {
		if who.Name != "" {
			c["name"] = who.Name
		}
		if who.Picture != "" {
			c["picture"] = who.Picture
		}
	}
	for name, value := range who.More {
		c[name] = value
	}
	return c
}

// outcome is how an authorization ends: with somebody, or with an error.
type outcome struct {
	who    Person
	failed *oauthError
}

// Queue lets the next authorization sign somebody in without asking. Several people wait
// in line, those of QueueError among them.
func (p *IDP) Queue(who Person) { p.enqueue(outcome{who: who}) }

// QueueError lets the next authorization end with an error: access_denied, for example.
// The description goes to the client as it is.
func (p *IDP) QueueError(code, description string) {
	p.enqueue(outcome{failed: &oauthError{code, description}})
}

func (p *IDP) enqueue(o outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, o)
}

// dequeue takes the first in the line, if there is one.
func (p *IDP) dequeue() (outcome, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return outcome{}, false
	}
	o := p.queue[0]
	p.queue = p.queue[1:]
	return o, true
}
