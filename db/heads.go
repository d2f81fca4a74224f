package db

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
)

// Heads returns the newest revision of each of some rooms, all read in one query. A room that does
// not exist is not in the map.
func (s *Store) Heads(ctx context.Context, rooms []uuid.UUID) (map[uuid.UUID]int64, error) {
	heads := make(map[uuid.UUID]int64, len(rooms))
	if len(rooms) == 0 {
		return heads, nil
	}
	list, err := json.Marshal(rooms)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, s.dialect.headsSQL(), string(list))
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		var revision int64
		if err := rows.Scan(&id, &revision); err != nil {
			return nil, translate(err)
		}
		heads[id] = revision
	}
	return heads, translate(rows.Err())
}
