package live

import (
	"sarangbang/db"
)

// change is one change of a room: at most one of message and room is its state after it. With none there is nothing to tell.
type change struct {
	revision int64
	message  *db.Message
	room     *db.Room
}

func (c change) render(p Presenter, a Audience) Event {
	switch {
	case c.message != nil:
		return p.Message(a, c.message)
	case c.room != nil:
		return p.Room(a, c.room)
	}
	return Event{}
}

// position is the changed message's; 0 for the room itself.
func (c change) position() int64 {
	if c.message != nil {
		return c.message.Position
	}
	return 0
}

// class is what becomes of a notice.
type noticeClass int

const (
	noticeNext    noticeClass = iota // it is the next change, and in the notice
	noticeGap                        // something lies between, or the change is not in the notice: the store is read
	noticeStale                      // it is known already
	noticeClasses                    // how many there are
)

func (f noticeClass) String() string { return [...]string{"next", "gap", "old"}[f] }

func classify(n db.Notice, head int64) noticeClass {
	switch _, whole := changeOf(n); {
	case head == unknown || n.Revision <= head:
		return noticeStale
	case whole && n.Revision == head+1:
		return noticeNext
	}
	return noticeGap
}

// changeOf takes the letter out of a notice; false when it holds none.
func changeOf(n db.Notice) (change, bool) {
	return change{n.Revision, n.Message, n.Changed}, n.Message != nil || n.Changed != nil
}

// changesIn puts what was read after a revision into one list, the room's own change at its place. A room whose place lies
// beyond this page is left to a later one.
func changesIn(c *db.RoomChanges, after int64) []change {
	room := c.Room
	if room != nil && (room.RoomRevision <= after || room.RoomRevision > c.Revision) {
		room = nil
	}
	list := make([]change, 0, len(c.Messages)+1)
	for _, m := range c.Messages {
		if room != nil && room.RoomRevision < m.Revision {
			list = append(list, change{revision: room.RoomRevision, room: room})
			room = nil
		}
		list = append(list, change{revision: m.Revision, message: m})
	}
	if room != nil {
		list = append(list, change{revision: room.RoomRevision, room: room})
	}
	return list
}
