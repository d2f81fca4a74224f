package db_test

import (
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// TestPosts_TakeTwoRoundTrips counts what a store sends to PostgreSQL for posts that are written
// one after another: BEGIN and COMMIT are not sent by themselves.
func TestPosts_TakeTwoRoundTrips(t *testing.T) {
	address, sent := countedServer(t)
	s := dbtest.Open(t, db.Options{URL: address})
	alice := dbtest.User(t, s, "alice")
	room := dbtest.Room(t, s, db.KindOpen, alice)
	dbtest.Post(t, s, alice, room, "the first has a connection opened")
	before := sent.Load()
	const posts = 10
	for range posts {
		dbtest.Post(t, s, alice, room, "x")
	}
	wantEqual(t, "round trips of ten posts", sent.Load()-before, int64(2*posts))
}

// countedServer returns the URL of a fresh database behind a proxy, and the number of times that a
// client has sent something.
func countedServer(t *testing.T) (string, *atomic.Int64) {
	t.Helper()
	server := must[*url.URL](t)(url.Parse(dbtest.URL(t, "postgres")))
	proxy := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	t.Cleanup(func() { _ = proxy.Close() })
	host, sent := server.Host, new(atomic.Int64)
	go func() {
		for {
			client, err := proxy.Accept()
			if err != nil {
				return
			}
			go forward(client, host, sent)
		}
	}()
	server.Host = proxy.Addr().String()
	return server.String(), sent
}

// forward connects a client with the server until one of them closes, and counts what the client
// sends.
func forward(client net.Conn, server string, sent *atomic.Int64) {
	defer client.Close()
	conn, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer conn.Close()
	go func() {
		_, _ = io.Copy(client, conn)
		_ = client.Close()
	}()
	for buffer := make([]byte, 1<<16); ; {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		sent.Add(1)
		if _, err := conn.Write(buffer[:n]); err != nil {
			return
		}
	}
}
