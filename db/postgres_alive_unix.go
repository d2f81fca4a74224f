//go:build unix

package db

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"syscall"

	"github.com/uptrace/bun/driver/pgdriver"
)

// alive returns driver.ErrBadConn for a pooled connection whose server has gone, so that the pool
// takes another one: after a restart of the server each connection from before would fail one
// request. It looks at the socket alone, which has nothing to read while no query runs.
func alive(_ context.Context, cn *pgdriver.Conn) error {
	conn := cn.Conn()
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return driver.ErrBadConn
	}
	var waiting error
	// Control, unlike Read, takes no notice of the deadline that the last query left.
	err = raw.Control(func(fd uintptr) {
		var one [1]byte
		_, _, waiting = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	if err != nil || !errors.Is(waiting, syscall.EAGAIN) {
		return driver.ErrBadConn
	}
	return nil
}
