package descriptors

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// unsentBytes is how much the kernel keeps of an answer that it cannot send. By itself it keeps up
// to some megabytes for a client that reads nothing, and wakes a writer when a third of that has
// been read, which takes a slow client too long for a deadline.
const unsentBytes = 64 << 10

// boundUnsent bounds what the kernel keeps unsent for a connection (TCP_NOTSENT_LOWAT, tcp(7)).
func boundUnsent(conn net.Conn) {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	if raw, err := socket.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) {
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsentBytes) // an old kernel does without
		})
	}
}
