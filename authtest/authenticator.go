package authtest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// What an Authenticator can sign with: COSE's numbers (RFC 9053, RFC 8812).
const (
	CoseES256 = -7
	CoseEdDSA = -8
	CoseRS256 = -257
)

// Why an Authenticator does not answer. Their texts begin with the name that the error has
// in a browser.
var (
	// ErrInvalidState is for Create: excludeCredentials lists a passkey that is here already.
	ErrInvalidState = errors.New("InvalidStateError: there is a passkey already")
	// ErrNotAllowed is what a browser says for almost everything: no passkey fits, the
	// person cannot be verified, it is not the kind of authenticator that was asked for.
	ErrNotAllowed = errors.New("NotAllowedError")
	// ErrNotSupported is for Create: none of the algorithms can be done.
	ErrNotSupported = errors.New("NotSupportedError: no algorithm in common")
	// ErrSecurity is for an rpId that the page may not use.
	ErrSecurity = errors.New("SecurityError: the rpId is not the page's")
	// ErrOptions is for options that a browser does not understand.
	ErrOptions = errors.New("TypeError: the options cannot be read")
)

// Authenticator is a passkey authenticator in software with the browser before it: a phone
// that verifies its owner and synchronises passkeys, or, with some switches, a security
// key. It is as strict as a browser with what it is asked, and answers honestly, unless
// it is told to lie: see Lie.
//
// It keeps everything in memory and is safe for concurrent use; set the fields between
// uses only. The zero value is ready.
type Authenticator struct {
	// Origin is that of the page that asks; default authtest.Origin.
	Origin string
	// Related says that the rpId's /.well-known/webauthn lists Origin: the page may use any
	// rpId. Otherwise it must be the origin's host or a domain above it.
	Related bool
	// Algorithms are what it can; default CoseES256, CoseEdDSA and CoseRS256, which are all
	// that there are. Of the options' list the first is taken that is among them.
	Algorithms []int
	// AAGUID says what make it is; default zeros, as who does not want to say.
	AAGUID [16]byte
	// Transports are how it is reached; default internal and hybrid. One without internal is
	// no platform authenticator.
	Transports []string
	// DeviceBound passkeys do not leave it: not eligible for backup (BE=0, BS=0). By default
	// they are, and are backed up (BE=1, BS=1).
	DeviceBound bool
	// NoVerification has neither PIN nor fingerprint: it does not set UV, and does not answer
	// where verification is required. By default it verifies, unless that is discouraged.
	NoVerification bool
	// NotDiscoverable keeps nothing: its credentials answer only to allowCredentials and
	// name no user, and where a resident key is required it makes none. By default all are
	// discoverable, also where that is discouraged, as on phones.
	NotDiscoverable bool
	// CountsFrom is what the signature counter says first; with each use it says one more.
	// Default 0: it says 0 always, as who synchronises passkeys does.
	CountsFrom uint32

	mu       sync.Mutex
	counting bool // guarded by mu, as all below
	counter  uint32
	lies     passkeyTold
	held     []*passkey // the newest is last
}

// NewAuthenticator returns an ordinary one: an ES256 key where that is first in the list,
// verified, discoverable, synchronised.
func NewAuthenticator() *Authenticator { return &Authenticator{} }

// SetCounter has the signature counter say n next and, from then on, count up, even
// without CountsFrom. One that does not count stays so with 0.
func (a *Authenticator) SetCounter(n uint32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.counter, a.counting = n, a.counting || a.CountsFrom != 0 || n != 0
}

// count is what the counter says now; a.mu is held.
func (a *Authenticator) count() uint32 {
	if !a.counting && a.CountsFrom != 0 {
		a.counter, a.counting = a.CountsFrom, true
	}
	n := a.counter
	if a.counting {
		a.counter++
	}
	return n
}

// Create is navigator.credentials.create: it makes a passkey. The options are the JSON
// object of a begin route, {"publicKey": PublicKeyCredentialCreationOptionsJSON}, and the
// answer is a RegistrationResponseJSON; other members beside publicKey are nobody's
// business here. Attestation is "none", whatever was asked for. A discoverable passkey
// takes the place of an earlier one for the same user handle, as CTAP 2 has it, and stays
// when the site refuses it afterwards, as in life: see Forget.
//
// Errors are ErrOptions, ErrSecurity, ErrNotAllowed, ErrNotSupported and ErrInvalidState,
// wrapped.
func (a *Authenticator) Create(options []byte) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o, err := readCreation(options)
	if err != nil {
		return nil, err
	}
	p := &passkey{user: o.User.ID, name: *o.User.Name, discoverable: !a.NotDiscoverable}
	if p.rpID, err = a.rpID(o.RP.ID); err != nil {
		return nil, err
	}
	uses := a.transports()
	attachment, err := attachment(o.Selection.Attachment, uses)
	if err != nil {
		return nil, err
	}
	if o.Selection.needsResident() && !p.discoverable {
		return nil, fmt.Errorf("%w: it has no resident keys", ErrNotAllowed)
	}
	verified, err := a.verifies(o.Selection.Verification)
	if err != nil {
		return nil, err
	}
	algorithm, err := a.algorithm(o.Params)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(a.held, func(h *passkey) bool { return h.rpID == p.rpID && h.listed(o.Exclude) }) {
		return nil, ErrInvalidState
	}
	if p.key, err = makeKey(algorithm, o.algorithms(), a.lies); err != nil {
		return nil, err
	}
	switch {
	case a.lies[PasskeyIDLong]:
		p.id = random(1024)
	case a.lies[PasskeyIDEmpty]:
		p.id = []byte{}
	default:
		p.id = random(32)
	}
	a.held = slices.DeleteFunc(a.held, func(h *passkey) bool { return p.discoverable && h.discoverable && h.sameUser(p) })
	a.held = append(a.held, p)
	d := a.draft(p, ceremonyCreate, o.Challenge, verified)
	d.attachment, d.transports = attachment, uses
	if o.Extensions.CredProps {
		d.extensions["credProps"] = map[string]any{"rk": p.discoverable}
	}
	return d.registration()
}

// Get is navigator.credentials.get: it signs in. The options are the JSON object of a begin
// route, {"publicKey": PublicKeyCredentialRequestOptionsJSON}, and the answer is an
// AuthenticationResponseJSON. Where allowCredentials is empty the newest discoverable
// passkey for the rpId answers, otherwise the newest that is listed; without any the error
// is ErrNotAllowed, as with a browser. Others are ErrOptions and ErrSecurity.
func (a *Authenticator) Get(options []byte) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o, err := readRequest(options)
	if err != nil {
		return nil, err
	}
	rpID, err := a.rpID(o.RPID)
	if err != nil {
		return nil, err
	}
	verified, err := a.verifies(o.Verification)
	if err != nil {
		return nil, err
	}
	for _, p := range slices.Backward(a.held) {
		if p.rpID == rpID && (len(o.Allow) == 0 && p.discoverable || p.listed(o.Allow)) {
			d := a.draft(p, ceremonyGet, o.Challenge, verified)
			d.attachment, _ = attachment("", a.transports()) // nothing is asked for
			d.other = a.otherHandle(p)
			return d.assertion()
		}
	}
	return nil, fmt.Errorf("%w: no passkey fits", ErrNotAllowed)
}

func (a *Authenticator) transports() []string {
	if len(a.Transports) == 0 {
		return []string{"internal", "hybrid"}
	}
	return slices.Clone(a.Transports)
}

func (a *Authenticator) origin() string {
	if a.Origin == "" {
		return Origin
	}
	return a.Origin
}
