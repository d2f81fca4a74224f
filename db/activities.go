package db

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// ActivityKind is why something concerns somebody.
type ActivityKind string

const (
	ActivityMention  ActivityKind = "mention"  // a message mentions them
	ActivityReply    ActivityKind = "reply"    // a message answers one of theirs
	ActivityReaction ActivityKind = "reaction" // somebody reacted to a message of theirs
)

// activityRow is something that concerns somebody, once for each of them.
type activityRow struct {
	bun.BaseModel `bun:"table:activities,alias:ac"`

	ID       int64     `bun:",pk,autoincrement"`
	UserID   int64     // whom it concerns
	RoomID   uuid.UUID `bun:"type:uuid"`
	Position int64     // of the message that mentions or answers, or has the reaction
	Revision int64     // the room's, with which it came about
	Kind     ActivityKind
	ActorID  int64
	Emoji    string // of a reaction; else empty
	At       time.Time
}

// Activity is something that concerns the viewer.
type Activity struct {
	ID      int64
	Kind    ActivityKind
	Emoji   string // of a reaction; else empty
	At      time.Time
	Seen    bool
	Actor   *User
	Message *Message // that mentions or answers, or has the reaction
	Room    *RoomView
}

// unseenSQL is true for what a member has not seen: in the list of activities, or as a message of
// the room.
const unseenSQL = `ac.revision > m.activity_seen AND (ac.kind = 'reaction' OR ac.position > m.read_position)`

// listedActivity is a row of the list of activities.
type listedActivity struct {
	activityRow `bun:",extend"`
	Unseen      bool
}

// Activities lists what concerns the viewer in rooms that the viewer is in, the newest first,
// before the one with an id (0: from the start), at most limit.
func (s *Store) Activities(ctx context.Context, viewer *User, before int64, limit int) ([]*Activity, error) {
	var rows []*listedActivity
	q := s.read.NewSelect().Model(&rows).ColumnExpr("ac.*").ColumnExpr("("+unseenSQL+") AS unseen").
		Join("JOIN users_on_room AS m ON m.room_id = ac.room_id AND m.user_id = ac.user_id").
		Where("ac.user_id = ?", viewer.ID).OrderExpr("ac.id DESC").Limit(int64(limit))
	if before > 0 {
		q.Where("ac.id < ?", before)
	}
	if err := q.Scan(ctx); err != nil || len(rows) == 0 {
		return nil, translate(err)
	}
	rooms, err := s.roomsOfActivities(ctx, viewer, rows)
	if err != nil {
		return nil, err
	}
	messages, err := s.messagesOfActivities(ctx, rows)
	if err != nil {
		return nil, err
	}
	actors, err := s.actorsOf(ctx, rows)
	if err != nil {
		return nil, err
	}
	list := make([]*Activity, 0, len(rows))
	for _, row := range rows {
		a := &Activity{
			ID: row.ID, Kind: row.Kind, Emoji: row.Emoji, At: row.At, Seen: !row.Unseen,
			Actor: actors[row.ActorID], Message: messages[messageKey{row.RoomID, row.Position}], Room: rooms[row.RoomID],
		}
		if a.Message != nil && a.Room != nil { // else the viewer has left the room just now
			list = append(list, a)
		}
	}
	return list, nil
}

func (s *Store) roomsOfActivities(ctx context.Context, viewer *User, rows []*listedActivity) (map[uuid.UUID]*RoomView, error) {
	rooms := map[uuid.UUID]*RoomView{}
	var ids []uuid.UUID
	for _, row := range rows {
		if _, known := rooms[row.RoomID]; !known {
			rooms[row.RoomID] = nil
			ids = append(ids, row.RoomID)
		}
	}
	views, err := s.ownRooms(ctx, viewer.ID, ids...)
	for _, view := range views {
		rooms[view.ID] = view
	}
	return rooms, err
}

// messagesOfActivities makes a query for each room.
func (s *Store) messagesOfActivities(ctx context.Context, rows []*listedActivity) (map[messageKey]*Message, error) {
	positions := map[uuid.UUID][]int64{}
	for _, row := range rows {
		positions[row.RoomID] = append(positions[row.RoomID], row.Position)
	}
	var all []*Message
	for room, at := range positions {
		var found []*Message
		err := s.read.NewSelect().Model(&found).Relation("Author", withoutPassword).
			Where("msg.room_id = ?", room).Where("msg.position IN (?)", bun.List(at)).Scan(ctx)
		if err != nil {
			return nil, translate(err)
		}
		all = append(all, found...)
	}
	messages := map[messageKey]*Message{}
	for _, m := range all {
		messages[messageKey{m.RoomID, m.Position}] = m
	}
	return messages, readReferences(ctx, s.read, all...)
}

// actorsOf returns whoever did what the rows are about, by id.
func (s *Store) actorsOf(ctx context.Context, rows []*listedActivity) (map[int64]*User, error) {
	var ids []int64
	for _, row := range rows {
		ids = append(ids, row.ActorID)
	}
	var found []*User
	err := s.read.NewSelect().Model(&found).Apply(withoutPassword).Where("u.id IN (?)", bun.List(ids)).Scan(ctx)
	actors := map[int64]*User{}
	for _, u := range found {
		actors[u.ID] = u
	}
	return actors, translate(err)
}

// CountActivities returns how much concerns the viewer that the viewer has not seen, at most
// UnreadBound.
func (s *Store) CountActivities(ctx context.Context, viewer *User) (int, error) {
	return cached(ctx, s, activitiesKey(viewer.ID), func(ctx context.Context, r *Reads) (int, error) {
		r.dependsOn(activitiesTag(viewer.ID), membershipsTag(viewer.ID))
		var n int
		err := s.read.NewRaw(`SELECT count(*) FROM (SELECT 1 FROM users_on_room AS m
			JOIN activities AS ac ON ac.user_id = m.user_id AND ac.room_id = m.room_id AND `+unseenSQL+`
			WHERE m.user_id = ? LIMIT ?) AS unseen`, viewer.ID, UnreadBound).Scan(ctx, &n)
		return n, err
	})
}

// activitiesKey names the count for the user with this id.
type activitiesKey int64

// SeeActivities notes that the viewer has seen everything that concerns the viewer so far.
func (s *Store) SeeActivities(ctx context.Context, viewer *User) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		moved, err := affected(c.NewUpdate().Model((*UsersOnRoom)(nil)).
			Set("activity_seen = (SELECT r.revision FROM rooms AS r WHERE r.id = m.room_id)").
			Where("m.user_id = ?", viewer.ID).
			Where("EXISTS (SELECT 1 FROM activities AS ac WHERE ac.user_id = m.user_id AND ac.room_id = m.room_id AND ac.revision > m.activity_seen)").
			Exec(ctx))
		if err == nil && moved {
			c.invalidate(activitiesTag(viewer.ID))
		}
		return err
	})
}
