package live

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/r3labs/sse/v2"

	"sarangbang/db"
)

// Hub is the fan-out. Its methods may be called by many goroutines.
//
// Hub.mu guards what all streams share and is held for moments only, since Notify takes it: never while the store, the presenter
// or a room's fan-out is at work. Under it only inbox.mu and reader.mu are taken, and under room.mu only reader.mu.
type Hub struct {
	store          Store
	presenter      Presenter
	logger         *slog.Logger
	streamsPerUser int
	streamsBound   int
	server         *sse.Server
	encoders       atomic.Int64 // numbers the server's streams: names differ even where one opens while the last one closes

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // streams and workers

	mu       sync.Mutex
	closed   bool
	streams  int
	rooms    map[uuid.UUID]*room // that are read here; under uuid.Nil what users' own streams share
	users    map[int64]*user     // who read here
	watchers map[uuid.UUID]map[*user]struct{}
	unread   unreadWork
}

// New makes a hub.
func New(o Options) *Hub {
	h := &Hub{
		store: o.Store, presenter: o.Presenter, logger: o.Logger,
		streamsPerUser: o.StreamsPerUser, streamsBound: o.Streams,
		server:   newServer(),
		rooms:    map[uuid.UUID]*room{},
		users:    map[int64]*user{},
		watchers: map[uuid.UUID]map[*user]struct{}{},
	}
	if h.logger == nil {
		h.logger = slog.New(slog.DiscardHandler)
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// Notify takes notices of what was committed together. It never blocks. Notices may be lost, doubled or out of order:
// readers still get every change once and in order.
func (h *Hub) Notify(notices ...db.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	for _, n := range notices {
		h.notice(n)
	}
}

// notice tells those whom a notice concerns; under mu.
func (h *Hub) notice(n db.Notice) {
	if n.Room != uuid.Nil {
		if r := h.rooms[n.Room]; r != nil {
			r.inbox.put(n, r)
		}
		h.roomChanged(n)
	}
	for _, id := range n.Users {
		h.roomsChanged(id)
	}
	for _, right := range n.Ended {
		h.end(right)
	}
}

// end cuts the streams that were opened with a right that ended; under mu.
func (h *Hub) end(right db.Right) {
	if u := h.users[right.UserID]; u != nil {
		u.end(right)
	}
	if right.UserID != 0 {
		return
	}
	for _, u := range h.users {
		u.end(right)
	}
}

// Serve writes a stream until its end. An error is returned only when nothing has been written yet:
// ErrTooManyOfUser, ErrTooMany, ErrClosed, the store's, or that of Subscription.Check.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, s Subscription) error {
	reader := newReader(h, w, r, s)
	defer reader.stop()
	if err := h.attach(reader); err != nil {
		return err
	}
	defer h.detach(reader)
	return reader.serve()
}

// attach makes a reader known to everything that may concern it: from now on its rights are watched and notices reach it.
func (h *Hub) attach(r *reader) error {
	if err := h.admit(r); err != nil {
		return err
	}
	r.room.join(r)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.addStream(r.user, r)
	if h.closed { // since it was admitted
		r.end(shutdown, "")
	}
	return nil
}

// admit counts a reader in, and finds or makes its user and room.
func (h *Hub) admit(r *reader) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	viewer := r.sub.Viewer
	u := h.users[viewer.ID]
	switch {
	case h.closed:
		return ErrClosed
	case h.streamsBound > 0 && h.streams >= h.streamsBound:
		return ErrTooMany
	case u != nil && h.streamsPerUser > 0 && u.attached >= h.streamsPerUser:
		return ErrTooManyOfUser
	case u == nil:
		u = &user{id: viewer.ID, streams: map[*reader]struct{}{}, shown: map[uuid.UUID]int{}}
		h.users[viewer.ID] = u
	}
	h.streams++
	h.work.Add(1)
	u.attached++
	u.viewer = viewer
	r.user = u
	r.room = h.rooms[r.sub.Room]
	if r.room == nil {
		r.room = newRoom(h, r.sub.Room)
		h.rooms[r.sub.Room] = r.room
	}
	r.room.attached++
	return nil
}

// detach undoes attach; nothing of the reader is left behind.
func (h *Hub) detach(r *reader) {
	defer h.work.Done()
	r.finished()
	if e := r.room.leave(r); e != nil {
		e.close()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams--
	h.removeStream(r.user, r)
	if r.user.attached--; r.user.attached == 0 {
		delete(h.users, r.user.id)
	}
	if r.room.attached--; r.room.attached == 0 {
		delete(h.rooms, r.room.id)
		r.room.cancel()
	}
}

// Close ends all streams and returns when they have ended. Serve answers ErrClosed from then on.
func (h *Hub) Close() {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		for _, u := range h.users {
			for r := range u.streams {
				r.end(shutdown, "")
			}
		}
		h.cancel()
	}
	h.mu.Unlock()
	h.work.Wait()
}
