package db

import (
	"context"

	"github.com/google/uuid"
)

// ForwardMessage posts a message of one room with its files in another one, and returns the new
// message. The viewer is in both; the new message names the author of the first, mentions nobody
// and answers nothing. With a key the same forwarding twice is one message. Errors: ErrNotFound;
// ErrForbidden for an event; ErrConflict for a deleted message; ErrArchived; ErrFilesOfDay;
// ErrStorageFull.
func (s *Store) ForwardMessage(ctx context.Context, viewer *User, from uuid.UUID, position int64, to uuid.UUID, key string) (*Message, error) {
	m, err := s.Message(ctx, viewer, from, position)
	if err != nil {
		return nil, err
	}
	switch {
	case m.Kind == MessageEvent:
		return nil, ErrForbidden
	case m.DeletedAt != nil:
		return nil, ErrConflict
	}
	n := NewMessage{Body: m.Body, Key: key, ForwardedFrom: m.ForwardedFrom}
	if n.ForwardedFrom == "" {
		n.ForwardedFrom = m.Author.DisplayName
	}
	if m.Files != "" {
		if n.Files, err = s.copyFiles(ctx, viewer, m, to); err != nil {
			return nil, err
		}
	}
	posted, _, err := s.Post(ctx, viewer, to, n)
	return posted, err
}

// copyFiles has the files of a message wait for another one of the viewer's in a room. Contents are
// shared. The foreign key keeps a content from being removed meanwhile.
func (s *Store) copyFiles(ctx context.Context, viewer *User, m *Message, to uuid.UUID) (ids []uuid.UUID, err error) {
	err = s.change(ctx, func(ctx context.Context, c *change) error {
		ids = nil
		var rows []*fileRow
		if err := c.NewSelect().Model(&rows).Where("f.room_id = ? AND f.position = ?", m.RoomID, m.Position).Scan(ctx); err != nil {
			return err
		}
		byID, size := map[uuid.UUID]*fileRow{}, int64(0)
		for _, row := range rows {
			byID[row.ID] = row
			size += row.Size
		}
		if err := s.checkUpload(ctx, c.Tx, viewer, to, size, 0); err != nil {
			return err
		}
		for _, f := range m.Files.All() {
			row := byID[f.ID]
			if row == nil {
				return ErrConflict // the message was deleted just now
			}
			row.ID, row.RoomID, row.Position, row.UploaderID, row.CreatedAt = uuid.New(), to, nil, viewer.ID, c.at
			if _, err := c.NewInsert().Model(row).Exec(ctx); err != nil {
				return err
			}
			ids = append(ids, row.ID)
		}
		return nil
	})
	return ids, err
}
