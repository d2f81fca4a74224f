// Package descriptors keeps a server from running out of file descriptors. Where few are left there
// are no new streams, and where almost none is, connections wait to be accepted: what is left is
// for the database and for those who are connected already.
package descriptors

import (
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// few is a limit below which the log says at the start that it is small.
	few = 8192
	// others is about what the program holds beside connections: files and connections of the
	// database, listeners, the log.
	others = 64
	// warnEvery is how often the log says that descriptors are scarce.
	warnEvery = time.Minute
	// lookEvery is how often a connection that waits to be accepted looks again.
	lookEvery = 20 * time.Millisecond
)

// Watch counts the connections of a server. Its methods may be called concurrently.
type Watch struct {
	limit int
	log   *slog.Logger
	// connections are those that the server has; streams are those that were taken over from it.
	connections, streams atomic.Int64

	mu     sync.Mutex
	warned time.Time // guarded by mu
}

// NewWatch returns a Watch for a process that may open so many files (see Limit). 0: there is no
// limit.
func NewWatch(limit int, log *slog.Logger) *Watch {
	if limit > 0 && limit < few {
		log.Warn("few files may be open at a time: each stream needs one", "limit", limit, "remedy", "ulimit -n, or LimitNOFILE of systemd")
	}
	return &Watch{limit: limit, log: log}
}

// ConnState is a hook of http.Server.
func (w *Watch) ConnState(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		w.connections.Add(1)
	case http.StateClosed, http.StateHijacked:
		w.connections.Add(-1)
	}
}

// TakenOver counts connections that were taken over from the server: 1 for one more, -1 for one
// that has been closed.
func (w *Watch) TakenOver(n int) { w.streams.Add(int64(n)) }

// Scarce reports whether there are too few descriptors for another stream.
func (w *Watch) Scarce() bool { return w.fewerThan(w.spare()) }

// spare is how many descriptors are kept from streams: for requests, and the database.
func (w *Watch) spare() int { return min(max(w.limit/8, 16), 1024) }

func (w *Watch) fewerThan(n int) bool {
	if w.limit == 0 {
		return false
	}
	connections, streams := w.connections.Load(), w.streams.Load()
	if int(connections+streams)+min(others, w.limit/4)+n < w.limit {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := time.Now(); now.Sub(w.warned) >= warnEvery {
		w.warned = now
		w.log.Warn("file descriptors are scarce: new streams are refused, and connections wait",
			"limit", w.limit, "connections", connections, "streams", streams)
	}
	return true
}

// Listener returns a listener that accepts nothing while almost no descriptor is left, so that
// accepting does not fail. On Linux the kernel keeps little for clients that do not read.
func (w *Watch) Listener(l net.Listener) net.Listener {
	return &listener{Listener: l, watch: w, closed: make(chan struct{})}
}

type listener struct {
	net.Listener
	watch  *Watch
	once   sync.Once
	closed chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	for l.watch.fewerThan(l.watch.spare() / 4) {
		select {
		case <-l.closed:
			return nil, net.ErrClosed
		case <-time.After(lookEvery):
		}
	}
	conn, err := l.Listener.Accept()
	if err == nil {
		boundUnsent(conn)
	}
	return conn, err
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
