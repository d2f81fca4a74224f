//go:build !linux

package descriptors

import "net"

// boundUnsent does nothing on this system.
func boundUnsent(net.Conn) {}
