//go:build !linux

package live

import "net/http"

// poller watches no sockets on this system.
type poller struct{}

func (*poller) close() {}

// socketTransport is no transport on this system.
type socketTransport struct{}

// hijack leaves the connection to net/http.
func hijack(r *reader, w http.ResponseWriter, req *http.Request) (transport, error) {
	return newHTTPTransport(r, w, req), nil
}
