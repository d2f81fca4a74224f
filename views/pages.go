package views

import (
	"html/template"
	"time"

	"sarangbang/db"
)

// Page is what every page needs. Handlers fill it in one place.
type Page struct {
	// Title is the page's own, already translated; the layout adds the name of the house and the count of unread messages.
	Title    string
	Viewer   *db.User // nil when signed out
	Language string   // "ko" or "en"
	Zone     *time.Location
	// Path is this page's address, for coming back after choosing a language.
	Path string
	// Flash is a sentence about what was just done, translated; usually empty.
	Flash string
	// Nonce allows the one style element of the layout under the Content-Security-Policy.
	Nonce string
	// Stream is the address of the page's one live stream (#stream in the layout); empty when signed out.
	Stream string
	// Rooms are the viewer's, for the list beside every page of a signed-in viewer (#my-rooms).
	Rooms RoomList
}

// RoomList is the list of my rooms (#my-rooms), on pages and in streams.
type RoomList struct {
	Rooms []RoomItem
	// Unread is the sum over all, each at most db.UnreadBound.
	Unread int
}

// RoomItem is one room in a list.
type RoomItem struct {
	ID      string
	ShortID string // the first 8 characters
	Title   string
	Kind    db.Kind
	Unread  string // "", "3", "99+"
	Newest  string // newest message in a line, "지민: 안녕하세요"; empty when there is none
	Active  Time   // newest message or creation
	Current bool   // it is the one the page shows
	Photo   string // address of the other's photo in a direct room; empty otherwise
}

// Time is an instant ready to be shown in an audience's zone and language.
type Time struct {
	Datetime string // RFC 3339 in UTC, for <time datetime>
	Clock    string // "오전 10:02", "10:02 AM"
	Short    string // clock when today, else the date: for lists
	Full     string // date and time in words: for titles
}

// Errors holds a translated sentence for each field that cannot be accepted, by the field's name; "" is the form as a whole.
type Errors map[string]string

// Person is somebody in a list.
type Person struct {
	ID          int64
	Name        string
	DisplayName string
	Bio         string
	Photo       string // address
	Self        bool
	Deactivated bool
}

// HomePage is GET /.
type HomePage struct {
	Page
	Open   []RoomItem // open rooms to join
	People []Person
	Create RoomForm
	// Welcome is the first invitation link, shown once after the first sign-up; nil otherwise.
	Welcome *InviteItem
}

// RoomForm makes or renames a room.
type RoomForm struct {
	Title, Kind string
	Errors      Errors
}

// SignUpPage is /signup, and /join/{code} for somebody signed out.
type SignUpPage struct {
	Page
	// First: nobody has signed up yet, this makes the administrator. Refused: registration needs an invitation or is closed; no form.
	First, Refused                  bool
	Name, DisplayName, Zone, Invite string
	// InvitedBy and Room say whose link it is and where it leads; empty without.
	InvitedBy, Room string
	// Next is /join/CODE for signing in instead; empty without an invitation.
	Next   string
	Errors Errors
}

// LogInPage is /login.
type LogInPage struct {
	Page
	Name, Next string
	Remember   bool
	Errors     Errors
}

// ProfilePage is /profile.
type ProfilePage struct {
	Page
	DisplayName, Bio, Language, Zone string // Language and Zone shadow Page's: what the form holds
	Zones                            []string
	Photo                            string
	HasPhoto                         bool
	Errors                           Errors
}

// UsersPage is GET /users.
type UsersPage struct {
	Page
	Query  string
	People []Person
	More   string // address of the next page; empty at the end
}

// UserPage is GET /users/{id}.
type UserPage struct {
	Page
	Person Person
	Joined Time
	// MayDeactivate: the viewer is an administrator looking at somebody else.
	MayDeactivate bool
}

// RoomsPage is GET /rooms: my rooms with the form that makes one.
type RoomsPage struct {
	Page
	Create RoomForm
}

// RoomHeader is a room's title line (#room-header), on the page and in streams.
type RoomHeader struct {
	ID      string
	Title   string
	Kind    db.Kind
	Members int // 0: not shown
	Photo   string
}

// Log is a stretch of messages with its links to more.
type Log struct {
	RoomID   string
	Messages []LogMessage
	Older    string // address of older messages; empty at the beginning
	Newer    string // address of newer messages; empty at the end
}

// LogMessage is a rendered message (Renderer.Message) and what only this page knows about it.
type LogMessage struct {
	HTML template.HTML
	// FirstUnread puts the "new since your last visit" line before it.
	FirstUnread bool
}

// RoomPage is GET /rooms/{id}.
type RoomPage struct {
	Page
	Header RoomHeader
	Log    Log
	// Live is the address of the live log without JavaScript.
	Live         string
	Composer     Composer
	Curl         string // the line that reads this room from a terminal
	LastPosition int64  // read up to here once the page has been seen
	Unread       string // what was unread when the page was made
	// Mark is the position to show and mark (GET /rooms/{id}?around=17); 0: the newest.
	Mark int64
}

// Composer is the form for a new message (#composer).
type Composer struct {
	RoomID string
	Body   string
	Key    string // fresh idempotency key for a browser without JavaScript
	Read   int64  // newest position on the page: sending means having seen it
	Errors Errors
}

// HistoryPage is GET /rooms/{id}/messages as a page.
type HistoryPage struct {
	Page
	Header RoomHeader
	Log    Log
}

// MessagePage is GET /rooms/{id}/messages/{position} as a page: the permalink, with what the viewer may do.
type MessagePage struct {
	Page
	Header  RoomHeader
	Message template.HTML
	Actions Actions
	Edit    EditForm
	Context string // address of the room around it
}

// Actions is what a viewer may do with a message (messages/_actions).
type Actions struct {
	RoomID             string
	Position           int64
	Permalink          string // absolute
	Context            string // address of the room page around it
	MayEdit, MayDelete bool
}

// EditForm changes a message (messages/_edit).
type EditForm struct {
	RoomID   string
	Position int64
	Body     string
	Errors   Errors
}

// MembersPage is GET /rooms/{id}/members: the people, the title, invitations, leaving.
type MembersPage struct {
	Page
	Header     RoomHeader
	People     []Person
	More       string
	Candidates []Person // people to add, found by Query
	Query      string
	Rename     RoomForm
	AddErrors  Errors // of the form that adds a person
	MayRemove  bool   // the viewer may put people out
	Invites    []InviteItem
	Invite     InviteForm
}

// InviteForm makes an invitation link.
type InviteForm struct {
	RoomID             string // empty: to the service
	ExpiresIn, MaxUses string // as typed; ExpiresIn in seconds
	Errors             Errors
}

// InviteItem is a link that works.
type InviteItem struct {
	Code    string
	URL     string // absolute
	QR      template.HTML
	Room    string // title; empty: to the service
	Uses    string // "3", "3 / 10"
	Expires Time   // zero: never
	Creator string
}

// InvitesPage is GET /invites.
type InvitesPage struct {
	Page
	Invites []InviteItem
	Form    InviteForm
	// MayInvite: the viewer may make links to the service.
	MayInvite bool
}

// JoinPage is GET /join/{code} for somebody signed in, with the button that joins.
type JoinPage struct {
	Page
	Code, Room, InvitedBy string
}

// TokensPage is GET /tokens.
type TokensPage struct {
	Page
	Tokens []TokenItem
	// Secret is the token just made, shown this once.
	Secret   string
	NewTitle string // the form's title field
	Curl     string // a line that uses it
	Errors   Errors
}

// TokenItem is one personal access token.
type TokenItem struct {
	ID       int64
	Title    string
	Created  Time
	LastUsed Time // zero: never
}

// ErrorPage tells what went wrong.
type ErrorPage struct {
	Page
	Status    int
	Text      string // a sentence for people
	RequestID string
}

// LivePage frames the live log (GET /rooms/{id}/live): rendered in two parts, rooms/live-head and rooms/live-tail.
type LivePage struct {
	Page
	Header   RoomHeader
	Messages []template.HTML // Renderer.LogEntry of the newest ones
	Room     string          // address of the room page
	Again    string          // address that continues, for the tail
}
