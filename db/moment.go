package db

import (
	"context"
	"sync"

	"github.com/google/uuid"
)

// moment is the state of things as one request finds it, where other processes write as well: one query tells whether all that a page is
// made of is as it was. It is read with the first question and holds for the request, which therefore is answered as of then.
type moment struct {
	room uuid.UUID

	mu     sync.Mutex
	viewer int64 // whose stamp it is; 0: none was read yet
	stamp  stamp
}

type momentKey struct{}

// Remembers tells whether the same question gets the same value, not just an equal one, until the answer changes: what is made out of
// it may then be kept under its address.
func (s *Store) Remembers(ctx context.Context) bool {
	return !s.Shared() || ctx.Value(momentKey{}) != nil
}

// AtOneMoment lets what is read with the context it returns be as of one moment, with the first reading. It is for requests that read,
// answer and are done: what lasts longer, as a stream does, has to see what changes. room is the one that is read; uuid.Nil for none.
func (s *Store) AtOneMoment(ctx context.Context, room uuid.UUID) context.Context {
	if !s.Shared() {
		return ctx // it costs nothing to be up to date
	}
	return context.WithValue(ctx, momentKey{}, &moment{room: room})
}

// stampSQL reads everything that a page of a user may rest on. Users change seldom: one counter for all of them is enough.
const stampSQL = `SELECT p.version,
	EXISTS (SELECT 1 FROM ended_sessions AS e WHERE e.id = ?),
	coalesce((SELECT md5(string_agg(concat_ws(' ', m.room_id, m.read_position, r.revision), ',' ORDER BY m.room_id))
		FROM users_on_room AS m JOIN rooms AS r ON r.id = m.room_id WHERE m.user_id = ?), ''),
	coalesce((SELECT r.revision FROM rooms AS r WHERE r.id = ?), 0),
	CASE WHEN ? THEN coalesce((SELECT md5(string_agg(concat_ws(' ', r.id, r.revision), ',' ORDER BY r.id)) FROM rooms AS r WHERE r.kind = 'open'), '')
		ELSE '' END
FROM people AS p`

// momentStamp is the stamp of the context's moment; false when there is none.
func (s *Store) momentStamp(ctx context.Context, on basis) (stamp, bool) {
	m, ok := ctx.Value(momentKey{}).(*moment)
	if !ok || on.room != uuid.Nil && on.room != m.room || on.open && m.room != uuid.Nil {
		return stamp{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.viewer != on.viewer {
		var now stamp
		row := s.read.QueryRowContext(ctx, stampSQL, on.session, on.viewer, m.room, m.room == uuid.Nil)
		if err := row.Scan(&now.people, &now.ended, &now.rooms, &now.revision, &now.open); err != nil {
			return stamp{}, false // the query that follows fails as well, and says why
		}
		m.viewer, m.stamp = on.viewer, now
	}
	return m.stamp, true
}

// passed ends the context's moment, because something was written: what is read next has to show it.
func passed(ctx context.Context) {
	if m, ok := ctx.Value(momentKey{}).(*moment); ok {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.viewer = 0
	}
}

// The parts of a stamp that answers rest on.

func identity(s stamp) stamp { return stamp{people: s.people, ended: s.ended} }

func ownRooms(s stamp) stamp { return stamp{people: s.people, rooms: s.rooms} }

func roomHistory(s stamp) stamp { return stamp{people: s.people, revision: s.revision} }

func openRooms(s stamp) stamp { return stamp{people: s.people, rooms: s.rooms, open: s.open} }

func everybody(s stamp) stamp { return stamp{people: s.people} }
