package live

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

const (
	// unreadPause is the least time between two rounds of unread events.
	unreadPause = 200 * time.Millisecond
	// entriesPace is the least time between two writes of entries to a user's streams: the system
	// calls are what the news of a busy house costs. The first news after silence is sent at once.
	entriesPace = time.Second
)

// unreadNotifier tells users what changed in their lists of rooms: the entry of a room that a
// stream does not show, or the whole list when the user has other rooms than before. Hub.mu guards
// it.
//
// A notice is applied to what is known of its room and of each watcher's counts (listedRoom), which
// reads nothing. A round sends each stream the entries that have changed since it was last told,
// entriesPace ago at the least. What is not known, as after a lost notice, is read first, with one
// query for each room.
type unreadNotifier struct {
	hub *Hub
	// rooms are those with watchers: users with a stream that carries unread events and does not
	// show the room.
	rooms   map[uuid.UUID]*listedRoom
	queue   map[*user]struct{}       // users to be told, each in a round when that is due
	unknown map[*listedRoom]struct{} // rooms of which something must be read for that
	marks   uint64                   // counts read marks that moved
	working bool                     // run is at work, or about to be
}

func newUnreadNotifier(h *Hub) unreadNotifier {
	return unreadNotifier{
		hub: h, rooms: map[uuid.UUID]*listedRoom{}, queue: map[*user]struct{}{}, unknown: map[*listedRoom]struct{}{},
	}
}

// addLocked enters a stream of a user, if it carries unread events, and the user as a watcher of
// the rooms that this stream does not show.
func (n *unreadNotifier) addLocked(r *reader) {
	if r.wantsUnread() {
		n.listenLocked(r.user, r.room.id, 1)
	}
}

// removeLocked undoes addLocked.
func (n *unreadNotifier) removeLocked(r *reader) {
	if r.wantsUnread() {
		n.listenLocked(r.user, r.room.id, -1)
	}
}

// listenLocked adds to the number of a user's streams that carry unread events and show a room.
func (n *unreadNotifier) listenLocked(u *user, shown uuid.UUID, streams int) {
	u.listening += streams
	u.showLocked(shown, streams)
	n.watchLocked(u)
	if u.listening == 0 {
		delete(n.queue, u)
	}
}

// watchLocked makes a user a watcher of each of its rooms whose changes concern a stream that does
// not show the room, and of no other. So a message in a room that a thousand people look at costs
// nothing here.
func (n *unreadNotifier) watchLocked(u *user) {
	for _, id := range u.rooms {
		if u.listening > u.showingLocked(id) {
			n.enterLocked(u, id)
		} else {
			n.leaveLocked(u, id)
		}
	}
}

// enterLocked makes a user a watcher of a room, if it is none. Its counts are read when the entry
// has to be sent, unless a list of its rooms is read before.
func (n *unreadNotifier) enterLocked(u *user, id uuid.UUID) {
	room := n.rooms[id]
	if room == nil {
		room = &listedRoom{id: id, watchers: map[*user]*listedEntry{}}
		n.rooms[id] = room
		n.hub.peers.followLocked(id)
	}
	if room.watchers[u] == nil {
		room.watchers[u] = &listedEntry{room: room, unknown: true}
	}
}

// leaveLocked undoes enterLocked.
func (n *unreadNotifier) leaveLocked(u *user, id uuid.UUID) {
	room := n.rooms[id]
	if room == nil {
		return
	}
	if e := room.watchers[u]; e != nil {
		delete(room.watchers, u)
		u.changed = slices.DeleteFunc(u.changed, func(c *listedEntry) bool { return c == e })
	}
	if len(room.watchers) == 0 {
		delete(n.rooms, id)
		delete(n.unknown, room)
	}
}

// setRoomsLocked replaces the rooms that a user is known to be in. It makes a user without streams
// a watcher of nothing.
func (n *unreadNotifier) setRoomsLocked(u *user, ids []uuid.UUID) {
	kept, had := setOf(ids), setOf(u.rooms)
	for _, id := range u.rooms {
		if !kept[id] {
			n.leaveLocked(u, id)
			u.moves.leave(id)
		}
	}
	for _, id := range ids {
		if u.rooms != nil && !had[id] {
			u.moves.enter(id)
		}
	}
	u.rooms = append(make([]uuid.UUID, 0, len(ids)), ids...) // never nil
	n.watchLocked(u)
}

func setOf(ids []uuid.UUID) map[uuid.UUID]bool {
	set := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// roomChangedLocked applies a change of a room to the entries of those who watch it.
func (n *unreadNotifier) roomChangedLocked(notice db.Notice) {
	room := n.rooms[notice.Room]
	if room != nil {
		room.heard = max(room.heard, notice.Revision)
		posted := room.posted(notice)
		room.apply(notice)
		for u, e := range room.watchers {
			if e.apply(u.id, notice, posted) {
				n.changedLocked(u, e)
			}
		}
	}
	if notice.Message == nil {
		return
	}
	u := n.hub.users[notice.Message.AuthorID]
	if u != nil && u.listening > 0 && !slices.Contains(u.rooms, notice.Room) { // it entered a moment ago
		n.roomsChangedLocked(u.id)
	}
}

// markMovedLocked has the counts of a membership read again, if the user watches the room.
func (n *unreadNotifier) markMovedLocked(mark db.ReadMark) {
	u, room := n.hub.users[mark.UserID], n.rooms[mark.Room]
	if u == nil || room == nil || room.watchers[u] == nil {
		return
	}
	n.marks++
	e := room.watchers[u]
	e.unknown, e.marked = true, n.marks
	n.changedLocked(u, e)
}

// roomsChangedLocked has a user's rooms read again and the whole list sent.
func (n *unreadNotifier) roomsChangedLocked(id int64) {
	u := n.hub.users[id]
	if u == nil || u.listening == 0 {
		return
	}
	u.reload = true
	for _, r := range u.streams {
		if r.wantsUnread() {
			n.markStaleLocked(r)
		}
	}
}

// forgetLocked has everything read again that is known of a user's rooms and counts, because some
// notice of them may be lost.
func (n *unreadNotifier) forgetLocked(u *user) {
	n.marks++
	for _, id := range u.rooms {
		if room := n.rooms[id]; room != nil && room.watchers[u] != nil {
			room.watchers[u].unknown, room.watchers[u].marked = true, n.marks
		}
	}
	n.roomsChangedLocked(u.id)
}

// changedLocked has an entry sent in the next round in which that is due.
func (n *unreadNotifier) changedLocked(u *user, e *listedEntry) {
	if !e.changed {
		e.changed = true
		u.changed = append(u.changed, e)
	}
	if e.unknown || e.room.view == nil {
		n.unknown[e.room] = struct{}{}
	}
	n.enqueueLocked(u)
}

// markStaleLocked has the whole list sent to a stream, and to a page who is online.
func (n *unreadNotifier) markStaleLocked(r *reader) {
	r.listing.stale = true
	n.partnersDueLocked(r)
	n.enqueueLocked(r.user)
}

// knowLocked takes over a room as a member sees it. The reading of it began when the number of read
// marks that had moved was began. Counts that miss something heard of meanwhile stay unknown.
func (n *unreadNotifier) knowLocked(u *user, view *db.RoomView, began uint64) {
	room := n.rooms[view.ID]
	if room == nil || room.watchers[u] == nil || view.Revision < room.heard {
		return
	}
	room.know(view)
	if e := room.watchers[u]; e.marked <= began && view.Revision >= e.revision {
		before, told := *e, !e.unknown
		if e.know(view); told && (e.own != before.own || e.revision != before.revision) {
			n.changedLocked(u, e)
		}
	}
	if n.hub.peers.bus != nil && 0 < room.heard && room.heard < view.Revision {
		n.roomChangedLocked(db.Notice{Room: view.ID, Revision: view.Revision}) // its notice may be lost
	}
	room.heard = max(room.heard, view.Revision)
}

// enqueueLocked adds a user to the queue, and starts the worker where there is none.
func (n *unreadNotifier) enqueueLocked(u *user) {
	if n.hub.closed {
		return
	}
	n.queue[u] = struct{}{}
	if !n.working {
		n.working = true
		n.hub.work.Go(n.run)
	}
}
