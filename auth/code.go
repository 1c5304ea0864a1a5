package auth

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/ent/magictoken"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/mail"
)

const (
	// codeLetters are 32, so that a byte chooses one without bias, and none is taken for
	// another (Crockford's base 32: no I, L, O, U).
	codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	// codeLength makes 40 bits.
	codeLength = 8
	// codeTries is how many codes one flow may try, over all mails that it asks for.
	codeTries = 5
	// factorCode is what a tried code is counted as.
	factorCode = "code"
)

// newCode is a code to be typed.
func newCode() string {
	random := make([]byte, codeLength)
	rand.Read(random)
	for i, b := range random {
		random[i] = codeLetters[b%byte(len(codeLetters))]
	}
	return string(random)
}

// showCode is how a code stands in a mail: "7K3M-9QXD".
func showCode(code string) string {
	if code == "" {
		return ""
	}
	return code[:codeLength/2] + "-" + code[codeLength/2:]
}

// readCode is a code as it was made, however it is typed; "" for what is none.
func readCode(typed string) string {
	if len(typed) > 4*codeLength {
		return ""
	}
	code := strings.Map(func(r rune) rune {
		switch {
		case r == ' ', r == '-':
			return -1
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		}
		switch r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, typed)
	if len(code) != codeLength || strings.ContainsFunc(code, func(r rune) bool { return !strings.ContainsRune(codeLetters, r) }) {
		return ""
	}
	return code
}

// codeHash is what of a code is stored. Without a key that is not in the database, 40
// bits would be found by trying.
func (a *Auth) codeHash(code string, flow []byte) []byte {
	return a.keys.MAC(token.PurposeCode, flow, []byte(code))
}

// tryCode counts a try in each of the client's flows, before anything is compared, and
// refuses a code that belongs to none of them. Beside the flows only the client's address
// is counted: an account's counter could be filled by anybody, and how many flows can be
// guessed at is how many mails an address gets.
func (a *Auth) tryCode(ctx context.Context, m Mailed, c Client) ([]Attempt, error) {
	flows, err := a.flowsOf(ctx, a.client, m.Kind, c)
	switch {
	case err != nil:
		return nil, err
	case len(flows) == 0:
		return nil, ErrInvalidToken // nothing to guess at
	}
	try, err := a.attempt(ctx, c, Subject{Factor: factorCode})
	if err != nil {
		return nil, err
	}
	for _, f := range flows {
		n, err := a.client.Challenge.Update().
			Where(challenge.ID(f.row.ID), challenge.AttemptsLT(codeTries)).
			AddAttempts(1).
			Save(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		row, err := a.findCode(ctx, a.client, m, f)
		if err != nil {
			return nil, err
		}
		if n == 1 && row != nil {
			return []Attempt{try}, nil
		}
	}
	e := Event{Kind: EventSignInFailed, Provider: factorCode, Code: ErrInvalidToken.Code, Subject: a.limits.subject(flows[0].Email)}
	a.writeFailure(ctx, e.by(c))
	return nil, ErrInvalidToken
}

// findCode returns the live secret of a flow whose code it is, or nil. Several mails may
// have been sent for a flow: each one's code is good until one is used.
func (a *Auth) findCode(ctx context.Context, client *ent.Client, m Mailed, f mailFlow) (*ent.MagicToken, error) {
	code := readCode(m.Code)
	rows, err := client.MagicToken.Query().
		Where(
			magictoken.Email(f.Email), magictoken.Purpose(string(m.Kind)), magictoken.FlowHash(f.row.FlowHash),
			magictoken.UsedAtIsNil(), magictoken.ExpiresAtGT(a.now()),
		).
		All(ctx)
	if err != nil || code == "" {
		return nil, err
	}
	for _, row := range rows {
		if row.CodeHash != nil && a.keys.Verify(token.PurposeCode, *row.CodeHash, f.row.FlowHash, []byte(code)) {
			return row, nil
		}
	}
	return nil, nil
}

// hasCode tells whether a kind of mail has a code beside its link.
func hasCode(kind mail.Kind) bool { return kind == mail.SignIn || kind == mail.Verify }
