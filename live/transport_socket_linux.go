package live

import (
	"errors"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// sendBuffer is what the kernel keeps at most for a client that does not read; it doubles the
	// number (socket(7)). Much more than a write of a busy room would only make a stalled reader
	// dearer.
	sendBuffer = 48 << 10
	// unacknowledged is how long a client's system may leave bytes unacknowledged until the
	// connection is given up (TCP_USER_TIMEOUT, tcp(7)).
	unacknowledged = 30 * time.Second
)

// socketTransport writes to a socket without waiting. It has neither goroutine nor buffers: the
// hub's poller calls happened when the socket takes more, and when the client has left.
type socketTransport struct {
	reader *reader
	fd     int32 // a descriptor of its own
	serial int32 // tells this socket from an earlier one with the same descriptor; set by the poller
}

// hijack takes the connection of an HTTP/1 request without TLS from net/http; other requests get an
// httpTransport.
func hijack(r *reader, w http.ResponseWriter, req *http.Request) (transport, error) {
	if req.TLS != nil || req.ProtoMajor != 1 {
		return newHTTPTransport(r, w, req), nil
	}
	hijacked, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // the ResponseWriter does not offer it
		return newHTTPTransport(r, w, req), nil
	}
	defer hijacked.Close()
	socket, ok := hijacked.(syscall.Conn)
	if !ok {
		return nil, errNoSocket
	}
	if err := r.hub.poller.open(); err != nil {
		return nil, err
	}
	c := &r.socket
	c.reader, r.head = r, responseHead(w.Header())
	if c.fd, err = duplicate(socket); err != nil {
		return nil, err
	}
	unix.SetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_SNDBUF, sendBuffer)
	unix.SetsockoptInt(int(c.fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unacknowledged.Milliseconds()))
	r.hub.takenOver(1)
	return c, nil
}

// errNoSocket: the listener wraps its connections in something that hides them. Ours does not.
var errNoSocket = errors.New("the connection is no socket")

// duplicate returns a descriptor of the socket that Go's own poller does not know, which keeps a
// kilobyte and a half for each.
func duplicate(socket syscall.Conn) (int32, error) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd := -1
	if controlled := raw.Control(func(original uintptr) {
		fd, err = unix.FcntlInt(original, unix.F_DUPFD_CLOEXEC, 0)
	}); controlled != nil {
		return -1, controlled
	}
	return int32(fd), err
}

func (c *socketTransport) start() { c.reader.hub.poller.add(c) }

func (c *socketTransport) send(b []byte) (sent int, err error) {
	for sent < len(b) {
		n, err := unix.Write(int(c.fd), b[sent:])
		switch err {
		case nil:
			sent += n
		case unix.EAGAIN: // the poller calls happened when there is room again
			return sent, nil
		case unix.EINTR:
		default:
			return sent, err
		}
	}
	return sent, nil
}

// limit does nothing: no write is ever under way. The deadlines see to what waits.
func (c *socketTransport) limit(time.Duration) {}

func (c *socketTransport) awaitDrained(drained <-chan struct{}) { <-drained }

func (c *socketTransport) close(abort bool) {
	if abort { // or the kernel would keep what it holds until the client takes it
		unix.SetsockoptLinger(int(c.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	}
	c.reader.hub.poller.remove(c)
	unix.Close(int(c.fd))
	c.reader.hub.takenOver(-1)
	c.reader.hub.reaper.add(c.reader)
}

// happened is called by the poller with the events of the socket (epoll_ctl(2)).
func (c *socketTransport) happened(events uint32) {
	if events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) == 0 {
		c.reader.drain()
		return
	}
	c.reader.mu.Lock()
	defer c.reader.mu.Unlock()
	c.reader.failLocked(disconnected)
}
