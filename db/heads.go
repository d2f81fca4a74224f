package db

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
)

// headsSQL joins the rooms to a list that is one value, which costs the planner nothing however long it is.
const (
	headsPostgres = `SELECT r.id, r.revision FROM json_array_elements_text(?::json) AS wanted (id) JOIN rooms AS r ON r.id = wanted.id::uuid`
	headsSQLite   = `SELECT r.id, r.revision FROM json_each(?) AS wanted CROSS JOIN rooms AS r ON r.id = wanted.value`
)

// Heads returns the newest revision of each of the rooms, all read in one query; a room that does not exist has none.
func (s *Store) Heads(ctx context.Context, rooms []uuid.UUID) (map[uuid.UUID]int64, error) {
	heads := make(map[uuid.UUID]int64, len(rooms))
	if len(rooms) == 0 {
		return heads, nil
	}
	list, err := json.Marshal(rooms)
	if err != nil {
		return nil, err
	}
	query := headsSQLite
	if s.postgres {
		query = headsPostgres
	}
	rows, err := s.read.QueryContext(ctx, query, string(list))
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		var revision int64
		if err := rows.Scan(&id, &revision); err != nil {
			return nil, err
		}
		heads[id] = revision
	}
	return heads, rows.Err()
}
