package db

import (
	"context"

	"github.com/google/uuid"
)

// readFiles reads and locks the files that wait for the posts.
func (b *batch) readFiles(ctx context.Context) (err error) {
	var ids []uuid.UUID
	for _, p := range b.posts {
		ids = append(ids, p.Files...)
	}
	b.waiting, err = readWaiting(ctx, b.c.NewSelect().Apply(b.forUpdate).Order("f.id"), ids)
	return err
}

// takeFiles returns the files of a post, for which they wait no more; false: not all of them do.
func (b *batch) takeFiles(p *post) (files []*fileRow, ok bool) {
	for _, id := range p.Files {
		row := b.waiting[id]
		if row == nil || row.Position != nil || row.UploaderID != p.author.ID || row.RoomID != p.room {
			for _, taken := range files {
				taken.Position = nil
			}
			return nil, false
		}
		row.Position = new(int64) // attach sets it
		files = append(files, row)
	}
	return files, true
}

// attach gives a message at its position its files.
func (m *Message) attach(rows []*fileRow) {
	var files []File
	for _, row := range rows {
		*row.Position = m.Position
		files = append(files, row.file())
	}
	m.Files = newFileList(files)
}

// writeFiles stores which messages the files belong to.
func (b *batch) writeFiles(ctx context.Context) error {
	for _, row := range b.waiting {
		if row.Position == nil {
			continue
		}
		if _, err := b.c.NewUpdate().Model(row).Column("position").WherePK().Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
