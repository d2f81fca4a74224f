package e2e

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun/driver/pgdriver"

	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/live/bus/bustest"
)

// cluster is some processes of one service, on one PostgreSQL.
type cluster struct {
	t        testing.TB
	database string
	nats     *bustest.NATS // nil: the bus is PostgreSQL's
	nodes    []*process
	turns    atomic.Int64 // connections that roundRobin has given to processes
}

// eachBus runs a test in a cluster of so many processes, over each kind of bus, as dbtest.Each
// does.
func eachBus(t *testing.T, processes int, test func(t *testing.T, c *cluster)) {
	t.Helper()
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, newCluster(t, processes, nil))
	})
	t.Run("nats", func(t *testing.T) {
		t.Parallel()
		test(t, newCluster(t, processes, bustest.StartNATS(t)))
	})
}

func newCluster(tb testing.TB, processes int, nats *bustest.NATS) *cluster {
	tb.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	c := &cluster{t: tb, database: dbtest.URL(tb, "postgres"), nats: nats}
	settings := map[string]string{
		"DATABASE_URL": c.database, "SESSION_KEY": hex.EncodeToString(key),
	}
	if nats != nil {
		settings["NATS_URL"] = nats.URL()
	}
	for range processes {
		c.nodes = append(c.nodes, start(tb, settings))
	}
	return c
}

// at is the same person at another process.
func (c *cluster) at(p *webtest.Person, node int) *webtest.Person {
	there := *p
	there.Base = c.nodes[node].url
	return &there
}

// cutBus makes the processes not hear each other until the returned function is called. The
// database goes on working.
func (c *cluster) cutBus() (mend func()) {
	c.t.Helper()
	if c.nats != nil {
		c.nats.Stop()
		return c.nats.Start
	}
	pool := sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(c.database)))
	ctx, cancel := context.WithCancel(c.t.Context())
	var cutting sync.WaitGroup
	cutting.Go(func() {
		for ctx.Err() == nil {
			_, err := pool.ExecContext(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
			if err != nil && ctx.Err() == nil {
				c.t.Errorf("cutting the bus: %v", err)
			}
			pass(20 * time.Millisecond)
		}
	})
	return func() {
		cancel()
		cutting.Wait()
		pool.Close()
	}
}

// pass lets time go by, for other processes.
func pass(d time.Duration) { <-time.After(d) }

// roundRobin is an address whose connections go to one process after another, whoever connects.
func (c *cluster) roundRobin() (url string) {
	c.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			turn := int(c.turns.Add(1))
			go join(client, strings.TrimPrefix(c.nodes[turn%len(c.nodes)].url, "http://"))
		}
	}()
	return "http://" + listener.Addr().String()
}

// join carries bytes both ways until either side ends.
func join(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		defer server.Close()
		io.Copy(server, client)
	}()
	io.Copy(client, server)
}
