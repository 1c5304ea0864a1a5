package verify

import (
	"errors"
	"fmt"
)

var (
	// ErrInvalid is what every refusal of a token wraps. The text says why, for a log;
	// it holds nothing of the token. Do not tell the sender.
	ErrInvalid = errors.New("verify: invalid token")

	// ErrExpired is an ErrInvalid: a token that was good in every other respect and has
	// expired. It is for programs that count or renew; the token proves nothing.
	ErrExpired = fmt.Errorf("%w: it has expired", ErrInvalid)
)

// Made once: refusing must cost less than forging.
var (
	errLength    = refusal("it is longer than 8 KiB")
	errParts     = refusal("it has not three parts")
	errBase64    = refusal("a part is not canonical base64url")
	errHeader    = refusal("its header is not an object of alg, kid and typ")
	errAlgorithm = refusal("its algorithm is not the key's")
	errKey       = refusal("no key has its id")
	errSignature = refusal("its signature is wrong")
	errType      = refusal("it is not of type at+jwt")
	errClaims    = refusal("its claims are not what they should be")
	errDuplicate = refusal("a member occurs twice")
	errSubject   = refusal("it has no usable sub")
	errID        = refusal("it has no usable jti")
	errSession   = refusal("its sid is not usable")
	errIssuer    = refusal("it is of another issuer")
	errAudience  = refusal("it is for another audience")
	errExpiry    = refusal("it has no exp after its iat")
	errIssued    = refusal("it has no iat, or one in the future")
	errEarly     = refusal("it is not valid yet")
	errLifetime  = refusal("it lives longer than is allowed")
)

func refusal(why string) error { return fmt.Errorf("%w: %s", ErrInvalid, why) }
