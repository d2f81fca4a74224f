package live

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/presence"
)

// Hub is the fan-out. Its methods may be called by many goroutines.
//
// Hub.mu guards what all streams share and is held for moments only, since Notify takes it: never while the store, the presenter
// or a room's fan-out is at work. Locks are taken in this order, each of them left out at will: Hub.mu, room.mu, group.deliverMu,
// group.mu, reader.mu, and the small ones of an inbox, an encoder and the reaper, under which nothing else is taken.
type Hub struct {
	store          Store
	presenter      Presenter
	logger         *slog.Logger
	streamsPerUser int
	streamsBound   int
	encoders       *encoders
	closeFrames    map[string][]byte // the close event by reason
	connect        func(r *reader, w http.ResponseWriter, req *http.Request) (transport, error)
	connections    connections
	reaper         reaper
	deadlines      deadlines
	metrics        *metrics

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
	rest     rest
	others   others
	presence *presence.Tracker
}

// New makes a hub.
func New(o Options) *Hub {
	h := &Hub{
		store: o.Store, presenter: o.Presenter, logger: o.Logger,
		streamsPerUser: o.StreamsPerUser, streamsBound: o.Streams,
		encoders:    newEncoders(),
		closeFrames: map[string][]byte{},
		rooms:       map[uuid.UUID]*room{},
		users:       map[int64]*user{},
		watchers:    map[uuid.UUID]map[*user]struct{}{},
	}
	if h.logger == nil {
		h.logger = slog.New(slog.DiscardHandler)
	}
	h.metrics = newMetrics(h)
	h.deadlines = deadlines{began: time.Now(), next: maxMonotime}
	h.connect = h.hijack
	for _, reason := range reasons {
		h.closeFrames[reason] = h.encoders.frame(closeEvent(reason), noID)
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.join(o.Bus, o.AnnounceEvery)
	return h
}

// Notify takes notices of something committed. It never blocks. Notices may be lost, doubled or out of order:
// readers still get every change once and in order.
//
// The other processes are told as well, also when the hub is closed already: it closes before the last requests end.
func (h *Hub) Notify(notices ...db.Notice) {
	h.dispatch(notices...)
	h.publish(notices)
}

// dispatch tells those who read here.
func (h *Hub) dispatch(notices ...db.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	var woken []*room // when all is in its inbox: what was committed together leaves together
	for _, n := range notices {
		if r := h.rooms[n.Room]; r != nil && n.Room != uuid.Nil && r.inbox.put(n) {
			woken = append(woken, r)
		}
		h.notifyLocked(n)
	}
	for _, r := range woken {
		h.work.Go(r.work)
	}
}

// notifyLocked tells those whose lists of rooms change, and those whose rights have ended; under mu.
func (h *Hub) notifyLocked(n db.Notice) {
	if n.Room != uuid.Nil {
		h.roomChangedLocked(n)
		h.toldOf(n.Room, n.Revision)
		h.presence.Changed(n)
	}
	for _, id := range n.Users {
		h.roomsChangedLocked(id)
	}
	for _, right := range n.Ended {
		h.endLocked(right)
	}
}

// endLocked cuts the streams that were opened with a right that ended; under mu.
func (h *Hub) endLocked(right db.Right) {
	if u := h.users[right.UserID]; u != nil {
		u.endLocked(right)
	}
	if right.UserID != 0 {
		return
	}
	for _, u := range h.users {
		u.endLocked(right)
	}
}

// Serve opens a stream. Where the connection can be taken over it returns when the stream is open, else at its end; either way the
// ResponseWriter is not used any more then. An error is returned only when nothing has been written yet: ErrTooManyOfUser,
// ErrTooMany, ErrClosed, the store's, or that of Subscription.Check.
func (h *Hub) Serve(w http.ResponseWriter, req *http.Request, s Subscription) error {
	ctx, stop := context.WithCancel(req.Context())
	defer stop()
	r := newReader(h, s, stop)
	if err := h.attach(r, s); err != nil {
		return err
	}
	o := &handshake{Subscription: s, reader: r, ctx: ctx}
	out, err := o.open(w, req)
	if out == nil {
		h.deadlines.drop(r)
		h.detach(r)
		return err
	}
	if direct, ok := out.(*httpTransport); ok {
		direct.run()
		h.detach(r)
	}
	return nil
}

// attach makes a reader known to everything that may concern it: from now on its rights are watched and notices reach its room.
func (h *Hub) attach(r *reader, s Subscription) error {
	if err := h.register(r, s); err != nil {
		return err
	}
	r.group = r.room.join(s.Audience)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.addStreamLocked(r.user, r)
	if h.closed { // since it was admitted
		r.end(shutdown, "")
	}
	return nil
}

// register counts a reader in, and finds or makes its user and room.
func (h *Hub) register(r *reader, s Subscription) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	u := h.users[s.Viewer.ID]
	switch {
	case h.closed:
		return ErrClosed
	case h.streamsBound > 0 && h.streams >= h.streamsBound:
		h.metrics.refused.Inc()
		return ErrTooMany
	case u != nil && h.streamsPerUser > 0 && u.attached >= h.streamsPerUser:
		h.metrics.refused.Inc()
		return ErrTooManyOfUser
	case u == nil:
		u = &user{id: s.Viewer.ID}
		h.users[u.id] = u
		h.presence.Join(u.id)
	}
	h.streams++
	h.moved()
	h.work.Add(1)
	u.attached++
	u.viewer = s.Viewer
	r.user = u
	r.room = h.rooms[s.Room]
	if r.room == nil {
		r.room = newRoom(h, s.Room)
		h.rooms[s.Room] = r.room
		h.followLocked(s.Room)
	}
	r.room.attached++
	return nil
}

// detach undoes attach; nothing of the reader is left behind.
func (h *Hub) detach(r *reader) {
	defer h.work.Done()
	why, reason := r.why()
	h.logger.Debug("stream ended", "user", r.user.id, "room", r.room.id, "why", why, "reason", reason)
	if why != running { // else it never began
		h.metrics.ended[why].Inc()
	}
	r.group.leave(r)
	r.room.leave(r.group)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams--
	h.moved()
	h.removeStreamLocked(r.user, r)
	if r.user.attached--; r.user.attached == 0 {
		delete(h.users, r.user.id)
		h.presence.Leave(r.user.id)
	}
	if r.room.attached--; r.room.attached == 0 {
		delete(h.rooms, r.room.id)
		r.room.cancel()
		h.presence.Forget(r.room)
	}
}

// Typing tells that a user is typing in a room, here and in the other processes. It is not stored.
func (h *Hub) Typing(room uuid.UUID, user int64) { h.presence.Typing(room, user) }

// IsOnline reports whether a user has a stream open, in any process.
func (h *Hub) IsOnline(user int64) bool { return h.presence.IsOnline(user) }

// Close ends all streams and returns when they have ended. Serve answers ErrClosed from then on.
func (h *Hub) Close() {
	for _, r := range h.shut() {
		r.end(shutdown, "")
	}
	h.presence.Close()
	h.work.Wait()
	h.leave()
	h.connections.close()
	h.encoders.close()
}

// shut lets nobody in any more, and returns who is there; nobody when it has been done already.
func (h *Hub) shut() (open []*reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	h.closed = true
	for _, u := range h.users {
		open = slices.AppendSeq(open, slices.Values(u.streams))
	}
	h.cancel()
	return open
}

// size is how many streams are open, and how many rooms they read.
func (h *Hub) size() (streams, rooms int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.streams, len(h.rooms)
}
