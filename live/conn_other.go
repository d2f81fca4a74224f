//go:build !linux

package live

import "net/http"

// connections are the sockets that were taken over: on this system none.
type connections struct{}

func (connections) close() {}

// conn is no outlet on this system.
type conn struct{}

// takeOver leaves the connection to net/http.
func (*Hub) takeOver(r *reader, w http.ResponseWriter, req *http.Request) (outlet, error) {
	return newResponder(r, w, req), nil
}
