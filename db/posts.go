package db

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// PostMessage adds a message at the room's next position. With a key the author used in this room before, that message comes
// again, created is false and nothing is posted. Errors: ErrNotFound when the viewer is no member.
//
// Posts that wait at the same time are committed together and share the cost of a durable commit.
func (s *Store) PostMessage(ctx context.Context, viewer *User, room uuid.UUID, body, key string) (m *Message, created bool, err error) {
	return s.PostHavingRead(ctx, viewer, room, body, key, 0)
}

// PostHavingRead is PostMessage by somebody who has read the room up to a position, as MarkRead would store it.
func (s *Store) PostHavingRead(ctx context.Context, viewer *User, room uuid.UUID, body, key string, read int64) (m *Message, created bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	if !storable(body) || !storable(key) {
		return nil, false, errText
	}
	p := &post{room: room, author: withoutHash(viewer), body: body, key: key, read: read, done: make(chan struct{})}
	s.posts.add(p)
	<-p.done
	return p.message, p.created, p.err
}

// errText: a text that PostgreSQL does not take, so that no database gets it.
var errText = errors.New("text is not UTF-8 or holds a NUL")

func storable(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// PostCommit is one attempt to commit posts together.
type PostCommit struct {
	// Posts is how many there were.
	Posts int
	// Took is how long it took, from the wish to begin the transaction until it was durable.
	Took time.Duration
	// Err is why none of them was written, or why nobody knows; nil when they were. A post that its author may not write does
	// not make a commit fail.
	Err error
}

// post is a message that wants to be written, and what became of it.
type post struct {
	room      uuid.UUID
	author    *User // as its request was let in
	body, key string
	read      int64 // how far its author has read

	message *Message
	created bool
	err     error
	done    chan struct{}
}

// withoutHash is a user as messages may have it.
func withoutHash(u *User) *User {
	if u.PasswordHash == "" {
		return u
	}
	shown := *u
	shown.PasswordHash = ""
	return &shown
}

func (p *post) fail(err error) { p.message, p.created, p.err = nil, false, err }

// commitPosts writes posts in one transaction. Where the database refuses that, it writes each half by itself, until who cannot
// be written fails alone. It does not ask whether a client still waits. Where it is uncertain whether they were written they are
// not written again: they might stand there twice.
func (s *Store) commitPosts(posts []*post) {
	begin := time.Now()
	err := s.writePosts(posts)
	s.observe(PostCommit{Posts: len(posts), Took: time.Since(begin), Err: err})
	if err != nil && len(posts) > 1 && isAnswer(err) && !errors.Is(err, errUncertain) {
		s.logger.Warn("posts are committed in halves", "posts", len(posts), "error", err)
		s.commitPosts(posts[:len(posts)/2])
		s.commitPosts(posts[len(posts)/2:])
		return
	}
	for _, p := range posts {
		if err != nil {
			p.fail(err)
		}
		close(p.done)
	}
}

func (s *Store) writePosts(posts []*post) error {
	return s.change(context.Background(), func(ctx context.Context, c *change) error {
		b := &batch{s: s, c: c, posts: posts}
		for _, step := range []func(context.Context) error{b.read, b.readKeyed} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		for _, p := range posts {
			b.write(p)
		}
		b.store()
		return nil
	})
}

// continues tells whether a message shares the header of the one before it.
func continues(previous *Message, author int64, at time.Time) bool {
	return previous != nil && previous.AuthorID == author && at.Sub(previous.PostedAt) < GroupWithin
}
