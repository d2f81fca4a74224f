package live

import (
	"sarangbang/db"
)

// change is one change of a room: exactly one of message and room is its state after it.
type change struct {
	revision int64
	message  *db.Message
	room     *db.Room
}

func (c change) render(p Presenter, a Audience) Event {
	if c.message != nil {
		return p.Message(a, c.message)
	}
	return p.Room(a, c.room)
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
