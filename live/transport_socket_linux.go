package live

import (
	"errors"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// sendBuffer is what the kernel keeps at most for a stream that does not read; it doubles the number (socket(7)), and what is
	// much more than a write of a busy room would only make a stalled reader dearer.
	sendBuffer = 48 << 10
	// unacknowledged is how long a client's system may leave bytes unacknowledged before the connection is given up.
	unacknowledged = 30 * time.Second
)

// socketTransport is an transport that writes to a socket without waiting. It has neither goroutine nor buffers: the connections tell it when the
// socket takes more, and when the client has left.
type socketTransport struct {
	reader *reader
	poller *poller
	fd     int32
	nth    int32 // tells this connection from an earlier one with the same descriptor
}

// hijack takes the connection of an HTTP/1 request without TLS away from net/http; for other requests it makes a httpTransport.
func (h *Hub) hijack(r *reader, w http.ResponseWriter, req *http.Request) (transport, error) {
	if req.TLS != nil || req.ProtoMajor != 1 {
		return newHTTPTransport(r, w, req), nil
	}
	hijacked, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // whoever gave us the writer does not offer it
		return newHTTPTransport(r, w, req), nil
	}
	defer hijacked.Close()
	socket, ok := hijacked.(syscall.Conn)
	if !ok {
		return nil, errNoSocket
	}
	c := &r.socket
	c.reader, r.head = r, responseHead(w.Header())
	if c.poller, err = h.connections.poller(); err != nil {
		return nil, err
	}
	if c.fd, err = duplicate(socket); err != nil {
		return nil, err
	}
	unix.SetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_SNDBUF, sendBuffer)
	unix.SetsockoptInt(int(c.fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unacknowledged.Milliseconds()))
	return c, nil
}

// errNoSocket: the listener wraps its connections in something that hides them. Ours does not.
var errNoSocket = errors.New("the connection is no socket")

// duplicate takes a socket out of the reach of Go's own poller, which has a kilobyte and a half for each.
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

func (c *socketTransport) start() { c.poller.add(c) }

func (c *socketTransport) send(b []byte) (sent int, err error) {
	for sent < len(b) {
		n, err := unix.Write(int(c.fd), b[sent:])
		switch err {
		case nil:
			sent += n
		case unix.EAGAIN:
			return sent, nil
		case unix.EINTR:
		default:
			return sent, err
		}
	}
	return sent, nil
}

func (c *socketTransport) limit(time.Duration) {}

func (c *socketTransport) settle(empty <-chan struct{}) { <-empty }

func (c *socketTransport) close(abort bool) {
	if abort { // or the kernel would keep what it holds until the client takes it
		unix.SetsockoptLinger(int(c.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	}
	c.poller.remove(c)
	unix.Close(int(c.fd))
	c.reader.hub.reap(c.reader)
}
