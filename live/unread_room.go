package live

import (
	"github.com/google/uuid"

	"sarangbang/db"
)

// listedRoom is a room in the lists of those who watch it. Hub.mu guards it.
type listedRoom struct {
	id    uuid.UUID
	heard int64 // the newest revision that is known to exist
	// view is what the entries of all members share: of the fields that depend on the viewer, none
	// counts. It is replaced and never changed; nil: not known.
	view     *db.RoomView
	watchers map[*user]*listedEntry
}

// listedEntry is what the entry of a room shows to one of its watchers alone.
type listedEntry struct {
	room *listedRoom
	// own is the part of the viewer: ReadPosition, Unread, Mentions, Favourite, and in direct rooms
	// Title and Other. It holds as of the revision, unless it is unknown.
	own struct {
		read             int64
		unread, mentions int
		favourite        bool
		title            string
		other            *db.User
	}
	revision int64
	unknown  bool
	marked   uint64 // unreadNotifier.marks when its read mark moved last
	changed  bool   // it is in user.changed
}

// posted reports whether a change, which has not been applied yet, is a message that was not there
// before, rather than an older one that changed.
func (room *listedRoom) posted(n db.Notice) bool {
	return n.Message != nil && room.view != nil && n.Message.Position > room.view.LastPosition
}

// apply applies a change to the part that all members share.
func (room *listedRoom) apply(n db.Notice) {
	switch before := room.view; {
	case before == nil || n.Revision <= before.Revision:
	case n.Revision > before.Revision+1 || n.Message == nil && n.Changed == nil:
		room.view = nil
	default:
		view := *before
		view.Revision = n.Revision
		if n.Changed != nil {
			view.Room, view.Title = *n.Changed, n.Changed.Title
		}
		if m := n.Message; m != nil {
			if m.Position > view.LastPosition {
				view.LastPosition, view.ActiveAt = m.Position, m.PostedAt
			}
			if m.Kind != db.MessageEvent && (view.Newest == nil || m.Position >= view.Newest.Position) {
				view.Newest = m
			}
		}
		room.view = &view
	}
}

// know takes over the part that all members share. At the same revision the author of the newest
// message may have another name.
func (room *listedRoom) know(view *db.RoomView) {
	if room.view == nil || room.view.Revision <= view.Revision {
		room.view = view
	}
}

// apply applies a change of the room to the counts of a member, and reports whether the entry shows
// something else now, or may.
func (e *listedEntry) apply(user int64, n db.Notice, posted bool) bool {
	switch {
	case e.unknown:
		return true
	case n.Revision <= e.revision:
		return false
	case n.Revision > e.revision+1 || n.Message == nil && (n.Changed == nil || e.own.other != nil):
		e.unknown = true // the title of a direct room is not in the notice
		return true
	}
	e.revision = n.Revision
	m := n.Message
	switch {
	case m == nil || m.Position <= e.own.read || m.Kind == db.MessageEvent:
	case !posted:
		e.unknown = m.AuthorID != user
	case m.AuthorID != user:
		e.count(user, m)
	case e.own.read == m.Position-1: // see db: who has read everything has read the own message too
		e.own.read = m.Position
	}
	return true
}

// count counts a new message of somebody else, if it is among the first db.UnreadBound.
func (e *listedEntry) count(user int64, m *db.Message) {
	if e.own.unread == db.UnreadBound {
		return
	}
	e.own.unread++
	if m.Mentions != nil && m.Mentions.Calls(user) {
		e.own.mentions++
	}
}

// know takes over the part of the viewer.
func (e *listedEntry) know(view *db.RoomView) {
	e.own.read, e.own.unread, e.own.mentions = view.ReadPosition, view.Unread, view.Mentions
	e.own.favourite, e.own.title, e.own.other = view.Favourite, "", view.Other
	if view.Other != nil {
		e.own.title = view.Title
	}
	e.revision, e.unknown = view.Revision, false
}

// viewLocked returns the room as the watcher sees it; nil when something of it is not known.
func (e *listedEntry) viewLocked() *db.RoomView {
	if e.unknown || e.room.view == nil {
		return nil
	}
	view := *e.room.view
	view.ReadPosition, view.Unread, view.Mentions = e.own.read, e.own.unread, e.own.mentions
	view.Favourite, view.Other = e.own.favourite, e.own.other
	if view.Other != nil {
		view.Title = e.own.title
	}
	return &view
}
