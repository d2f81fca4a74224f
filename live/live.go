// Package live carries committed changes to every open stream: once each, in order of revision, and nobody waits for anybody.
package live

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/presence"
)

// Format is how a stream is written.
type Format string

const (
	HTML Format = "html" // text/event-stream; unnamed events swap HTML, for htmx
	JSON Format = "json" // text/event-stream; named events with JSON, for programs
	Text Format = "text" // text/plain; a line for each message, for people at a terminal
	Page Format = "page" // text/html; a document that never ends, for browsers without JavaScript
)

// Audience is what decides how a change is rendered: all readers of one audience get the same bytes.
type Audience struct {
	Format   Format
	Language string // "ko" or "en"
	Zone     string // IANA name
}

// Names of events in streams of HTML and JSON.
const (
	// EventMessage (JSON): a message's present state. Has an id: the revision.
	EventMessage = "message"
	// EventRoom (JSON): the room's present state. Has an id.
	EventRoom = "room"
	// EventReady: all that there was to catch up on has been sent. Data: {"revision":N}. Has an id where the stream is of a room.
	EventReady = "ready"
	// EventReset (HTML: too far behind; all: the cursor is from the future): load the page again. Data and id as EventReady.
	EventReset = "reset"
	// EventUnread (JSON): the reader's rooms have changed, new messages or read marks among them. No id.
	EventUnread = "unread"
	// EventOnline: which of the room's members have a stream open anywhere. Always the present state, sent after ready and when it
	// changes, at most once a second. Data (JSON): {"count":N,"people":[user …]}, some of them when there are many. No id.
	EventOnline = "presence"
	// EventTyping: who is writing in the room at present; nobody: an empty list. Data (JSON): {"people":[user …]}. No id.
	EventTyping = "typing"
	// EventClose: the reader lost its right to this stream; it ends now and is not to be opened again.
	// Data: {"reason":"…"} with one of the reasons below. No id.
	EventClose = "close"
)

// Reasons in the data of EventClose.
const (
	ReasonExpired      = "expired"       // the session's time is over
	ReasonSignedOut    = "signed_out"    // the session was ended, or a new password ended it
	ReasonRemoved      = "removed"       // the reader left the room, or was put out
	ReasonTokenDeleted = "token_deleted" // the token it came with is gone
	ReasonDeactivated  = "deactivated"   // the account was closed
)

var reasons = []string{ReasonExpired, ReasonSignedOut, ReasonRemoved, ReasonTokenDeleted, ReasonDeactivated}

// Event is one rendered change. In Text and Page streams Data is written as it is and the rest does not matter.
// Empty Data means: nothing to tell this audience.
type Event struct {
	Name string // empty for HTML that is swapped in
	Data []byte
}

// Presenter renders changes; the handlers implement it with the views.
type Presenter interface {
	Message(Audience, *db.Message) Event
	Room(Audience, *db.Room) Event
	// Rooms renders the list of the viewer's rooms: an unread event. current is the room the stream shows, or zero.
	Rooms(a Audience, viewer *db.User, rooms []*db.RoomView, current uuid.UUID) Event
	// Online and Typing render the present state of a room, for formats that have events.
	Online(Audience, presence.Online) Event
	Typing(Audience, []*db.User) Event
}

// Store is what the hub reads.
type Store interface {
	Changes(ctx context.Context, room uuid.UUID, after int64, limit int) (*db.RoomChanges, error)
	Head(ctx context.Context, room uuid.UUID) (int64, error)
	RoomIDsOf(ctx context.Context, userID int64) ([]uuid.UUID, error)
	RoomsOf(ctx context.Context, viewer *db.User) ([]*db.RoomView, error)
	presence.Store
	// Heads and Lapsed are asked only where there are other processes.
	Heads(ctx context.Context, rooms []uuid.UUID) (map[uuid.UUID]int64, error)
	Lapsed(ctx context.Context, rights []db.Right) ([]db.Right, error)
}

// Options make a hub.
type Options struct {
	Store     Store
	Presenter Presenter
	Logger    *slog.Logger
	// StreamsPerUser and Streams bound how many are open at once; 0: no bound.
	StreamsPerUser, Streams int
	// Bus reaches the other processes; nil: there are none. Who made it closes it, after the hub and the last write of the store.
	Bus Bus
	// AnnounceEvery is how often this process tells the others which users are online here; after three
	// announcements that did not come they take them for offline. A user whose last stream ended stays
	// online for a third of it. All processes have the same; 0: presence.AnnounceEvery, with which the
	// users of a killed process go offline within a minute.
	AnnounceEvery time.Duration
}

// Subscription is a wish to read.
type Subscription struct {
	Viewer *db.User
	// Room is the room to read; zero for the viewer's own stream.
	Room     uuid.UUID
	Audience Audience
	// After is the reader's cursor: what changed after this revision is sent first. FromNow: nothing is.
	After int64
	// Session, Token and Epoch tell which right the reader came with; see db.Right. Token is 0 for a session.
	Session string
	Token   int64
	Epoch   int64
	// Check is asked once more after the reader is attached, so that no right can end unnoticed in between; nil: not asked.
	// Its error is returned by Serve, which has written nothing then.
	Check func(context.Context) error
	// Expires is when the right ends by itself; zero: never.
	Expires time.Time
	// Head is written before anything else and Tail at a polite end (Page format: the document around the log).
	Head, Tail []byte
	// Bytes bounds a stream's size (Page format); 0: no bound.
	Bytes int64
}

// FromNow as a cursor means the room's present revision.
const FromNow = -1

var (
	// ErrTooManyOfUser: the user has as many streams open as allowed.
	ErrTooManyOfUser = errors.New("too many streams of this user")
	// ErrTooMany: the process has as many streams open as allowed.
	ErrTooMany = errors.New("too many streams")
	// ErrClosed: the hub has been closed.
	ErrClosed = errors.New("shutting down")
)
