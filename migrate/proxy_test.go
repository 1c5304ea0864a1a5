package migrate_test

import (
	"net"
	"net/url"
	"sync"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/torii-go/torii/internal/testdb"
)

// proxy stands between a client and a server, and counts how often the client speaks
// after the server has: the round trips.
type proxy struct {
	listener net.Listener

	mu      sync.Mutex // guards the rest
	network string
	address string
	conns   []net.Conn
	turns   int
}

// before puts a proxy before the server of a database.
func before(t *testing.T, db testdb.DB) (*proxy, testdb.DB) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l}
	p.lead(t, db)
	switch db.Dialect {
	case "postgres":
		u, err := url.Parse(db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		u.Host = l.Addr().String()
		db.DSN = u.String()
	case "mysql":
		cfg, err := mysqldriver.ParseDSN(db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Net, cfg.Addr = "tcp", l.Addr().String()
		db.DSN = cfg.FormatDSN()
	}
	go p.accept()
	t.Cleanup(func() { l.Close(); p.cut() })
	return p, db
}

// lead has new connections go to the server of a database.
func (p *proxy) lead(t *testing.T, db testdb.DB) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if db.Dialect == "mysql" {
		cfg, err := mysqldriver.ParseDSN(db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		p.network, p.address = cfg.Net, cfg.Addr
		return
	}
	u, err := url.Parse(db.DSN)
	if err != nil || u.Host == "" {
		t.Skipf("*** NOT TESTED: %s names no URL", db.Dialect)
	}
	p.network, p.address = "tcp", u.Host
}

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

func (p *proxy) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.turns
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		network, address := p.network, p.address
		p.mu.Unlock()
		server, err := net.Dial(network, address)
		if err != nil {
			client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		answered := true // the server's word was the last; guarded by p.mu
		go p.copy(server, client, func() {
			if answered {
				p.turns++
			}
			answered = false
		})
		go p.copy(client, server, func() { answered = true })
	}
}

func (p *proxy) copy(to, from net.Conn, note func()) {
	defer to.Close()
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		p.mu.Lock()
		note()
		p.mu.Unlock()
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}
