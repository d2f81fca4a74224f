package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

const (
	// MaxFiles is how many files a message may have.
	MaxFiles = 10
	// FilesADay bounds the files that one person uploads within 24 hours, in bytes.
	FilesADay = 2 << 30
	// waitingFiles is how long a file waits for its message.
	waitingFiles = 24 * time.Hour
)

var (
	// ErrFilesOfDay refuses a file to somebody who has uploaded FilesADay.
	ErrFilesOfDay = fmt.Errorf("%w: too many bytes of files today", ErrConflict)
	// ErrStorageFull refuses a file that does not fit into the storage of the service.
	ErrStorageFull = fmt.Errorf("%w: the storage for files is full", ErrConflict)
)

// File is a file of a message, or one that waits for its message. Its JSON is how a column keeps
// it.
type File struct {
	ID   uuid.UUID `json:"i"`
	Name string    `json:"n"` // as its uploader calls it
	Type string    `json:"t"` // media type
	Size int64     `json:"s"` // bytes
	// Width and Height are those of a picture as it is to be seen, in pixels; 0: it is none.
	Width  int `json:"w,omitzero"`
	Height int `json:"h,omitzero"`
	// Smaller is the names of the smaller pictures that there are, with a blank between them.
	Smaller string `json:"p,omitzero"`
	// Preview is the first lines of a text; empty for what is none.
	Preview string `json:"v,omitzero"`
}

// HasSmaller reports whether there is a smaller picture with a name.
func (f *File) HasSmaller(name string) bool {
	return slices.Contains(strings.Fields(f.Smaller), name)
}

// FileList is the files of a message as one column keeps them: a list in JSON, or empty.
type FileList string

// All returns the files in their order; nil for none.
func (l FileList) All() (all []File) {
	if l != "" {
		json.Unmarshal([]byte(l), &all) // what newFileList wrote
	}
	return all
}

func newFileList(files []File) FileList {
	if len(files) == 0 {
		return ""
	}
	return FileList(jsonText(files))
}

// StoredFile is a file with what only the service knows of it.
type StoredFile struct {
	File
	Hash      string // names its content in the storage
	CreatedAt time.Time
}

// fileRow is a row of files.
type fileRow struct {
	bun.BaseModel `bun:"table:files,alias:f"`

	ID         uuid.UUID `bun:",pk,type:uuid"`
	RoomID     uuid.UUID `bun:"type:uuid"`
	Position   *int64
	UploaderID int64
	Name       string
	Type       string
	Size       int64
	Width      int
	Height     int
	Smaller    string
	Preview    string
	Hash       string
	CreatedAt  time.Time
}

func (r *fileRow) file() File {
	return File{ID: r.ID, Name: r.Name, Type: r.Type, Size: r.Size, Width: r.Width, Height: r.Height, Smaller: r.Smaller, Preview: r.Preview}
}

// contentRow is what is in the storage, or was and may be removed.
type contentRow struct {
	bun.BaseModel `bun:"table:contents,alias:co"`

	Hash string `bun:",pk"`
	Size int64
}

// CheckUpload reports whether the viewer may upload a file of some bytes to a room now, where the
// storage may hold maxStorage bytes; 0: any number. Errors: ErrNotFound, ErrArchived,
// ErrFilesOfDay, ErrStorageFull.
func (s *Store) CheckUpload(ctx context.Context, viewer *User, room uuid.UUID, size, maxStorage int64) error {
	return s.snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		return s.checkUpload(ctx, tx, viewer, room, size, maxStorage)
	})
}

func (s *Store) checkUpload(ctx context.Context, tx bun.Tx, viewer *User, room uuid.UUID, size, maxStorage int64) error {
	member, err := isMember(ctx, tx, room, viewer.ID)
	if err != nil {
		return err
	}
	if !member {
		return ErrNotFound
	}
	archived, err := tx.NewSelect().Model((*Room)(nil)).Where("r.id = ? AND r.archived_at IS NOT NULL", room).Exists(ctx)
	if err != nil {
		return err
	}
	if archived {
		return ErrArchived
	}
	today, err := sumOf(ctx, tx.NewSelect().Model((*fileRow)(nil)).
		Where("f.uploader_id = ? AND f.created_at > ?", viewer.ID, s.time().Add(-24*time.Hour)))
	if err != nil {
		return err
	}
	if today+size > FilesADay {
		return ErrFilesOfDay
	}
	if maxStorage == 0 {
		return nil
	}
	stored, err := sumOf(ctx, tx.NewSelect().Model((*contentRow)(nil)))
	if err == nil && stored+size > maxStorage {
		err = ErrStorageFull
	}
	return err
}

// sumOf returns the sum of the column size.
func sumOf(ctx context.Context, q *bun.SelectQuery) (int64, error) {
	var sum sql.NullInt64
	err := q.ColumnExpr("CAST(sum(size) AS BIGINT)").Scan(ctx, &sum)
	return sum.Int64, err
}

// AddFile stores that the viewer uploads a file with some content, which is to wait for its
// message in a room. The content is put into the storage afterwards: what AddFile knows is not
// removed from there, see SweepFiles. Errors: those of CheckUpload.
func (s *Store) AddFile(ctx context.Context, viewer *User, room uuid.UUID, f File, hash string, maxStorage int64) (*File, error) {
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		if err := s.checkUpload(ctx, c.Tx, viewer, room, f.Size, maxStorage); err != nil {
			return err
		}
		_, err := c.NewInsert().Model(&contentRow{Hash: hash, Size: f.Size}).On("CONFLICT (hash) DO UPDATE").Set("size = EXCLUDED.size").Exec(ctx)
		if err != nil {
			return err
		}
		f.ID = uuid.New()
		_, err = c.NewInsert().Model(&fileRow{
			ID: f.ID, RoomID: room, UploaderID: viewer.ID, Name: f.Name, Type: f.Type, Size: f.Size,
			Width: f.Width, Height: f.Height, Smaller: f.Smaller, Preview: f.Preview, Hash: hash, CreatedAt: c.at,
		}).Exec(ctx)
		return err
	})
	return &f, err
}

// File returns a file that the viewer may read: that of a message in a room of the viewer's, or one
// of the viewer's own that waits. Errors: ErrNotFound.
func (s *Store) File(ctx context.Context, viewer *User, id uuid.UUID) (*StoredFile, error) {
	row := &fileRow{}
	err := s.read.NewSelect().Model(row).
		Join("JOIN users_on_room AS m ON m.room_id = f.room_id AND m.user_id = ?", viewer.ID).
		Where("f.id = ?", id).Where("f.position IS NOT NULL OR f.uploader_id = ?", viewer.ID).Scan(ctx)
	if err != nil {
		return nil, translate(err)
	}
	return &StoredFile{File: row.file(), Hash: row.Hash, CreatedAt: row.CreatedAt}, nil
}

// WaitingFiles returns those of some files which wait for a message of the viewer's, in the order
// of ids.
func (s *Store) WaitingFiles(ctx context.Context, viewer *User, ids []uuid.UUID) ([]File, error) {
	rows, err := readWaiting(ctx, s.read.NewSelect(), ids)
	var files []File
	for _, id := range ids {
		if row := rows[id]; row != nil && row.UploaderID == viewer.ID {
			files = append(files, row.file())
		}
	}
	return files, translate(err)
}

// readWaiting returns those of some files that wait for their message, by id. q is an empty query.
func readWaiting(ctx context.Context, q *bun.SelectQuery, ids []uuid.UUID) (map[uuid.UUID]*fileRow, error) {
	waiting := map[uuid.UUID]*fileRow{}
	if len(ids) == 0 {
		return waiting, nil
	}
	var rows []*fileRow
	err := q.Model(&rows).Where("f.id IN (?)", bun.List(ids)).Where("f.position IS NULL").Scan(ctx)
	for _, row := range rows {
		waiting[row.ID] = row
	}
	return waiting, err
}

// RemoveWaitingFile removes a file of the viewer's that waits for its message. Errors: ErrNotFound.
func (s *Store) RemoveWaitingFile(ctx context.Context, viewer *User, id uuid.UUID) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		return mustAffect(c.NewDelete().Model((*fileRow)(nil)).Where("id = ? AND uploader_id = ? AND position IS NULL", id, viewer.ID).Exec(ctx))
	})
}

// deleteFiles deletes the files of a message.
func deleteFiles(ctx context.Context, c *change, m *Message) error {
	if m.Files == "" {
		return nil
	}
	_, err := c.NewDelete().Model((*fileRow)(nil)).Where("room_id = ? AND position = ?", m.RoomID, m.Position).Exec(ctx)
	return err
}
