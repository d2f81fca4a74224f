package views

import (
	"html/template"
	"strconv"

	"sarangbang/db"
)

// RoomsPage is GET /rooms: my rooms, or those that a query finds.
type RoomsPage struct {
	Page
	Query    string
	Mine     []RoomItem
	More     string     // address of the next page of Mine; empty on the last
	Open     []RoomItem // open rooms to join that the query finds; none without one
	MoreOpen string     // address of the next page of Open; empty on the last
	Archived []RoomItem
}

// NewRoomPage is GET /rooms/new: the form that makes a room.
type NewRoomPage struct {
	Page
	Create RoomForm
}

// OpenRoomsPage is GET /rooms/open: open rooms to join.
type OpenRoomsPage struct {
	Page
	Query string
	Open  []RoomItem
	More  string // address of the next page; empty on the last
}

// ConversationPage is GET /conversations/new: the form that begins a conversation.
type ConversationPage struct {
	Page
	Query  string
	Chosen []Person // so far
	People []Person // others that the query finds
	More   bool     // it finds more than these
	Errors Errors
}

// RoomHeader is a room's title line (#room-header), on the page and in streams.
type RoomHeader struct {
	ID      string
	Title   string
	Kind    db.Kind
	Members int // 0: not shown
	Photo   string
	// Favourite: the room stands on top of the viewer's list.
	Favourite bool
	// Archived: nobody writes in the room any more.
	Archived bool
	Pins     int64 // how many messages are pinned
	// Live: the page's stream is the room's, and tells who is online.
	Live bool
	// Other is the id of the other person of a direct room; 0 in rooms of another kind.
	Other       int64
	OtherOnline bool
	OtherSeen   Time // when the other was last online; zero: not known
	// OtherDeactivated: the other has no access any more, and reads nothing.
	OtherDeactivated bool
}

// PinnedIn is what the bar below the header shows (rooms/_pins).
func (h RoomHeader) PinnedIn() Pins { return Pins{RoomID: h.ID, Count: h.Pins} }

// Pins is how many messages of a room are pinned.
type Pins struct {
	RoomID string
	Count  int64
}

// ForwardPage is GET /rooms/{id}/messages/{position}/forward.
type ForwardPage struct {
	Page
	Header          RoomHeader
	Path            string // of the page, and of its forms
	Author, Summary string // of the message
	Key             string // fresh idempotency key
	Query           string
	Rooms           []RoomItem
	More            bool // there are more rooms, which a query finds
	Errors          Errors
}

// PinsPage is GET /rooms/{id}/pins.
type PinsPage struct {
	Page
	Header RoomHeader
	HTML   template.HTML // the messages, with forms to unpin them
}

// People is how many are in a room.
type People struct {
	Count   int // of these, who are online; 0: not known
	Members int
}

// People is how many are in the room, without knowing who is online.
func (h RoomHeader) People() People { return People{Members: h.Members} }

// Log is a stretch of messages with its links to more.
type Log struct {
	RoomID string
	HTML   template.HTML // of all messages (Renderer.Messages); empty without any
	Older  string        // address of older messages; empty at the beginning
	Newer  string        // address of newer messages; empty at the end
	After  bool          // the messages follow others that are on the page already
}

// RoomPage is GET /rooms/{id}.
type RoomPage struct {
	Page
	Header RoomHeader
	Log    Log
	// Live is the address of the live log without JavaScript.
	Live         string
	Composer     Composer
	LastPosition int64 // read up to here once the page has been seen
	ReadPosition int64 // read up to here before
	Unread       int   // how many messages were unread when the page was made
	Mentions     int   // how many of them mention the viewer
	// FirstUnread is the position of the first unread message; 0: everything is read.
	FirstUnread int64
	// UnreadAbove: the first unread message is not on the page.
	UnreadAbove bool
	// Moderates: the viewer may delete what others wrote.
	Moderates bool
	// Welcome is the invitation to the service, which the first person sees in the room made for it
	// while nobody else is there; else nil.
	Welcome *InviteItem
}

// PreviewPage is GET /rooms/{id}/preview: an open room from outside.
type PreviewPage struct {
	Page
	ID       string
	Members  int
	People   []Person // some of them
	Messages []Quote
}

// MarkRead is the form that marks the room as read.
func (p RoomPage) MarkRead() UnreadLine {
	return UnreadLine{RoomID: p.Header.ID, LastPosition: p.LastPosition}
}

// UnreadLine is what stands before the first unread message (messages/_unread), with the form that
// marks the room as read.
type UnreadLine struct {
	RoomID       string
	LastPosition int64
	Start        bool // the log begins at it
}

// Start is where the log of a page begins (messages/_start).
type Start struct {
	Mark bool // the message after it was asked for, and is marked
}

// Composer is the form for a new message (#composer).
type Composer struct {
	RoomID string
	Body   string
	Key    string // fresh idempotency key for a browser without JavaScript
	Read   int64  // newest position that the page shows as read by sending; 0: none
	// Answered is the message that is going to be answered; the zero value: none.
	Answered Answered
	Files    []FileItem // that were uploaded for the message
	Focus    bool       // the page is for writing on
	Limit    int        // the length of the longest message, in characters
	MaxFile  int64      // bytes of the largest file
	Errors   Errors
}

// MaxFiles is how many files a message may have.
func (Composer) MaxFiles() int { return db.MaxFiles }

// MaxMegabytes is MaxFile as people read it.
func (c Composer) MaxMegabytes() int64 { return c.MaxFile >> 20 }

// HistoryPage is GET /rooms/{id}/messages as a page.
type HistoryPage struct {
	Page
	Header RoomHeader
	Log    Log
}

// MessagePage is GET /rooms/{id}/messages/{position} as a page: the permalink, with the actions
// that the viewer may take.
type MessagePage struct {
	Page
	Header  RoomHeader
	Message template.HTML
	Actions Actions
	Edit    EditForm
	Context string // address of the room around it
	// ReadsShown: Unread are those who have not read it yet.
	ReadsShown bool
	Unread     []Person
}

// Actions is what a viewer may do with a message (messages/_actions).
type Actions struct {
	RoomID             string
	Position           int64
	Permalink          string // absolute
	MayPin, Pinned     bool
	Context            string // address of the room page around it
	MayEdit, MayDelete bool
	MayReact, MayReply bool
}

// ReplyPath returns the address of the room's page whose composer answers the message.
func (a Actions) ReplyPath() string {
	return "/rooms/" + a.RoomID + "?reply_to=" + strconv.FormatInt(a.Position, 10) + "#composer"
}

// ReactionsPath returns the address of the reactions to the message.
func (a Actions) ReactionsPath() string {
	return Reactions{RoomID: a.RoomID, Position: a.Position}.Path()
}

// EditForm changes a message (messages/_edit).
type EditForm struct {
	RoomID   string
	Position int64
	Body     string
	Errors   Errors
}

// MembersPage is GET /rooms/{id}/members: the people.
type MembersPage struct {
	Page
	Header     RoomHeader
	People     []Person
	More       string
	Candidates []Person // people to add, found by Query
	Query      string
	AddErrors  Errors // of the form that adds a person
	MayAdd     bool   // people may be added
	MayRemove  bool   // the viewer may put people out
}

// SettingsPage is GET /rooms/{id}/settings: what concerns the room itself.
type SettingsPage struct {
	Page
	Header    RoomHeader
	ShortID   string // the first 8 characters of the id
	Creator   string // display name
	Created   Time
	Rename    RoomForm
	MayRename bool
	MayDecide bool // the viewer decides who may do what
	// MembersMayRename: every member may change the name.
	MembersMayRename bool
	HidesReads       bool // nobody sees who has read what
	MayInvite        bool
	MayArchive       bool
	Invites          []InviteItem
	MoreInvites      string // address of the next page of links; empty on the last
	Invite           InviteForm
	Live             string // address of the live log without JavaScript
	Curl             string // the line that reads this room from a terminal
}

// LivePage is the beginning and the end of the live log (GET /rooms/{id}/live), templates
// rooms/live-head and rooms/live-tail.
type LivePage struct {
	Page
	Title    string          // of the room
	Messages []template.HTML // Renderer.LogEntry of the newest ones
	Room     string          // address of the room page
	Again    string          // address that continues, for the tail
	// Refreshes tells, in the tail, that the browser has too many live logs open, and that this
	// one is loaded again every few seconds.
	Refreshes bool
}
