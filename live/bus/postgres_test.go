package bus

import (
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// tunnel forwards connections to a server, until it discards what comes back, as a network does
// that fails silently.
type tunnel struct {
	listener net.Listener
	mu       sync.Mutex
	discard  chan struct{} // closed: connections from before are dead
}

func newTunnel(t *testing.T, to string) *tunnel {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	n := &tunnel{listener: listener, discard: make(chan struct{})}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go n.carry(client, to)
		}
	}()
	return n
}

func (n *tunnel) carry(client net.Conn, to string) {
	server, err := net.Dial("tcp", to)
	if err != nil {
		client.Close()
		return
	}
	n.mu.Lock()
	discard := n.discard
	n.mu.Unlock()
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		k, err := server.Read(buffer)
		select {
		case <-discard:
			k = 0
		default:
		}
		if _, err2 := client.Write(buffer[:k]); err != nil || err2 != nil {
			client.Close()
			return
		}
	}
}

// die makes all connections there are dead; new ones work.
func (n *tunnel) die() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.discard)
	n.discard = make(chan struct{})
}

func TestPostgres_ReplacesASilentConnection(t *testing.T) {
	address, err := url.Parse(dbtest.URL(t, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	direct := NewPostgres(dbtest.Open(t, db.Options{URL: address.String()}), slog.New(slog.DiscardHandler))
	through := newTunnel(t, address.Host)
	address.Host = through.listener.Addr().String()
	p := NewPostgres(dbtest.Open(t, db.Options{URL: address.String()}), slog.New(slog.DiscardHandler))
	p.pingInterval, p.silenceTimeout = 100*time.Millisecond, time.Second

	messages, missed := make(chan Message, 1000), make(chan struct{}, 1000)
	direct.Open(func(Message) {}, func() {})
	p.Open(func(m Message) { messages <- m }, func() { missed <- struct{}{} })
	defer direct.Close()
	defer p.Close()
	await(t, missed, "that LISTEN is in force")
	direct.Publish(Message{Typing: &Typing{Room: uuid.New(), User: 1}})
	await(t, messages, "a message")
	through.die()
	await(t, missed, "that messages may be lost")
	direct.Publish(Message{Typing: &Typing{Room: uuid.New(), User: 2}})
	await(t, messages, "a message over the new connection")
}

func await[T any](t *testing.T, from <-chan T, what string) {
	t.Helper()
	select {
	case <-from:
	case <-time.After(30 * time.Second):
		t.Fatalf("waited in vain for %s", what)
	}
}
