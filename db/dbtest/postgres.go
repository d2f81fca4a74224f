package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun/driver/pgdriver"

	"sarangbang/db"
)

// server is a PostgreSQL on which databases may be made.
type server struct {
	url      *url.URL // of the database to connect to for making others
	pool     *sql.DB  // to that database: a connection costs as much as making one
	template string   // says in SQL which migrated database to copy; empty: none
	cluster  *cluster // nil when it is not ours
}

func newServer(address *url.URL) *server {
	pool := sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(address.String())))
	pool.SetMaxIdleConns(8)
	return &server{url: address, pool: pool}
}

var errNoPostgres = errors.New("PostgreSQL is not installed (Debian: apt-get install postgresql) and TEST_POSTGRES_URL is not set")

// running is the server of this process, started when a test first needs it.
var running struct {
	sync.Mutex
	server *server
	err    error
}

func theServer() (*server, error) {
	running.Lock()
	defer running.Unlock()
	if running.server == nil && running.err == nil {
		running.server, running.err = findServer()
	}
	return running.server, running.err
}

func stopServer() {
	running.Lock()
	defer running.Unlock()
	if running.server == nil {
		return
	}
	running.server.pool.Close()
	if running.server.cluster != nil {
		running.server.cluster.stop()
	}
	running.server = nil
}

// findServer returns the server of TEST_POSTGRES_URL, or starts one.
func findServer() (*server, error) {
	if address := os.Getenv("TEST_POSTGRES_URL"); address != "" {
		u, err := url.Parse(address)
		if err != nil {
			return nil, errors.New("TEST_POSTGRES_URL is no address")
		}
		return newServer(u), nil
	}
	c, err := startCluster()
	if err != nil {
		return nil, err
	}
	s := newServer(c.url("postgres"))
	s.cluster = c
	return s, s.makeTemplate()
}

// makeTemplate migrates one database, of which the others are copies.
func (s *server) makeTemplate() error {
	ctx, cancel := brief()
	defer cancel()
	name := "house"
	if err := s.exec(ctx, "CREATE DATABASE "+name); err != nil {
		return err
	}
	store, err := db.Open(ctx, db.Options{URL: s.address(name)})
	if err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return err
	}
	s.template = " TEMPLATE " + name
	var version int
	if err := s.pool.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return err
	}
	if version >= 150000 {
		s.template += " STRATEGY file_copy"
	}
	return nil
}

// freshPostgres makes an empty database and drops it after the test.
func freshPostgres(tb testing.TB, with contents) string {
	tb.Helper()
	s, err := theServer()
	if errors.Is(err, errNoPostgres) {
		missing(tb, err.Error())
	}
	if err != nil {
		tb.Fatalf("PostgreSQL for tests: %v", err)
	}
	name, query := "test_"+strings.ToLower(rand.Text()), "CREATE DATABASE "
	if query += name; with == migrated {
		query += s.template
	}
	if err := s.exec(tb.Context(), query); err != nil {
		tb.Fatalf("PostgreSQL for tests: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := brief()
		defer cancel()
		if err := s.exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Errorf("PostgreSQL for tests: %v", err)
		}
	})
	return s.address(name)
}

// address returns the URL of one of the server's databases.
func (s *server) address(name string) string {
	u := *s.url
	u.Path = "/" + name
	return u.String()
}

func (s *server) exec(ctx context.Context, query string) error {
	if _, err := s.pool.ExecContext(ctx, query); err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return nil
}
