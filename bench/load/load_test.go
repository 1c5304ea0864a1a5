package load_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

const (
	phrase = "a long and lovely password"
	// patience bounds one run.
	patience = 2 * time.Minute
	// probeEvery is how often somebody else asks for a page.
	probeEvery = 10 * time.Millisecond
)

// BenchmarkLoad signs in so many people at the same moment. Whom the server refuses
// for now comes again when it says (Retry-After), until everybody is in.
func BenchmarkLoad(b *testing.B) {
	for _, dialect := range testdb.Dialects() {
		for _, n := range []int{64, 1000} {
			b.Run(fmt.Sprintf("%s/%d", dialect, n), func(b *testing.B) {
				for b.Loop() {
					run(b, dialect, n)
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func email(i int) string { return fmt.Sprintf("somebody%d@example.com", i) }

// people makes so many accounts with one password, whose hash is made once, and returns
// the token of a session.
func people(b *testing.B, db testdb.DB, n int) string {
	b.Helper()
	ctx := b.Context()
	client, err := migrate.Open(ctx, db.Driver, db.DSN)
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	_, pw, err := application(client)
	if err != nil {
		b.Fatal(err)
	}
	res, err := pw.Register(ctx, password.Registration{Email: "visitor@example.com", Password: phrase}, auth.Client{})
	if err != nil {
		b.Fatal(err)
	}
	row, err := client.Credential.Query().Only(ctx)
	if err != nil {
		b.Fatal(err)
	}
	var users []*ent.UserCreate
	for i := range n {
		users = append(users, client.User.Create().SetEmail(email(i)).SetEmailEntered(email(i)))
	}
	made, err := client.User.CreateBulk(users...).Save(ctx)
	if err != nil {
		b.Fatal(err)
	}
	var secrets []*ent.CredentialCreate
	for _, u := range made {
		hash := token.HashOf(u.ID)
		secrets = append(secrets, client.Credential.Create().SetUserID(u.ID).SetKind(row.Kind).
			SetIdentifier(u.ID).SetIdentifierHash(hash[:]).SetSecret(row.Secret))
	}
	if err := client.Credential.CreateBulk(secrets...).Exec(ctx); err != nil {
		b.Fatal(err)
	}
	return res.Token.Reveal()
}

func run(b *testing.B, dialect string, n int) {
	b.Helper()
	db := testdb.New(b, dialect)
	secret := people(b, db, n)
	base, stop := startServer(b, db)
	defer stop()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	c := &client{base: base, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}}}
	c.get(b, ctx, "/me", secret) // connections and statements exist
	before := c.figures(b, ctx)

	watching, watched := context.WithCancel(ctx)
	var pages, pings []time.Duration
	var watchers sync.WaitGroup
	watchers.Go(func() { pages = c.probe(b, watching, "/me", secret) })
	watchers.Go(func() { pings = c.probe(b, watching, "/ping", "") })

	took := make([]time.Duration, n)
	refused := make([]int, n)
	gate := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-gate
			start := time.Now()
			refused[i] = c.signIn(b, ctx, i)
			took[i] = time.Since(start)
		})
	}
	start := time.Now()
	close(gate)
	all.Wait()
	total := time.Since(start)
	watched()
	watchers.Wait()

	after := c.figures(b, ctx)
	turnedAway, refusals := 0, 0
	for _, r := range refused {
		refusals += r
		turnedAway += min(r, 1)
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(float64(after.PeakKiB)/1024, "peak-MiB")
	b.ReportMetric(float64(before.PeakKiB)/1024, "idle-MiB")
	b.ReportMetric(float64(after.Hashes-before.Hashes)/total.Seconds(), "hashes/s")
	b.ReportMetric(total.Seconds(), "all-s")
	b.ReportMetric(quantile(took, 50).Seconds(), "p50-s")
	b.ReportMetric(quantile(took, 99).Seconds(), "p99-s")
	b.ReportMetric(float64(turnedAway), "turned-away")
	b.ReportMetric(float64(refusals), "refusals")
	b.ReportMetric(float64(c.broken.Load()), "status-500")
	b.ReportMetric(ms(quantile(pages, 50)), "page-p50-ms")
	b.ReportMetric(ms(quantile(pages, 99)), "page-p99-ms")
	b.ReportMetric(ms(quantile(pages, 100)), "page-max-ms")
	b.ReportMetric(ms(quantile(pings, 99)), "ping-p99-ms")
}

// quantile is a percentile of a list; 100 is the greatest.
func quantile(list []time.Duration, percent int) time.Duration {
	if len(list) == 0 {
		return 0
	}
	list = slices.Sorted(slices.Values(list))
	return list[min(len(list)-1, len(list)*percent/100)]
}

// client is everybody who calls the server.
type client struct {
	base   string
	http   *http.Client
	broken atomic.Int64 // answers with status 500
}

// signIn signs one person in, however often they have to come again, and returns how
// often that was.
func (c *client) signIn(b *testing.B, ctx context.Context, i int) (refused int) {
	for {
		body := fmt.Sprintf(`{"email":%q,"password":%q}`, email(i), phrase)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/auth/login", strings.NewReader(body))
		if err != nil {
			b.Error(err)
			return refused
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.%d.%d", i/250, i%250))
		res, err := c.http.Do(r)
		if err != nil {
			b.Error(err)
			return refused
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return refused
		}
		wait, err := strconv.Atoi(res.Header.Get("Retry-After"))
		if res.StatusCode == http.StatusInternalServerError {
			c.broken.Add(1)
			wait, err, res.StatusCode = 1, nil, http.StatusServiceUnavailable
		}
		if res.StatusCode != http.StatusServiceUnavailable || err != nil {
			b.Errorf("sign-in: %d %s", res.StatusCode, text)
			return refused
		}
		refused++
		select {
		case <-time.After(time.Duration(wait) * time.Second):
		case <-ctx.Done():
			b.Error(ctx.Err())
			return refused
		}
	}
}

// probe asks for a page again and again, whether or not the last answer has come, and
// returns how long the answers took.
func (c *client) probe(b *testing.B, ctx context.Context, path, secret string) []time.Duration {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	var (
		mu   sync.Mutex // guards list
		list []time.Duration
		all  sync.WaitGroup
	)
	defer all.Wait()
	for {
		select {
		case <-ctx.Done():
			all.Wait()
			return list
		case <-tick.C:
			all.Go(func() {
				start := time.Now()
				c.get(b, context.WithoutCancel(ctx), path, secret)
				mu.Lock()
				defer mu.Unlock()
				list = append(list, time.Since(start))
			})
		}
	}
}

func (c *client) get(b *testing.B, ctx context.Context, path, secret string) []byte {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, http.NoBody)
	if err != nil {
		b.Error(err)
		return nil
	}
	if secret != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-torii_session", Value: secret})
	}
	res, err := c.http.Do(r)
	if err != nil {
		b.Error(err)
		return nil
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.Errorf("%s: %d %s, %v", path, res.StatusCode, text, err)
	}
	return text
}

func (c *client) figures(b *testing.B, ctx context.Context) figures {
	b.Helper()
	var f figures
	if err := json.Unmarshal(c.get(b, ctx, "/figures", ""), &f); err != nil {
		b.Fatal(err)
	}
	return f
}
