package live

import (
	"sarangbang/db"
)

// change is one change of a room. At most one of message and room is set: its state after the
// change. With neither there is nothing to tell the readers.
type change struct {
	revision int64
	message  *db.Message
	room     *db.Room
}

// render returns the change as an audience sees it; an empty Event when there is nothing to tell.
func (c change) render(p Presenter, a Audience) Event {
	switch {
	case c.message != nil:
		return p.Message(a, c.message)
	case c.room != nil:
		return p.Room(a, c.room)
	}
	return Event{}
}

// position returns the changed message's position; 0 for the room itself.
func (c change) position() int64 {
	if c.message != nil {
		return c.message.Position
	}
	return 0
}

// noticeClass is what becomes of a notice.
type noticeClass int

const (
	noticeNext    noticeClass = iota // it is the next change, and in the notice
	noticeGap                        // changes lie between, or it is a doorbell: the store is read
	noticeStale                      // its revision is known already
	noticeClasses                    // how many classes there are
)

// String returns the label in metrics.
func (c noticeClass) String() string { return [...]string{"next", "gap", "old"}[c] }

// classify compares a notice with the head of its room.
func classify(n db.Notice, head int64) noticeClass {
	switch _, whole := changeOf(n); {
	case head == unknown || n.Revision <= head:
		return noticeStale
	case whole && n.Revision == head+1:
		return noticeNext
	}
	return noticeGap
}

// changeOf returns the change in a notice; false when it is a doorbell.
func changeOf(n db.Notice) (change, bool) {
	return change{n.Revision, n.Message, n.Changed}, n.Message != nil || n.Changed != nil
}

// changesIn returns what was read after a revision as one list by revision, with the room's own
// change among the messages'. A change of the room beyond c.Revision is left to a later reading.
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
