package live

import (
	"slices"

	"github.com/google/uuid"

	"sarangbang/db"
)

// user is somebody with at least one open stream. Hub.mu guards it.
type user struct {
	id       int64
	attached int      // streams, those in their handshake among them
	viewer   *db.User // as the newest stream knows it
	streams  []*reader
	lasting  []sessionStreams // of its scarce sessions; see Subscription.Scarce

	// listening counts the streams that carry unread events, and shown those of them by the room
	// they show: where the two differ, a change of the room concerns a stream that does not show
	// it.
	listening int
	shown     []shownRoom
	rooms     []uuid.UUID    // that the user is a member of; nil until known
	reload    bool           // rooms must be read anew
	changed   []*listedEntry // that its streams are to be sent
	moves     moves          // that its streams for programs are to be sent
	entriesAt monotime       // when they may be sent at the earliest
}

// shownRoom is how many of a user's streams show a room.
type shownRoom struct {
	id      uuid.UUID
	streams int
}

// sessionStreams is how many streams of a session last.
type sessionStreams struct {
	session string
	streams int
}

// takeLocked makes a reader one that lasts, if its session may have one more, or a brief one, where
// connections are scarce.
func (r *reader) takeLocked(s Subscription) {
	if !s.Scarce {
		return
	}
	if r.scarce = r.user.takeLocked(s.Session); !r.scarce {
		r.brief, r.tail = true, s.BriefTail
	}
}

// takeLocked counts one more lasting stream of a session, and reports whether there may be one.
func (u *user) takeLocked(session string) bool {
	i := u.lastingOf(session)
	if i < 0 {
		u.lasting = append(u.lasting, sessionStreams{session, 1})
		return true
	}
	if u.lasting[i].streams >= scarceBound {
		return false
	}
	u.lasting[i].streams++
	return true
}

// releaseLocked undoes takeLocked.
func (u *user) releaseLocked(session string) {
	i := u.lastingOf(session)
	if u.lasting[i].streams--; u.lasting[i].streams == 0 {
		u.lasting = slices.Delete(u.lasting, i, i+1)
	}
}

// lastingOf returns the index of a session in lasting, or -1.
func (u *user) lastingOf(session string) int {
	return slices.IndexFunc(u.lasting, func(s sessionStreams) bool { return s.session == session })
}

// moves are the rooms that a user has entered and left. A room is in one of them at most.
type moves struct{ entered, left []uuid.UUID }

// enter notes that the user has entered a room.
func (m *moves) enter(id uuid.UUID) { m.entered, m.left = append(m.entered, id), without(m.left, id) }

// leave notes that the user has left a room.
func (m *moves) leave(id uuid.UUID) { m.entered, m.left = without(m.entered, id), append(m.left, id) }

func without(ids []uuid.UUID, id uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(ids, func(other uuid.UUID) bool { return other == id })
}

// none reports whether the user is in the rooms it was in.
func (m *moves) none() bool { return len(m.entered)+len(m.left) == 0 }

// endLocked ends the user's streams that were opened with a right that has ended.
func (u *user) endLocked(right db.Right) {
	for _, r := range u.streams {
		if covers(right, r.right()) {
			r.end(revoked, reasonOf(right))
		}
	}
}

// showLocked adds to the number of streams that show a room.
func (u *user) showLocked(id uuid.UUID, streams int) {
	i := slices.IndexFunc(u.shown, func(s shownRoom) bool { return s.id == id })
	if i < 0 {
		i = len(u.shown)
		u.shown = append(u.shown, shownRoom{id: id})
	}
	if u.shown[i].streams += streams; u.shown[i].streams == 0 {
		u.shown = slices.Delete(u.shown, i, i+1)
	}
}

// showingLocked returns how many streams show a room.
func (u *user) showingLocked(id uuid.UUID) int {
	for _, s := range u.shown {
		if s.id == id {
			return s.streams
		}
	}
	return 0
}

// staleLocked reports whether the whole list of rooms is to be sent to a stream, or read anew.
func (u *user) staleLocked() bool {
	return u.reload || slices.ContainsFunc(u.streams, func(r *reader) bool { return r.listing.stale })
}

// addLocked enters a stream.
func (u *user) addLocked(r *reader) {
	r.listing.index = int32(len(u.streams))
	u.streams = append(u.streams, r)
}

// removeLocked undoes addLocked.
func (u *user) removeLocked(r *reader) {
	u.streams = removed(u.streams, r.listing.index, func(r *reader, index int32) { r.listing.index = index })
	r.listing.index = noIndex
}
