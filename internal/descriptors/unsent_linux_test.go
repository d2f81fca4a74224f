package descriptors

import (
	"io"
	"log/slog"
	"net"
	"testing"
	"time"
)

// TestListener_LetsTheKernelKeepLittle writes to a client that does not read until the kernel takes
// no more.
func TestListener_LetsTheKernelKeepLittle(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := NewWatch(0, slog.New(slog.DiscardHandler)).Listener(inner)
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	client.(*net.TCPConn).SetReadBuffer(4 << 10)
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	taken := 0
	for err == nil {
		conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		var n int
		n, err = conn.Write(make([]byte, 16<<10))
		taken += n
	}
	if taken > 1<<20 {
		t.Errorf("the kernel took %d bytes", taken)
	}
	go client.Close()
	io.Copy(io.Discard, conn)
}
