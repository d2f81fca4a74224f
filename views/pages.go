package views

import (
	"html/template"
	"time"

	"sarangbang/db"
)

// Page is the data of every page; handlers fill it in one place.
type Page struct {
	// Title is the page's own, translated; the layout adds the name of the service and the number
	// of unread messages.
	Title    string
	Viewer   *db.User // nil when signed out
	Refused  bool     // a form is shown again, with what is wrong
	Language string   // "ko" or "en"
	Theme    string   // "system", "light" or "dark"
	Zone     *time.Location
	// Path is this page's address, to return to after a change of language.
	Path string
	// Flash is a sentence about what was just done, translated; usually empty.
	Flash string
	// Stream is the address of the page's one live stream (#stream in the layout); empty when
	// signed out.
	Stream string
	// Activity is how much concerns the viewer that the viewer has not seen, at most
	// db.UnreadBound.
	Activity int
	// Rooms are the viewer's, for the list beside every page of a signed-in viewer (#my-rooms).
	Rooms RoomList
}

// RoomList is the list of my rooms (#my-rooms), on pages and in streams.
type RoomList struct {
	// Favourite, Direct and Other are the sections, each of entries one after the other.
	Favourite, Direct, Other template.HTML
	Order                    db.RoomOrder // empty: by activity
	// Unread and Mentions are the sums over all rooms, each at most db.UnreadBound.
	Unread, Mentions int
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
	// Revision and ActiveMillis (since 1970) are those of the room, for scripts.
	Revision, ActiveMillis int64
	// Counted are the attributes of an entry that depend on the counts, and Count what it shows of
	// them.
	Counted   template.HTMLAttr
	Count     template.HTML
	Favourite bool
	Current   bool   // it is the one the page shows
	Photo     string // address of the other's photo in a direct room; empty otherwise
	// MayRestore: the room is archived, and the viewer may restore it.
	MayRestore bool
}

// Time is an instant in an audience's zone and language; At makes it.
type Time struct {
	Datetime string // RFC 3339 in UTC, for <time datetime>
	Clock    string // "오전 10:02", "10:02 AM"
	Short    string // clock when today, else the date: for lists
	Full     string // date and time in words: for titles
}

// Errors holds a translated sentence for each field that is refused, by the field's name; "" stands
// for the whole form.
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
	Online      bool // has a stream open; known on the page of a room's members
}

// HomePage is GET /.
type HomePage struct {
	Page
	Mine   []RoomItem // the first of my rooms
	Open   []RoomItem // open rooms to join
	People []Person
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
	// First: nobody has signed up yet, and the first becomes administrator. Refused: an invitation
	// is needed, or registration is closed; there is no form. Closed: an invitation does not help
	// either.
	First, Refused, Closed          bool
	Name, DisplayName, Zone, Invite string
	// AsksSetupCode: the first account needs the code that the program has printed.
	AsksSetupCode bool
	SetupCode     string
	// InvitedBy and Room are the creator of the invitation and the room it leads to; empty without
	// one.
	InvitedBy, Room string
	// Next is /join/CODE, for the link to sign in instead; empty without an invitation.
	Next     string
	Remember bool
	Errors   Errors
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
	Reads                            string // "shown" or "hidden": what the person has read
	Zones                            []string
	Photo                            string
	HasPhoto                         bool
	Errors                           Errors
}

// RecoverPage is /recover/{code}.
type RecoverPage struct {
	Page
	Name         string // of the account
	Action       string // where the form goes
	DeleteTokens bool
	Errors       Errors
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
	// MayManage: the viewer is an administrator, who may change the role and make a recovery link.
	MayManage     bool
	Administrator bool   // the person
	RecoveryLink  string // the link just made, shown this once
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
	QR      string // address of the QR code
	Local   bool   // only this machine can open it; there is no QR code
	ShowQR  bool   // unfolded from the start
	Room    string // title; empty: to the service
	Uses    string // "3", "3 / 10"
	Expires Time   // zero: never
	Creator string
	Next    string // address of the page to return to after revoking it; empty: /invites
}

// InvitesPage is GET /invites.
type InvitesPage struct {
	Page
	Invites []InviteItem
	More    string // address of the next page; empty on the last
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

// ErrorPage is the page of every error.
type ErrorPage struct {
	Page
	Status    int
	Text      string // a sentence for people
	RequestID string
	Again     *FormAgain // nil: there is none
}
