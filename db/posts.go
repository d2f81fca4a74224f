package db

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// NewMessage is what is posted.
type NewMessage struct {
	Body string
	Key  string // the author's idempotency key; empty: none
	// ReplyTo is the position of the message that it answers; 0: none.
	ReplyTo int64
	// Files are the author's files that wait for it in the room, in their order.
	Files []uuid.UUID
	// ForwardedFrom is the name of the author of the message that is forwarded; empty: none is.
	ForwardedFrom string
	// Read is the position up to which the author has read the room; 0: unknown. It is stored in
	// the same transaction as MarkRead stores it.
	Read int64
}

// PostMessage is Post of a message that is nothing but a text.
func (s *Store) PostMessage(ctx context.Context, viewer *User, room uuid.UUID, body, key string,
) (m *Message, created bool, err error) {
	return s.Post(ctx, viewer, room, NewMessage{Body: body, Key: key})
}

// Post adds a message at the room's next position and returns it when it is durable. With a key
// that the author used in this room before it returns that message again, created is false, and
// nothing is posted. Errors: ErrNotFound when the viewer is no member; ErrArchived;
// *InvalidError{"reply_to": UnknownMessage} and {"files": UnknownFile}.
//
// Posts that wait at the same time are committed together and share the cost of a durable commit.
func (s *Store) Post(ctx context.Context, viewer *User, room uuid.UUID, n NewMessage,
) (m *Message, created bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, translate(err)
	}
	if !storable(n.Body) || !storable(n.Key) {
		return nil, false, errText
	}
	p := &post{NewMessage: n, room: room, author: withoutHash(viewer), arrived: time.Now(), done: make(chan struct{})}
	s.posts.add(p)
	<-p.done
	if errors.Is(p.err, ErrNotFound) {
		return nil, false, s.whyNotPosted(ctx, viewer, room)
	}
	return p.message, p.created, p.err
}

// errText refuses a text that PostgreSQL cannot store, on both databases.
var errText = errors.New("text is not UTF-8 or holds a NUL")

// storable reports whether both databases can store a text.
func storable(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// PostCommit is one attempt to commit posts together.
type PostCommit struct {
	Posts int // how many they are
	// Took is the time from the wish to begin the transaction until it was durable, or failed.
	Took time.Duration
	// Err is nil when the posts were written, those excepted that their authors may not write.
	// After an error none was written, or nobody knows.
	Err error
}

// post is a message to be written, and its outcome.
type post struct {
	NewMessage
	room    uuid.UUID
	author  *User     // as its request was let in
	arrived time.Time // writeTimeout counts from here

	// The outcome, which may be read once done is closed.
	message *Message
	created bool
	err     error
	done    chan struct{}
}

// withoutHash returns a user as messages show it: a copy, unless the user has no hash.
func withoutHash(u *User) *User {
	if u.PasswordHash == "" {
		return u
	}
	shown := *u
	shown.PasswordHash = ""
	return &shown
}

// answers returns the key of the message that a post answers.
func (p *post) answers() messageKey { return messageKey{p.room, p.ReplyTo} }

func (p *post) member() memberKey { return memberKey{p.room, p.author.ID} }

// fail is the outcome of a post that is not written.
func (p *post) fail(err error) { p.message, p.created, p.err = nil, false, err }
