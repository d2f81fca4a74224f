package db

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// activitiesAtOnce is how many activities one statement stores.
const activitiesAtOnce = 500

// newActivities returns what a message means for others: whom it answers, and whom else it
// mentions.
func newActivities(ctx context.Context, c *change, m *Message) ([]*activityRow, error) {
	var rows []*activityRow
	known := map[int64]bool{m.AuthorID: true, Everybody: true}
	add := func(kind ActivityKind, users ...int64) {
		for _, user := range users {
			if known[user] {
				continue
			}
			known[user] = true
			rows = append(rows, &activityRow{
				UserID: user, RoomID: m.RoomID, Position: m.Position, Revision: m.Revision, Kind: kind, ActorID: m.AuthorID, At: m.PostedAt,
			})
		}
	}
	if m.Quoted != nil && !m.Quoted.Deleted {
		add(ActivityReply, m.Quoted.Author.ID)
	}
	if m.Mentions == nil {
		return rows, nil
	}
	add(ActivityMention, m.Mentions.All()...)
	if !m.Mentions.Has(Everybody) {
		return rows, nil
	}
	members, err := membersOf(ctx, c, m.RoomID)
	add(ActivityMention, members...)
	return rows, err
}

// addActivities stores what new messages mean for others.
func addActivities(ctx context.Context, c *change, messages []*Message) error {
	var rows []*activityRow
	for _, m := range messages {
		more, err := newActivities(ctx, c, m)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	return storeActivities(ctx, c, rows)
}

// membersOf lists the ids of the members of a room.
func membersOf(ctx context.Context, c *change, room uuid.UUID) (ids []int64, err error) {
	err = c.NewSelect().Model((*UsersOnRoom)(nil)).Column("user_id").Where("m.room_id = ?", room).Order("user_id").Scan(ctx, &ids)
	return ids, err
}

func storeActivities(ctx context.Context, c *change, rows []*activityRow) error {
	for part := range slices.Chunk(rows, activitiesAtOnce) {
		if _, err := c.NewInsert().Model(&part).Exec(ctx); err != nil {
			return err
		}
		for _, row := range part {
			c.invalidate(activitiesTag(row.UserID))
		}
	}
	return nil
}

// reviseActivities stores what a message means for others after it was edited or deleted: what it
// meant before keeps its place.
func reviseActivities(ctx context.Context, c *change, m *Message) error {
	var before []*activityRow
	if err := c.NewSelect().Model(&before).Where("ac.room_id = ? AND ac.position = ?", m.RoomID, m.Position).Scan(ctx); err != nil {
		return err
	}
	after, err := newActivities(ctx, c, m)
	if err != nil {
		return err
	}
	var gone []int64
	for _, row := range before {
		if row.Kind == ActivityReaction && m.DeletedAt == nil {
			continue
		}
		if !slices.ContainsFunc(after, row.same) {
			gone = append(gone, row.ID)
			c.invalidate(activitiesTag(row.UserID))
		}
	}
	if len(gone) > 0 {
		if _, err := c.NewDelete().Model((*activityRow)(nil)).Where("id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
			return err
		}
	}
	after = slices.DeleteFunc(after, func(row *activityRow) bool { return slices.ContainsFunc(before, row.same) })
	for _, row := range after {
		row.At = c.at
	}
	return storeActivities(ctx, c, after)
}

// same reports whether two activities of a message are for the same person, for the same reason.
func (r *activityRow) same(other *activityRow) bool {
	return r.UserID == other.UserID && r.Kind == other.Kind
}

// moveReactions stores reactions to a message as activities of its author, or deletes them. The
// message has not got its next revision yet.
func moveReactions(ctx context.Context, c *change, r *Room, m *Message, added, removed []*reactionRow) error {
	var rows []*activityRow
	for _, re := range added {
		if re.UserID != m.AuthorID {
			rows = append(rows, &activityRow{
				UserID: m.AuthorID, RoomID: m.RoomID, Position: m.Position, Revision: r.Revision + 1, Kind: ActivityReaction,
				ActorID: re.UserID, Emoji: re.Emoji, At: re.ReactedAt,
			})
		}
	}
	for _, re := range removed {
		c.invalidate(activitiesTag(m.AuthorID))
		_, err := c.NewDelete().Model((*activityRow)(nil)).Where("room_id = ? AND position = ?", m.RoomID, m.Position).
			Where("user_id = ? AND kind = ?", m.AuthorID, ActivityReaction).Where("actor_id = ? AND emoji = ?", re.UserID, re.Emoji).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return storeActivities(ctx, c, rows)
}
