package db

import (
	"context"
	"errors"

	"github.com/uptrace/bun"
)

// sweptAtOnce bounds the contents that are looked at in one go.
const sweptAtOnce = 100

// SweepFiles forgets files that have waited for their message for too long, and has remove remove
// each content that no file names any more. It goes on behind an error of remove, and returns the
// first one.
//
// An upload names its content before it puts it into the storage, and both take the lock of the
// content's row: so a content that comes again while it is removed is put there after that.
func (s *Store) SweepFiles(ctx context.Context, remove func(ctx context.Context, hash string) error) error {
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		_, err := c.NewDelete().Model((*fileRow)(nil)).Where("position IS NULL AND created_at < ?", c.at.Add(-waitingFiles)).Exec(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var first error
	for after := ""; ; {
		var unused []string
		err := withoutFile(s.read.NewSelect().Model((*contentRow)(nil))).Column("hash").
			Where("co.hash > ?", after).Order("hash").Limit(sweptAtOnce).Scan(ctx, &unused)
		if err != nil {
			return translate(err)
		}
		for _, hash := range unused {
			if err := s.sweepContent(ctx, hash, remove); err != nil && first == nil {
				first = err
			}
			after = hash
		}
		if len(unused) < sweptAtOnce {
			return first
		}
	}
}

// withoutFile selects the contents that no file names.
func withoutFile(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Where("NOT EXISTS (SELECT 1 FROM files AS f WHERE f.hash = co.hash)")
}

// sweepContent removes a content unless a file names it.
func (s *Store) sweepContent(ctx context.Context, hash string, remove func(context.Context, string) error) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		// The lock comes first: a statement sees what was committed before it begins, and not what
		// it has waited for.
		var locked []string
		err := s.dialect.forUpdate(c.NewSelect().Model((*contentRow)(nil)).Column("hash").Where("co.hash = ?", hash)).Scan(ctx, &locked)
		if err != nil || len(locked) == 0 {
			return err
		}
		unused, err := withoutFile(c.NewSelect().Model((*contentRow)(nil)).Where("co.hash = ?", hash)).Exists(ctx)
		if err != nil || !unused {
			return err
		}
		if err := remove(ctx, hash); err != nil {
			return err
		}
		_, err = c.NewDelete().Model((*contentRow)(nil)).Where("hash = ?", hash).Exec(ctx)
		return err
	})
}

// ContentsIn lists the contents that the SQLite file at path names, which no process serves.
func ContentsIn(ctx context.Context, path string) (hashes []string, err error) {
	pool, err := openPool(path, sqliteCopier, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	var known bool
	err = pool.QueryRowContext(ctx, "SELECT count(*) > 0 FROM sqlite_master WHERE name = 'contents'").Scan(&known)
	if err != nil || !known { // a version of the program without files has made it
		return nil, err
	}
	rows, err := pool.QueryContext(ctx, "SELECT hash FROM contents ORDER BY hash")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var hash string
		if err := rows.Scan(&hash); err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, rows.Err()
}
