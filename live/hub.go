package live

import (
	"context"
	"crypto/rand"
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
// Locks are taken in this order, each of them left out at will: Hub.mu, room.mu, group.deliverMu,
// group.mu, reader.mu. Under the locks of inbox, deadlines, flights, encoder, poller, reaper and
// presence.Tracker no other is taken.
type Hub struct {
	store          Store
	presenter      Presenter
	logger         *slog.Logger
	streamsPerUser int
	streamsBound   int
	scarce         func() bool
	takenOver      func(n int)
	encoders       *encoders
	closeFrames    map[string][]byte // the close event by reason
	hole           string            // stands for the counts in an entry: random, so that no text contains it
	connect        func(r *reader, w http.ResponseWriter, req *http.Request) (transport, error)
	poller         poller
	reaper         reaper
	deadlines      deadlines
	metrics        *metrics
	presence       *presence.Tracker
	peers          *peers

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // streams, and goroutines of rooms and of the hub

	// mu guards what all streams share. Notify takes it, so it is held for moments only: never
	// while the store, the presenter or a room's fan-out is at work.
	mu      sync.Mutex
	closed  bool
	streams int
	rooms   map[uuid.UUID]*room // that are read here; under uuid.Nil what users' own streams share
	users   map[int64]*user     // who read here
	unread  unreadNotifier
	churn   churn
}

// New makes a hub. It works until Close.
func New(o Options) *Hub {
	h := &Hub{
		store: o.Store, presenter: o.Presenter, logger: o.Logger,
		streamsPerUser: o.StreamsPerUser, streamsBound: o.Streams,
		scarce: o.Scarce, takenOver: o.TakenOver,
		encoders:    newEncoders(),
		closeFrames: map[string][]byte{},
		hole:        rand.Text(),
		rooms:       map[uuid.UUID]*room{},
		users:       map[int64]*user{},
	}
	if h.logger == nil {
		h.logger = slog.New(slog.DiscardHandler)
	}
	if h.scarce == nil {
		h.scarce = func() bool { return false }
	}
	if h.takenOver == nil {
		h.takenOver = func(int) {}
	}
	h.reaper.hub = h
	h.unread = newUnreadNotifier(h)
	h.churn = churn{hub: h, report: o.OnChurn}
	h.metrics = newMetrics(h)
	h.deadlines = deadlines{began: time.Now(), next: maxMonotime}
	h.connect = hijack
	for _, reason := range reasons {
		h.closeFrames[reason] = h.encoders.frame(closeEvent(reason), noID)
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.peers = newPeers(h, o.Bus)
	h.presence = presence.New(presence.Options{
		Store: h.store, Logger: h.logger, AnnounceEvery: o.AnnounceEvery,
		Publish: h.peers.send, AnnounceSoon: func() { signal(h.peers.announce) },
		Moved: h.unread.partnersMoved,
	})
	h.peers.open()
	return h
}

// Notify takes the notices of a commit, tells the readers here, and publishes them to the other
// processes. It never waits. Notices may be lost, doubled or out of order: readers still get every
// change once and in order. It may be called after Close, since the hub closes before the last
// requests end: then the other processes alone are told.
//
// A notice with neither Message nor Changed is a doorbell: it says that the room has reached the
// revision, and the change itself is read from the store.
func (h *Hub) Notify(notices ...db.Notice) {
	h.dispatch(notices...)
	h.peers.publish(notices)
}

// Serve opens a stream. It returns when the stream is open, where the hub writes to the socket
// itself, and else at the stream's end; either way the ResponseWriter is not used afterwards.
//
// An error tells that nothing has been written: ErrTooManyOfUser, ErrTooMany, ErrClosed, an error
// of the store, or that of Subscription.Check.
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

// attach enters a reader in everything that may concern it: from now on its right is watched, and
// notices reach its room. The error is one of the bounds', or ErrClosed.
func (h *Hub) attach(r *reader, s Subscription) error {
	if err := h.register(r, s); err != nil {
		return err
	}
	r.group = r.room.joinGroup(s.Audience)
	h.mu.Lock()
	defer h.mu.Unlock()
	r.user.addLocked(r)
	h.unread.addLocked(r)
	if h.closed { // since it was registered
		r.end(shutdown, "")
	}
	return nil
}

// register counts a reader, and finds or makes its user and room.
func (h *Hub) register(r *reader, s Subscription) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	u := h.users[s.Viewer.ID]
	switch {
	case h.closed:
		return ErrClosed
	case h.streamsBound > 0 && h.streams >= h.streamsBound, h.scarce():
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
	h.churn.countLocked()
	h.work.Add(1)
	u.attached++
	u.viewer = s.Viewer
	r.user = u
	r.takeLocked(s)
	r.room = h.rooms[s.Room]
	if r.room == nil {
		r.room = newRoom(h, s.Room)
		h.rooms[s.Room] = r.room
		h.peers.followLocked(s.Room)
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
	r.group.remove(r)
	r.room.leaveGroup(r.group)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams--
	h.churn.countLocked()
	r.user.removeLocked(r)
	h.unread.removeLocked(r)
	if r.scarce {
		r.user.releaseLocked(r.session)
	}
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
	h.peers.leave()
	h.poller.close()
	h.encoders.close()
}

// shut refuses new streams from now on, and returns the open ones; none when that was done already.
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

// size returns how many streams are open, and how many rooms they read.
func (h *Hub) size() (streams, rooms int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.streams, len(h.rooms)
}
