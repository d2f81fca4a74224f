//go:build !linux

package live

import "net/http"

// connections are the sockets that were taken over: on this system none.
type connections struct{}

func (connections) close() {}

// socketTransport is no transport on this system.
type socketTransport struct{}

// hijack leaves the connection to net/http.
func (*Hub) hijack(r *reader, w http.ResponseWriter, req *http.Request) (transport, error) {
	return newHTTPTransport(r, w, req), nil
}
