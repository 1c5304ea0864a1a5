package timing_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/testdb"
)

// mails is how often each kind asks for a mail.
const mails = 200

// request is a way to have something mailed: whom it goes to must be told by nothing.
type request struct {
	name string
	path string
	// body has a place for the address.
	body string
	// hash is what a hash costs, and hashes how many each call makes.
	hash   auth.HashConfig
	hashes uint64
	// ignore has a sign-in by mail send nothing to addresses without an account.
	ignore bool
	// signedIn says that whoever asks is, with an account of their own.
	signedIn bool
	// kinds are those of addresses. The first is what all others are compared with; the
	// second is the same once more.
	kinds []kind
}

const (
	subjectVerify = "Confirm your e-mail address for app.example"
	subjectTaken  = "You already have an account at app.example"
	subjectSignIn = "Sign in to app.example"
	subjectReset  = "Set a new password for app.example"
	subjectChange = "Confirm your new e-mail address for app.example"
)

// requests are all there are. What they mail is by which the test sees that a kind is
// what it is called.
func requests() []request {
	cheap := auth.HashConfig{MemoryKiB: stub.Memory, Passes: stub.Time, InsecureParams: true}
	signUp := []kind{
		{name: "free", mail: subjectVerify},
		{name: "free-again", mail: subjectVerify},
		{name: "taken", account: true, proven: true, mail: subjectTaken},
		{name: "taken-unproven", account: true, mail: subjectTaken},
		{name: "disabled", account: true, proven: true, disabled: true},
		{name: "reserved", account: true, proven: true, reserved: true},
	}
	byMail := func(unknown string) []kind {
		return []kind{
			{name: "known", account: true, proven: true, mail: subjectSignIn},
			{name: "known-again", account: true, proven: true, mail: subjectSignIn},
			{name: "unknown", mail: unknown},
			{name: "unproven", account: true, mail: subjectSignIn},
			{name: "disabled", account: true, proven: true, disabled: true},
			{name: "malformed", none: true},
		}
	}
	const (
		address = `{"email":%q}`
		account = `{"email":%q,"password":"` + phrase + `"}`
	)
	return []request{
		{name: "register", path: "/register", body: account, hashes: 1, kinds: signUp},
		{name: "register-stub", path: "/register", body: account, hash: cheap, hashes: 1, kinds: signUp},
		{name: "sign-in", path: "/magic-link", body: address, kinds: byMail(subjectSignIn)},
		{name: "sign-in-ignoring", path: "/magic-link", body: address, ignore: true, kinds: byMail("")},
		{name: "verify", path: "/email/verify/request", body: address, kinds: []kind{
			{name: "unproven", account: true, mail: subjectVerify},
			{name: "unproven-again", account: true, mail: subjectVerify},
			{name: "proven", account: true, proven: true},
			{name: "unknown"},
			{name: "disabled", account: true, disabled: true},
			{name: "malformed", none: true},
		}},
		{name: "change", path: "/email/change", body: address, signedIn: true, kinds: []kind{
			{name: "free", mail: subjectChange},
			{name: "free-again", mail: subjectChange},
			{name: "taken", account: true, proven: true},
			{name: "taken-unproven", account: true},
			{name: "disabled", account: true, proven: true, disabled: true},
			{name: "reserved", account: true, proven: true, reserved: true},
		}},
		{name: "reset", path: "/password/reset/request", body: address, kinds: []kind{
			{name: "known", account: true, proven: true, mail: subjectReset},
			{name: "known-again", account: true, proven: true, mail: subjectReset},
			{name: "unknown"},
			{name: "unproven", account: true, mail: subjectReset},
			{name: "disabled", account: true, proven: true, disabled: true},
			{name: "malformed", none: true},
		}},
	}
}

// measure returns the milliseconds of each kind's calls.
func (r request) measure(t testing.TB, s *mailSite, warmUp, tries int) [][]float64 {
	t.Helper()
	took := make([][]float64, len(r.kinds))
	for try := range warmUp + tries {
		for _, i := range rand.Perm(len(r.kinds)) {
			k := r.kinds[i]
			d := s.ask(t, k.name, fmt.Sprintf(r.body, k.email(try)), r.hashes)
			if try >= warmUp {
				took[i] = append(took[i], float64(d)/float64(time.Millisecond))
			}
		}
	}
	return took
}

// BenchmarkMailTiming asks for mails while a Sender that takes 300 ms is busy with those
// that were asked for before. In each round every kind of address is asked for once, in
// random order.
func BenchmarkMailTiming(b *testing.B) {
	for _, r := range requests() {
		for _, dialect := range testdb.Dialects() {
			b.Run(r.name+"/"+dialect, func(b *testing.B) {
				for b.Loop() {
					s := newMailSite(b, testdb.New(b, dialect), r, warmUp+mails)
					report(b, r.kinds, r.measure(b, s, warmUp, mails))
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// ask ends the test at an answer that differs from the others; in the end each address
// has the mail that is meant for it, or none.
func TestEveryKindIsToldToCheckTheMail(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		for _, r := range requests() {
			if r.name == "register" {
				continue // as register-stub, at more cost
			}
			t.Run(r.name, func(t *testing.T) {
				t.Parallel() // most of it is waiting for the Sender
				s := newMailSite(t, testdb.New(t, db.Name), r, 3)
				for i, list := range r.measure(t, s, 1, 2) {
					if len(list) != 2 {
						t.Errorf("%s: %v, want two times", r.kinds[i].name, list)
					}
				}
				if err := s.auth.Deliver(t.Context()); err != nil {
					t.Fatal(err)
				}
				got := map[string]string{}
				for _, m := range s.sender.Messages() {
					if other := got[m.To.Address]; other != "" {
						t.Errorf("%s got two mails: %q and %q", m.To.Address, other, m.Subject)
					}
					got[m.To.Address] = m.Subject
				}
				for _, k := range r.kinds {
					for try := range 3 {
						if got := got[k.email(try)]; got != k.mail {
							t.Errorf("%s got %q, want %q", k.email(try), got, k.mail)
						}
						delete(got, k.email(try))
					}
				}
				if len(got) > 0 {
					t.Errorf("mails to others: %v", got)
				}
			})
		}
	})
}
