// Package bustest gives tests a real NATS server.
package bustest

import (
	"net"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// NATS is a server of the test's own, which may go and come back at the same address.
type NATS struct {
	tb     testing.TB
	port   int
	server *server.Server
}

// StartNATS starts a server, which is stopped after the test.
func StartNATS(tb testing.TB) *NATS {
	tb.Helper()
	n := &NATS{tb: tb, port: server.RANDOM_PORT}
	n.Start()
	tb.Cleanup(n.Stop)
	return n
}

// Start starts a stopped server again.
func (n *NATS) Start() {
	n.tb.Helper()
	var err error
	n.server, err = server.NewServer(&server.Options{Host: "127.0.0.1", Port: n.port, NoLog: true, NoSigs: true})
	if err != nil {
		n.tb.Fatal(err)
	}
	n.server.Start()
	if !n.server.ReadyForConnections(10 * time.Second) {
		n.tb.Fatal("NATS did not start")
	}
	n.port = n.server.Addr().(*net.TCPAddr).Port
}

// Stop ends the server and all connections to it.
func (n *NATS) Stop() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
}

// URL is the server's address.
func (n *NATS) URL() string {
	return (&url.URL{Scheme: "nats", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(n.port))}).String()
}

// Subscriptions is how many subscriptions the server knows.
func (n *NATS) Subscriptions() int { return int(n.server.NumSubscriptions()) }
