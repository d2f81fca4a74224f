// Package live carries committed changes to every open stream: each change once, in order of
// revision, and without one reader waiting for another.
//
// A commit reaches the Hub as a notice. The notice's room compares it with its head, reads from the
// store what a lost notice skipped, and hands each change to its groups: the readers of one
// audience, who get the same bytes. A group encodes the change once and writes it to its readers'
// transports. A reader that comes back with a cursor is caught up by the handshake before it joins
// its group.
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

// Audience is what the rendering of a change depends on: all readers of one audience get the same
// bytes.
type Audience struct {
	Format   Format
	Language string // "ko" or "en"
	Zone     string // IANA name
}

// Names of events in streams of HTML and JSON. "Id" is the id field of the event stream format: the
// cursor with which a client comes back.
const (
	// EventMessage (JSON) is a message's present state. Id: the revision.
	EventMessage = "message"
	// EventRoom (JSON) is the room's present state. Id: the revision.
	EventRoom = "room"
	// EventReady ends the catch-up: everything missed has been sent. Data: {"revision":N}. Id: the
	// revision, in streams of a room.
	EventReady = "ready"
	// EventReset tells the client to load the page again: it is too far behind (HTML), or its
	// cursor is from the future (all formats). Data and id as EventReady.
	EventReset = "reset"
	// EventUnread (JSON) is those of the reader's rooms that changed, by a message or a read mark,
	// or because the reader entered them; {"id","gone":true} for each that it has left, or that was
	// archived. All of its rooms where its favourites changed. No id.
	EventUnread = "unread"
	// EventOnline is which of the room's members have a stream open in any process. It is the
	// present state, sent after ready and when it changes, at most once a second. Data (JSON):
	// {"count":N,"people":[user …]}, where people is the first 50 by id. No id.
	EventOnline = "presence"
	// EventTyping is who is typing in the room at present; an empty list when nobody is. Data
	// (JSON): {"people":[user …]}. No id.
	EventTyping = "typing"
	// EventReads (JSON) is how far the room's members have read, without those who hide it; empty
	// in a room of more than 50, and in one that hides it. It is the present state, sent after
	// ready and when it changes, at most twice a second. Data: [{"user":id,"position":N} …]. No id.
	EventReads = "reads"
	// EventPing (HTML) breaks the silence of a stream that has nothing to tell. Data: none. No id.
	EventPing = "ping"
	// EventClose ends the stream of a reader that lost its right to it; the client must not open it
	// again. Data: {"reason":"…"} with one of the reasons below. No id.
	EventClose = "close"
)

// Reasons in the data of EventClose.
const (
	ReasonExpired      = "expired"       // the session's time is over
	ReasonSignedOut    = "signed_out"    // the session was ended, or a new password ended it
	ReasonRemoved      = "removed"       // the reader left the room, or was put out
	ReasonTokenDeleted = "token_deleted" // the token it came with was deleted
	ReasonDeactivated  = "deactivated"   // the account was closed
)

var reasons = []string{ReasonExpired, ReasonSignedOut, ReasonRemoved, ReasonTokenDeleted, ReasonDeactivated}

// Event is one rendered change. Streams of Text and Page get Data as it is and no Name. An Event
// with empty Data is not sent: there is nothing to tell this audience.
type Event struct {
	Name string // empty for HTML that is swapped in
	Data []byte
}

// Presenter renders changes; the handlers implement it with the views. It is called by many
// goroutines.
type Presenter interface {
	Message(Audience, *db.Message) Event
	Room(Audience, *db.Room) Event
	// Rooms renders an unread event: for pages the list of all of the viewer's rooms, for programs
	// those that changed, and those that the viewer has left. current is the room that the stream
	// shows; zero on the viewer's own stream.
	Rooms(a Audience, viewer *db.User, rooms []*db.RoomView, left []uuid.UUID, current uuid.UUID) Event
	// Entry renders the entry of a room in that list, for pages. It is the same for all members,
	// but for the other person of a direct room: hole stands wherever something depends on the
	// counts.
	Entry(a Audience, room *db.RoomView, hole string) Event
	// Counts returns what goes into the holes of an entry, in order.
	Counts(a Audience, unread, mentions int) []string
	// Partners renders, for pages, in which of the viewer's direct rooms the other is online.
	Partners(a Audience, rooms []uuid.UUID) Event
	// Online and Typing render the present state of a room, for the formats that have events.
	Online(Audience, presence.Online) Event
	Typing(Audience, []*db.User) Event
	// Marks renders how far the members of a room have read, for those formats.
	Marks(Audience, []db.MemberMark) Event
}

// Store is what the hub reads; *db.Store implements it.
type Store interface {
	// Changes returns what changed in a room after a revision, at most limit messages, in order.
	Changes(ctx context.Context, room uuid.UUID, after int64, limit int) (*db.RoomChanges, error)
	// Head returns a room's newest revision; db.ErrNotFound.
	Head(ctx context.Context, room uuid.UUID) (int64, error)
	RoomIDsOf(ctx context.Context, userID int64) ([]uuid.UUID, error)
	RoomsOf(ctx context.Context, viewer *db.User) ([]*db.RoomView, error)
	// RoomOfMembers returns a room as some of its members see it, by their ids.
	RoomOfMembers(ctx context.Context, room uuid.UUID, members []int64) (map[int64]*db.RoomView, error)
	presence.Store
	// MemberMarks returns how far the members of a room have read, as far as that is shown.
	MemberMarks(ctx context.Context, room uuid.UUID) ([]db.MemberMark, error)
	// Heads, Lapsed and MembershipsOf are asked only where there are other processes: the newest
	// revisions of rooms, those of some rights that have ended, and which rooms users are in.
	Heads(ctx context.Context, rooms []uuid.UUID) (map[uuid.UUID]int64, error)
	Lapsed(ctx context.Context, rights []db.Right) ([]db.Right, error)
	MembershipsOf(ctx context.Context, users []int64) ([]*db.UsersOnRoom, error)
}

// Options make a hub.
type Options struct {
	Store     Store
	Presenter Presenter
	Logger    *slog.Logger // nil: nothing is logged
	// StreamsPerUser and Streams bound how many are open at once; 0: no bound.
	StreamsPerUser, Streams int
	// Scarce reports whether the process has no room for another stream; it must not wait. nil:
	// there is no other bound.
	Scarce func() bool
	// TakenOver is told how many connections more (or fewer, below 0) the hub has that were taken
	// from the HTTP server; nil: not called.
	TakenOver func(n int)
	// Bus reaches the other processes; nil: there are none. The caller closes it, after the hub and
	// the store's last write.
	Bus Bus
	// AnnounceEvery is how often this process tells the others which users are online here; after
	// three announcements that did not come they take them for offline. A user whose last stream
	// ended stays online for a third of it. All processes have the same; 0: presence.AnnounceEvery,
	// with which the users of a killed process go offline within a minute.
	AnnounceEvery time.Duration
	// OnChurn is called with true when many streams open or end in a short time, and with false
	// when that is over, or the hub closes: the moment to give memory back to the system. Calls
	// alternate and never overlap; nothing waits for them but Close. nil: not called.
	OnChurn func(busy bool)
}

// Subscription is a wish to read a stream.
type Subscription struct {
	Viewer *db.User
	// Room is the room to read; zero for the viewer's own stream.
	Room     uuid.UUID
	Audience Audience
	// After is the reader's cursor: changes after this revision are sent first. FromNow: none are.
	After int64
	// Listed is the digest (db.ListDigest) of the list of rooms that the page shows, without those
	// in Except; empty, or another than that of the user's rooms: the list is sent to the page
	// anew. Else the entries of the rooms in Except are sent, but for Room.
	Listed string
	Except []uuid.UUID
	// Session, Token and Epoch are the right the reader comes with; see db.Right. Token is 0 for a
	// session.
	Session string
	Token   int64
	Epoch   int64
	// Check asks the store for the right once more after the reader is attached, so that no right
	// can end unnoticed in between; nil: not asked. Serve returns its error, and has written
	// nothing then.
	Check func(context.Context) error
	// Expires is when the right ends by itself; zero: never.
	Expires time.Time
	// Head is written before anything else and Tail at the end, unless the client left or was too
	// slow: the document around the log in streams of Page. The hub keeps both slices and never
	// changes them; neither may the caller.
	Head, Tail []byte
	// Scarce tells that the client has few connections to this host, as browsers have by HTTP/1.1.
	// Streams of one session beyond scarceBound are brief then: they end once they have caught up,
	// with BriefTail for Tail, and come back soon.
	Scarce    bool
	BriefTail []byte
	// Bytes bounds a stream's size (Page); 0: no bound.
	Bytes int64
}

// FromNow as a cursor is the room's present revision.
const FromNow = -1

// Errors of Hub.Serve.
var (
	// ErrTooManyOfUser: the user has as many streams open as allowed.
	ErrTooManyOfUser = errors.New("too many streams of this user")
	// ErrTooMany: the process has as many streams open as allowed.
	ErrTooMany = errors.New("too many streams")
	// ErrClosed: the hub has been closed.
	ErrClosed = errors.New("shutting down")
)
