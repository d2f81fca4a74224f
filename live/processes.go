package live

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
	"sarangbang/live/presence"
)

const (
	// minding is how often a process looks whether letters were lost, and letterTime how long letters that are on their way are
	// waited for: together they, and reading what was missed, stay below the two seconds within which everything arrives.
	minding    = time.Second
	letterTime = 100 * time.Millisecond
	// rightsRound is how many times of minding it takes to ask for all rights. A stream that opened just after a round began is
	// asked for in the next one at last: within 30 s.
	rightsRound = 12
	// headsAtOnce and rightsAtOnce are how many are asked for in one query.
	headsAtOnce  = 10_000
	rightsAtOnce = 300
	// heldAtOnce is how many rooms or people are looked at without letting go of the hub's lock.
	heldAtOnce = 500
)

// Bus carries letters between the processes of a house; package bus has some. They may be lost, doubled and late. All methods but
// Close may be called by many goroutines, and none waits.
type Bus interface {
	// Open begins to receive. Letters of other processes are given to receive, one at a time; missed is called whenever some may
	// have been lost. Neither waits for anything.
	Open(receive func(bus.Message), missed func())
	Publish(...bus.Message)
	// Follow and Unfollow tell whether what happens in a room is wanted here.
	Follow(room uuid.UUID)
	Unfollow(room uuid.UUID)
	Stats() bus.Stats
}

// others is what a hub knows of the other processes; under Hub.mu, where nothing else is said.
type others struct {
	bus      Bus // nil: there are none
	metrics  busMetrics
	followed map[uuid.UUID]struct{}
	list     []uuid.UUID // of the same rooms
	// heads are the newest revisions that watchers of rooms have been told of.
	heads map[uuid.UUID]int64

	missed chan struct{} // letters may have been lost
	asked  chan struct{} // another process wants the full state
	// unpublished: something was not published, because there were no peers.
	unpublished atomic.Bool
	unchecked   []*user // whose rights are asked for in this round; of the minding goroutine alone, as share is
	share       int     // how many are checked at a time
}

// join meets the other processes.
func (h *Hub) join(b Bus, announceEvery time.Duration) {
	h.others.followed, h.others.heads = map[uuid.UUID]struct{}{}, map[uuid.UUID]int64{}
	h.others.missed, h.others.asked = make(chan struct{}, 1), make(chan struct{}, 1)
	options := presence.Options{Store: h.store, Logger: h.logger, AnnounceEvery: announceEvery}
	if b == nil {
		h.presence = presence.New(options)
		return
	}
	options.Publish, options.AnnounceSoon = b.Publish, func() { ring(h.others.asked) }
	h.presence = presence.New(options)
	h.others.bus = b
	h.others.metrics = newBusMetrics(b)
	h.metrics.all = append(h.metrics.all, h.others.metrics)
	b.Open(h.receive, h.missedLetters)
	h.work.Go(h.mind)
}

// publish tells the other processes what was committed here. While none has been heard of, it does not: most services on PostgreSQL are
// one process, for which each commit would be announced in vain. A process that comes asks for the full state, which is how it is heard
// of, and is told that it has missed what was not published before.
func (h *Hub) publish(notices []db.Notice) {
	if !h.presence.HasPeers() {
		h.others.unpublished.Store(true)
		return
	}
	letters := make([]bus.Message, len(notices))
	for i := range notices {
		letters[i].Notice = &notices[i]
	}
	h.others.bus.Publish(letters...)
}

// receive takes a letter of another process.
func (h *Hub) receive(l bus.Message) {
	h.others.metrics.lag.Observe(time.Since(l.Published).Seconds())
	switch {
	case l.Notice != nil:
		h.dispatch(*l.Notice)
	default:
		h.presence.Receive(l)
	}
}

// leave tells the other processes that nobody is online here any more.
func (h *Hub) leave() {
	if h.others.bus != nil {
		h.others.bus.Publish(bus.Message{Presence: &bus.Presence{Goodbye: true}})
	}
}

func (h *Hub) missedLetters() { ring(h.others.missed) }

// ring lets whoever waits for a channel know, once.
func ring(bell chan<- struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// followLocked makes letters of a room come here, as somebody reads or watches it; under mu. Those nobody reads any more are let go later:
// people come and go.
func (h *Hub) followLocked(room uuid.UUID) {
	if h.others.bus == nil || room == uuid.Nil {
		return
	}
	if _, ok := h.others.followed[room]; !ok {
		h.others.followed[room] = struct{}{}
		h.others.list = append(h.others.list, room)
		h.others.bus.Follow(room)
	}
}

// wantedLocked tells whether anybody reads or watches a room; under mu.
func (h *Hub) wantedLocked(room uuid.UUID) bool {
	return h.rooms[room] != nil || len(h.watchers[room]) > 0
}

// wantedRooms are the rooms somebody reads or watches. The others are let go.
func (h *Hub) wantedRooms() (rooms []uuid.UUID) {
	for i, more := 0, true; more; {
		i, more = h.sift(i, &rooms)
	}
	return rooms
}

// sift goes through some of the followed rooms, and tells where to go on.
func (h *Hub) sift(i int, wanted *[]uuid.UUID) (next int, more bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	o := &h.others
	for n := 0; i < len(o.list) && n < heldAtOnce; n++ {
		room := o.list[i]
		if h.wantedLocked(room) {
			*wanted = append(*wanted, room)
			i++
			continue
		}
		last := len(o.list) - 1
		o.list[i], o.list = o.list[last], o.list[:last]
		delete(o.followed, room)
		delete(o.heads, room)
		o.bus.Unfollow(room)
	}
	return i, i < len(o.list)
}

// mind looks after what letters do not tell, until the hub closes.
func (h *Hub) mind() {
	tick := time.NewTicker(minding)
	defer tick.Stop()
	ask := bus.Message{Presence: &bus.Presence{Ask: true}}
	h.others.bus.Publish(ask)
	for missed := false; ; {
		select {
		case <-h.others.asked:
			h.announce()
			continue
		case <-tick.C:
		case <-h.others.missed:
			missed = true
			h.others.bus.Publish(ask)
		case <-h.ctx.Done():
			return
		}
		missed = h.announce() || missed // a process that was killed may have had something to tell
		switch err := h.check(missed); {
		case h.ctx.Err() != nil:
			return
		case err != nil:
			h.logger.Error("asking what other processes have done", "error", err)
		case missed:
			h.markAllStale()
			missed = false
		}
	}
}

// announce tells the others who is online here, when it is time, and whether a process was found to have been killed.
func (h *Hub) announce() (killed bool) {
	announced, killed := h.presence.Announce()
	if announced && h.presence.HasPeers() && h.others.unpublished.Swap(false) {
		h.others.bus.Publish(bus.Message{Lost: true})
	}
	return killed
}

func (h *Hub) check(rights bool) error {
	if err := h.checkHeads(); err != nil {
		return err
	}
	return h.checkRights(rights)
}

// checkHeads asks where the rooms that are read or watched here stand. A notice without a letter is made for those that are further
// than the letters told.
func (h *Hub) checkHeads() error {
	for rooms := range slices.Chunk(h.wantedRooms(), headsAtOnce) {
		ctx, cancel := context.WithTimeout(h.ctx, readTimeout)
		heads, err := h.store.Heads(ctx, rooms)
		cancel()
		if err != nil {
			return err
		}
		select {
		case <-time.After(letterTime): // rather the letter than the database
		case <-h.ctx.Done():
			return nil
		}
		h.reach(heads)
	}
	return nil
}

func (h *Hub) reach(heads map[uuid.UUID]int64) {
	for id, head := range heads {
		h.reachOne(id, head)
	}
}

func (h *Hub) reachOne(id uuid.UUID, head int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	n := db.Notice{Room: id, Revision: head}
	if r := h.rooms[id]; r != nil && r.head() < head && r.inbox.put(n) {
		h.work.Go(r.work)
	}
	if told, ok := h.others.heads[id]; !ok || told < head {
		h.roomChangedLocked(n)
	}
	h.toldOf(id, head)
}

// toldOf notes that the watchers of a room have been told of a revision; under mu.
func (h *Hub) toldOf(room uuid.UUID, revision int64) {
	if h.others.bus != nil && len(h.watchers[room]) > 0 {
		h.others.heads[room] = max(h.others.heads[room], revision)
	}
}

// listed takes note of where the rooms stand in a list that was just read for a user. What is news to others they are told.
func (h *Hub) listed(u *user, rooms []*db.RoomView) {
	if h.others.bus == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, room := range rooms {
		told, ok := h.others.heads[room.ID]
		_, watches := h.watchers[room.ID][u]
		switch {
		case ok && told < room.Revision:
			h.roomChangedLocked(db.Notice{Room: room.ID, Revision: room.Revision})
			h.toldOf(room.ID, room.Revision)
		case !ok && watches && len(h.watchers[room.ID]) == 1: // else it is not known what the others were told
			h.toldOf(room.ID, room.Revision)
		}
	}
}
