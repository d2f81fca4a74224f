package live

import "time"

// transport is where a reader's bytes leave: a socket that is written to without waiting
// (socketTransport), or a ResponseWriter with a goroutine (httpTransport). All methods but
// awaitDrained are called under reader.mu, and never wait.
type transport interface {
	// start begins the response. From now on the transport may ask for more, or say that the client
	// left.
	start()
	// send takes as much of b as it can without waiting, from its start, and returns how much that
	// is; it keeps no part of b that it did not take. The reader queues the rest, and sends it
	// before anything else. When it can be taken, the transport asks for it: with reader.drain,
	// which calls send again, or with reader.dequeueAll. An error says that the connection is dead.
	send(b []byte) (int, error)
	// limit gives a write that is under way, and those to come, so much time.
	limit(time.Duration)
	// awaitDrained waits until a channel is closed, which happens when the reader's queue is empty
	// or the reader is closed. It is called by the handshake, without locks.
	awaitDrained(drained <-chan struct{})
	// close lets go of the connection; abort throws away what the system holds for it. It is called
	// once, and nothing after it.
	close(abort bool)
}
