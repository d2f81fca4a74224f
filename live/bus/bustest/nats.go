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

// NATS is a server of one test. It may be stopped and started again at the same address.
type NATS struct {
	tb     testing.TB
	port   int
	server *server.Server
}

// StartNATS returns a running server, which is stopped after the test.
func StartNATS(tb testing.TB) *NATS {
	tb.Helper()
	n := &NATS{tb: tb, port: server.RANDOM_PORT}
	n.Start()
	tb.Cleanup(n.Stop)
	return n
}

// Start starts a stopped server, and returns when it accepts connections.
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

// Stop ends the server and all connections to it, and returns when that is done.
func (n *NATS) Stop() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
}

// URL returns the server's address.
func (n *NATS) URL() string {
	return (&url.URL{Scheme: "nats", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(n.port))}).String()
}

// Subscriptions returns the number of subscriptions at the server.
func (n *NATS) Subscriptions() int { return int(n.server.NumSubscriptions()) }
