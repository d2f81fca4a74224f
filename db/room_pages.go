package db

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// RoomCursor is a place in a list of rooms, which are most recently active first: right after a
// room that was active last at this time. It stays valid when the room has moved since. The zero
// value is the beginning of the list.
type RoomCursor struct {
	activeAt time.Time
	id       uuid.UUID
}

// errRoomCursor is the reason why a text is no cursor.
var errRoomCursor = errors.New("not a place in a list of rooms")

// CursorAfter returns the place after a room.
func CursorAfter(r *Room) RoomCursor { return RoomCursor{r.ActiveAt.UTC(), r.ID} }

// ParseRoomCursor reads what RoomCursor.String returns.
func ParseRoomCursor(text string) (RoomCursor, error) {
	micros, id, _ := strings.Cut(text, ".")
	at, err := strconv.ParseInt(micros, 10, 64)
	room, idErr := uuid.Parse(id)
	if err != nil || idErr != nil || at < 0 || at > maxCursorMicros {
		return RoomCursor{}, errRoomCursor
	}
	return RoomCursor{time.UnixMicro(at).UTC(), room}, nil
}

// maxCursorMicros is the last time that databases store: the end of the year 9999.
const maxCursorMicros = 253402300799999999

// String returns the cursor for an address: microseconds since 1970, and the id of the room.
func (c RoomCursor) String() string {
	return strconv.FormatInt(c.activeAt.UnixMicro(), 10) + "." + c.id.String()
}

// isStart reports whether the cursor is the beginning of the list.
func (c RoomCursor) isStart() bool { return c.activeAt.IsZero() }

// RoomsAfter returns those of some rooms that come after a place, in the same order.
func RoomsAfter(rooms []*RoomView, c RoomCursor) []*RoomView {
	if c.isStart() {
		return rooms
	}
	place := &RoomView{Room: Room{ActiveAt: c.activeAt, ID: c.id}}
	return slices.DeleteFunc(slices.Clone(rooms), func(r *RoomView) bool { return mostRecent(r, place) <= 0 })
}

// openRoomsBound is among how many open rooms a query is looked for.
const openRoomsBound = 5000

// OpenRooms lists the open rooms that the viewer is not in and whose title holds query (all when it
// is empty), most recently active first, after a place, at most limit.
func (s *Store) OpenRooms(ctx context.Context, viewer *User, query string, after RoomCursor, limit int) ([]*Room, error) {
	q, read := newNameQuery(query), limit
	if q.text != "" {
		read = openRoomsBound
	}
	return cached(ctx, s, openRoomsKey{viewer.ID, q.text, after, limit}, func(ctx context.Context, r *Reads) ([]*Room, error) {
		r.dependsOn(membershipsTag(viewer.ID), tag{kind: tagAnyRoom})
		rooms := []*Room{}
		list := s.read.NewSelect().Model(&rooms).
			Where("r.archived_at IS NULL").Where("r.kind = 'open'"). // written out: the index of open rooms is used then
			Where("NOT EXISTS (SELECT 1 FROM users_on_room AS m WHERE m.room_id = r.id AND m.user_id = ?)", viewer.ID).
			OrderExpr("r.active_at DESC, r.id").Limit(int64(read))
		if !after.isStart() {
			list.Where("(r.active_at < ? OR r.active_at = ? AND r.id > ?)", after.activeAt, after.activeAt, after.id)
		}
		err := list.Scan(ctx)
		rooms = slices.DeleteFunc(rooms, func(r *Room) bool { return !q.matches(foldName(r.Title)) })
		rooms = rooms[:min(limit, len(rooms))]
		r.bytes = len(rooms) * roomBytes
		return rooms, translate(err)
	})
}

type openRoomsKey struct {
	viewer int64
	query  string
	after  RoomCursor
	limit  int
}
