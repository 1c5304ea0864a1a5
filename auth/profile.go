package auth

import (
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/address"
)

const (
	maxNameRunes = 100
	maxURLBytes  = 2048
)

// isID tells whether s could be an id at all: what a path holds may be anything, and
// PostgreSQL answers a NUL with an error.
func isID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// parseEmail is the one place where an address becomes canonical.
func parseEmail(s string) (address.Address, error) {
	addr, err := address.Parse(s)
	if err != nil {
		return addr, InvalidField("email", "invalid_email")
	}
	return addr, nil
}

// setName sets or empties: to do both would assign the column twice.
func setName(m *ent.UserMutation, name *string) {
	if name == nil {
		m.ClearName()
	} else {
		m.SetName(*name)
	}
}

func setPicture(m *ent.UserMutation, picture *string) {
	if picture == nil {
		m.ClearPicture()
	} else {
		m.SetPicture(*picture)
	}
}

// ValidName tells whether a person's name can be stored: UTF-8 of at most 100
// characters. Control and format characters are left out when it is.
func ValidName(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxNameRunes
}

func setVerified(m *ent.UserMutation, verified bool, now time.Time) {
	if verified {
		m.SetEmailVerifiedAt(now)
	} else {
		m.ClearEmailVerifiedAt()
	}
}

func cleanName(s string) (*string, error) {
	if !ValidName(s) {
		return nil, InvalidField("name", "invalid_name")
	}
	s = cleanText(s, utf8.UTFMax*maxNameRunes)
	if s == "" {
		return nil, nil
	}
	return &s, nil
}

func cleanPicture(s string) (*string, error) {
	if s == "" {
		return nil, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(s) > maxURLBytes || cleanText(s, maxURLBytes) != s {
		return nil, InvalidField("picture", "invalid_url")
	}
	return &s, nil
}
