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

// tunnel carries connections to a server, until it swallows what comes from it: as a network does that is gone without a word.
type tunnel struct {
	listener net.Listener
	mu       sync.Mutex
	swallow  chan struct{} // closed: connections from before are dead
}

func newTunnel(t *testing.T, to string) *tunnel {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	n := &tunnel{listener: listener, swallow: make(chan struct{})}
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
	swallow := n.swallow
	n.mu.Unlock()
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		k, err := server.Read(buffer)
		select {
		case <-swallow:
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
	close(n.swallow)
	n.swallow = make(chan struct{})
}

func TestAConnectionThatDiesWithoutAWordIsReplaced(t *testing.T) {
	address, err := url.Parse(dbtest.URL(t, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	direct := NewPostgres(dbtest.Open(t, db.Options{URL: address.String()}), slog.New(slog.DiscardHandler))
	through := newTunnel(t, address.Host)
	address.Host = through.listener.Addr().String()
	p := NewPostgres(dbtest.Open(t, db.Options{URL: address.String()}), slog.New(slog.DiscardHandler))
	p.pulse, p.deafness = 100*time.Millisecond, time.Second

	letters, missed := make(chan Letter, 1000), make(chan struct{}, 1000)
	direct.Open(func(Letter) {}, func() {})
	p.Open(func(l Letter) { letters <- l }, func() { missed <- struct{}{} })
	defer direct.Close()
	defer p.Close()
	await(t, missed, "that LISTEN is in force")
	direct.Publish(Letter{Typing: &Typing{Room: uuid.New(), User: 1}})
	await(t, letters, "a letter")
	through.die()
	await(t, missed, "that letters may be lost")
	direct.Publish(Letter{Typing: &Typing{Room: uuid.New(), User: 2}})
	await(t, letters, "a letter over the new connection")
}

func await[T any](t *testing.T, from <-chan T, what string) {
	t.Helper()
	select {
	case <-from:
	case <-time.After(30 * time.Second):
		t.Fatalf("waited in vain for %s", what)
	}
}
