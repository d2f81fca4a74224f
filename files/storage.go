// Package files receives uploaded files, finds out what they are, and keeps them in a folder or a
// bucket under the SHA-256 of their content. It knows nothing of rooms and messages.
package files

import (
	"context"
	"errors"
	"io"
)

// ErrNotFound: the storage has nothing under a name.
var ErrNotFound = errors.New("no such content")

// Storage keeps contents under names, which are hexadecimal with a suffix. Its methods may be
// called concurrently, also by several processes.
type Storage interface {
	// Put stores what is read under a name. It is there as a whole or not at all, whatever happens
	// meanwhile, and durably once Put has returned. What was there before is the same content.
	Put(ctx context.Context, name string, content io.Reader, size int64) error
	// Open returns a content. The caller closes it. Errors: ErrNotFound.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Remove removes a content; there need not be one.
	Remove(ctx context.Context, name string) error
}

// Names of the smaller pictures of a picture: those that fit into squares of some pixels.
const (
	Large = "large"
	Small = "small"
)

const (
	largeSide = 1600 // fills the screen of a notebook
	smallSide = 640  // sharp at 320 CSS pixels on a screen with two device pixels for each
)

// smaller are the smaller pictures, the larger one first.
var smaller = []struct {
	name string
	side int
}{{Large, largeSide}, {Small, smallSide}}

// Remove removes a content with its smaller pictures.
func Remove(ctx context.Context, s Storage, hash string) error {
	for _, one := range smaller {
		if err := s.Remove(ctx, smallerName(hash, one.name)); err != nil {
			return err
		}
	}
	return s.Remove(ctx, hash)
}

// Open opens a content, or one of its smaller pictures.
func Open(ctx context.Context, s Storage, hash, size string) (io.ReadSeekCloser, error) {
	if size != "" {
		hash = smallerName(hash, size)
	}
	return s.Open(ctx, hash)
}

// Names are the names under which a content and its smaller pictures may be in a storage.
func Names(hash string) []string {
	return []string{hash, smallerName(hash, Large), smallerName(hash, Small)}
}

func smallerName(hash, size string) string { return hash + "-" + size }
