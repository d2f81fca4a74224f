package db

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
)

// PostMessage adds a message at the room's next position. With a key the author used in this room before, that message comes
// again, created is false and nothing is posted. Errors: ErrNotFound when the viewer is no member.
//
// Posts that wait at the same time are committed together and share the cost of a durable commit.
func (s *Store) PostMessage(ctx context.Context, viewer *User, room uuid.UUID, body, key string) (m *Message, created bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	p := &post{room: room, author: viewer.ID, body: body, key: key, done: make(chan struct{})}
	s.posts.add(p)
	<-p.done
	return p.message, p.created, p.err
}

// post is a message that wants to be written, and what became of it.
type post struct {
	room      uuid.UUID
	author    int64
	body, key string

	message *Message
	created bool
	err     error
	done    chan struct{}
}

// commitPosts writes posts in one transaction, and each alone when that fails: who cannot be written fails alone.
// It does not ask whether a client still waits. Where it is uncertain whether they were written they are not written again:
// they might stand there twice.
func (s *Store) commitPosts(posts []*post) {
	err := s.writePosts(posts)
	if err != nil && len(posts) > 1 && !errors.Is(err, errUncertain) {
		s.logger.Warn("posts are committed one by one", "posts", len(posts), "error", err)
		for _, p := range posts {
			s.commitPosts([]*post{p})
		}
		return
	}
	for _, p := range posts {
		if err != nil {
			p.message, p.created, p.err = nil, false, err
		}
		close(p.done)
	}
}

func (s *Store) writePosts(posts []*post) error {
	return s.change(context.Background(), func(ctx context.Context, c *change) error {
		for _, room := range byRoom(posts) {
			if err := s.writeRoom(ctx, c, room); err != nil {
				return err
			}
		}
		return nil
	})
}

// byRoom gathers posts by room, in a fixed order of rooms, so that no two transactions wait for each other's locks.
// Within a room they stay in the order they came.
func byRoom(posts []*post) [][]*post {
	sorted := slices.Clone(posts)
	slices.SortStableFunc(sorted, func(a, b *post) int { return slices.Compare(a.room[:], b.room[:]) })
	var rooms [][]*post
	for len(sorted) > 0 {
		n := slices.IndexFunc(sorted, func(p *post) bool { return p.room != sorted[0].room })
		if n < 0 {
			n = len(sorted)
		}
		rooms = append(rooms, sorted[:n])
		sorted = sorted[n:]
	}
	return rooms
}

// writeRoom writes the posts of one room. A post that may not be written gets its error; an error returned is of all.
func (s *Store) writeRoom(ctx context.Context, c *change, posts []*post) error {
	for _, p := range posts {
		p.message, p.created, p.err = nil, false, ErrNotFound // until it is found
	}
	w := &roomWriter{c: c, posts: posts}
	var err error
	if w.room, err = s.lockRoom(ctx, c, posts[0].room); err != nil {
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	}
	for _, step := range []func(context.Context) error{w.readAuthors, w.readKeys, w.readNewest} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	for _, p := range posts {
		w.write(p)
	}
	return w.store(ctx)
}

// continues tells whether a message shares the header of the one before it.
func continues(previous *Message, author int64, at time.Time) bool {
	return previous != nil && previous.AuthorID == author && at.Sub(previous.PostedAt) < GroupWithin
}
