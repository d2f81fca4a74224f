package views

import (
	"html/template"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/internal/emoji"
)

var (
	seoul   = zone("Asia/Seoul")
	newYork = zone("America/New_York")
	morning = time.Date(2026, time.November, 23, 1, 2, 0, 0, time.UTC) // 10:02 in Seoul, 20:02 the day before in New York
	roomID  = uuid.MustParse("5b1c9a0e-7f31-4c58-9a50-0d4f0b6f3c11")
)

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

func newRenderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := New("test-nonce", "")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func jimin() *db.User {
	return &db.User{ID: 3, Name: "Jimin", DisplayName: "지민", Version: 7, Role: db.RoleAdministrator, Language: "ko", TimeZone: "Asia/Seoul"}
}

// said is message 17, posted this morning an hour after the one before it.
func said(body string) *db.Message {
	before := morning.Add(-time.Hour)
	return &db.Message{
		RoomID: roomID, Position: 17, Revision: 42, AuthorID: 3, Author: jimin(), Body: body, PostedAt: morning, PreviousAt: &before,
	}
}

// sample is a template with data for it, as rich as it gets.
type sample struct {
	name string
	data any
}

func samplePage(language string) Page {
	return Page{
		Title: "Title", Viewer: jimin(), Language: language, Zone: seoul, Path: "/path", Flash: "Flash", Stream: "/stream", Activity: 3,
		Rooms: RoomList{Unread: 5, Order: db.OrderByUnread, Favourite: sampleEntry, Direct: sampleEntry, Other: sampleEntry},
	}
}

const sampleEntry = `<li class="unread"><a href="/rooms/a">Room</a></li>`

func sampleRooms(language string) []RoomItem {
	at := At(Locale{language, seoul}, morning, morning)
	return []RoomItem{
		{ID: "a", ShortID: "aaaaaaaa", Title: "Room", Kind: db.KindOpen, Unread: "3", Counted: counted(3, 1), Count: count(language, 3, 1), Newest: "Newest", Active: at, Current: true},
		{ID: "b", ShortID: "bbbbbbbb", Title: "Room", Kind: db.KindPrivate, Active: at},
		{ID: "c", ShortID: "cccccccc", Title: "Room", Kind: db.KindDirect, Active: at, Photo: "/users/4/photo?v=1"},
	}
}

func samplePeople() []Person {
	return []Person{
		{ID: 3, Name: "jimin", DisplayName: "Display", Bio: "Bio", Photo: "/users/3/photo?v=1", Self: true, Online: true},
		{ID: 4, Name: "alice", DisplayName: "Display", Photo: "/users/4/photo?v=1"},
		{ID: 5, Name: "gone", DisplayName: "Display", Photo: "/users/5/photo?v=1", Deactivated: true},
	}
}

func sampleErrors(fields ...string) Errors {
	e := Errors{"": "Form"}
	for _, field := range fields {
		e[field] = "Field"
	}
	return e
}

// samples execute every page and partial, with everything that can be shown.
func samples(r *Renderer, language string) []sample {
	out := accountSamples(language)
	out = append(out, roomSamples(r, language)...)
	out = append(out, messageSamples(r, language)...)
	return append(out, otherSamples(language)...)
}

func accountSamples(language string) []sample {
	page, at := samplePage(language), At(Locale{language, seoul}, morning, morning)
	guest := page
	guest.Viewer = nil
	return []sample{
		{"accounts/signup", SignUpPage{Page: guest, First: true}},
		{"accounts/signup", SignUpPage{
			Page: guest, First: true, AsksSetupCode: true, SetupCode: "Code", Errors: sampleErrors("setup_code"),
		}},
		{"accounts/recover", RecoverPage{Page: guest, Name: "name", Action: "/action", DeleteTokens: true}},
		{"accounts/signup", SignUpPage{Page: guest, Refused: true}},
		{"accounts/signup", SignUpPage{Page: guest, InvitedBy: "Inviter"}},
		{"accounts/signup", SignUpPage{
			Page: guest, Name: "Name", DisplayName: "Display", Zone: "Zone", Invite: "Invite", InvitedBy: "Inviter", Room: "Room",
			Next: "/join/x", Errors: sampleErrors("name", "display_name", "password"),
		}},
		{"accounts/login", LogInPage{Page: guest, Name: "Name", Next: "/next", Remember: true, Errors: sampleErrors("name", "password")}},
		{"profile/show", ProfilePage{
			Page: page, DisplayName: "Display", Bio: "Bio", Language: language, Zone: "Mars/Olympus", Zones: []string{"Asia/Seoul"},
			Photo: "/users/3/photo?v=1", HasPhoto: true,
			Errors: sampleErrors("photo", "display_name", "bio", "language", "time_zone", "current_password", "new_password"),
		}},
		{"users/index", UsersPage{Page: page, Query: "Query", People: samplePeople(), More: "/users?after=5"}},
		{"users/index", UsersPage{Page: page}},
		{"users/show", UserPage{Page: page, Person: samplePeople()[0], Joined: at}},
		{"users/show", UserPage{
			Page: page, Person: samplePeople()[1], Joined: at, MayDeactivate: true, MayManage: true, Administrator: true, RecoveryLink: "https://example.com/link",
		}},
		{"users/show", UserPage{Page: page, Person: samplePeople()[2], Joined: at, MayDeactivate: true}},
	}
}

func sampleHeader() RoomHeader {
	return RoomHeader{ID: roomID.String(), Title: "Room", Kind: db.KindOpen, Members: 4}
}

func roomSamples(r *Renderer, language string) []sample {
	page, l := samplePage(language), Locale{language, seoul}
	private, direct, gone := sampleHeader(), sampleHeader(), sampleHeader()
	private.Kind, private.Members = db.KindPrivate, 0
	direct.Kind, direct.Photo, direct.Other, direct.OtherSeen = db.KindDirect, "/users/4/photo?v=1", 4, At(l, morning, morning)
	gone.Kind, gone.Other, gone.OtherDeactivated = db.KindDirect, 4, true
	room := RoomPage{
		Page: page, Header: sampleHeader(), Log: sampleLog(r, l), Live: "/live", LastPosition: 17, Moderates: true, Unread: 3, UnreadAbove: true,
		Composer: Composer{RoomID: roomID.String(), Body: "Body", Key: "Key", Read: 17, Errors: sampleErrors("body")},
	}
	newest := room
	newest.Log.Newer, newest.UnreadAbove = "", false
	entry := r.LogEntry(l, said("Body"))
	members := MembersPage{
		Page: page, Header: sampleHeader(), People: samplePeople(), More: "/more", Candidates: samplePeople(), Query: "Query",
		AddErrors: sampleErrors("user"), MayAdd: true, MayRemove: true,
	}
	settings := SettingsPage{
		Page: page, Header: sampleHeader(), ShortID: "12345678", Creator: "Creator", Created: At(l, morning, morning), Curl: "curl", Live: "/live",
		Rename: RoomForm{Title: "Room", Errors: sampleErrors("title")}, MayRename: true, MayInvite: true, MayArchive: true,
		Invites: sampleInvites(language), Invite: InviteForm{RoomID: roomID.String(), Errors: sampleErrors("expires_in", "max_uses")},
	}
	archived := settings
	archived.Header.Kind, archived.Header.Archived = db.KindPrivate, true
	nobody := members
	nobody.Candidates = nil
	live := LivePage{Page: page, Title: "Room", Messages: []template.HTML{entry}, Room: "/rooms/x", Again: "/again"}
	return []sample{
		{"home", HomePage{Page: page, Mine: sampleRooms(language), Open: sampleRooms(language), People: samplePeople(), Welcome: &sampleInvites(language)[0]}},
		{"home", HomePage{Page: Page{Title: "Title", Viewer: jimin(), Language: language}}},
		{"rooms/index", RoomsPage{Page: page, Query: "Query", Mine: sampleRooms(language), More: "/rooms?after=1", Open: sampleRooms(language), MoreOpen: "/rooms/open?after=1"}},
		{"rooms/index", RoomsPage{Page: page}},
		{"rooms/new", NewRoomPage{Page: page, Create: RoomForm{Title: "Room", Kind: "private", Errors: sampleErrors("title", "kind")}}},
		{"rooms/open", OpenRoomsPage{Page: page, Query: "Query", Open: sampleRooms(language), More: "/rooms/open?after=1"}},
		{"rooms/open", OpenRoomsPage{Page: page, Query: "Query"}},
		{"rooms/open", OpenRoomsPage{Page: page}},
		{"rooms/conversation", ConversationPage{Page: page, Query: "Query", Chosen: samplePeople(), People: samplePeople(), More: true, Errors: sampleErrors("user")}},
		{"rooms/conversation", ConversationPage{Page: page}},
		{"rooms/show", room},
		{"rooms/show", newest},
		{"rooms/show", RoomPage{Page: page, Header: direct, Composer: Composer{RoomID: roomID.String()}}},
		{"rooms/_header", private},
		{"rooms/_header", direct},
		{"rooms/_header", gone},
		{"rooms/show", RoomPage{Page: page, Header: gone, Composer: Composer{RoomID: roomID.String()}}},
		{"rooms/_rooms", page.Rooms},
		{"rooms/_side", page.Rooms},
		{"rooms/_side", RoomList{}},
		{"rooms/_order", db.OrderByUnread},
		{"rooms/_room", sampleRooms(language)[0]},
		{"rooms/_room", sampleRooms(language)[2]},
		{"rooms/_online-count", People{Count: 2, Members: 3}},
		{"rooms/_online", []Person{{ID: 3, DisplayName: "지민", Photo: "/users/3/photo?v=1"}}},
		{"rooms/_typing", []Person{{ID: 3, DisplayName: "지민"}, {ID: 4, DisplayName: "보람"}}},
		{"rooms/members", members},
		{"rooms/members", nobody},
		{"rooms/members", MembersPage{Page: page, Header: direct, People: samplePeople()}},
		{"rooms/settings", settings},
		{"rooms/settings", archived},
		{"rooms/preview", PreviewPage{Page: page, ID: settings.Header.ID, Members: 2, People: []Person{{ID: 1, DisplayName: "지민"}}, Messages: []Quote{{AuthorName: "지민", Body: "<p>안녕</p>"}}}},
		{"rooms/preview", PreviewPage{Page: page, ID: settings.Header.ID, Members: 1}},
		{"rooms/settings", SettingsPage{Page: page, Header: direct}},
		{"rooms/_archived", []RoomItem{{ID: roomID.String(), ShortID: "12345678", Title: "Room", Kind: db.KindOpen, MayRestore: true}}},
		{"rooms/live-head", live},
		{"rooms/live-tail", live},
	}
}

func sampleInvites(language string) []InviteItem {
	return []InviteItem{
		{Code: "code", URL: "https://example.com/join/code", QR: "/invites/code/qr.svg", Uses: "3", Creator: "Creator"},
		{Code: "other", URL: "https://example.com/join/other", Room: "Room", Uses: "3 / 10", Expires: At(Locale{language, seoul}, morning, morning), Creator: "Creator"},
	}
}

func otherSamples(language string) []sample {
	page, at := samplePage(language), At(Locale{language, seoul}, morning, morning)
	return []sample{
		{"invites/index", InvitesPage{Page: page, Invites: sampleInvites(language), MayInvite: true, Form: InviteForm{ExpiresIn: "86400", MaxUses: "10", Errors: sampleErrors("expires_in", "max_uses")}}},
		{"invites/index", InvitesPage{Page: page}},
		{"activity/index", ActivityPage{Page: page, More: "/more", Activities: []ActivityItem{
			{Text: "Text", Photo: "/users/4/photo?v=1", Summary: "Summary", Room: "Room", Path: "/path", At: at, Unseen: true},
			{Text: "Text", Photo: "/users/4/photo?v=1", Summary: "Summary", Room: "Room", Path: "/path", At: at},
		}}},
		{"activity/index", ActivityPage{Page: page}},
		{"invites/join", JoinPage{Page: page, Code: "code", Room: "Room", InvitedBy: "Inviter"}},
		{"invites/join", JoinPage{Page: page, Code: "code", InvitedBy: "Inviter"}},
		{"tokens/index", TokensPage{
			Page: page, Secret: "Secret", NewTitle: "Title", Curl: "curl", Errors: sampleErrors("title"),
			Tokens: []TokenItem{{ID: 1, Title: "Token", Created: at, LastUsed: at}, {ID: 2, Title: "Token", Created: at}},
		}},
		{"tokens/index", TokensPage{Page: page}},
		{"errors/show", ErrorPage{Page: page, Status: 429, Text: "Text", Again: sampleAgain()}},
		{"errors/show", ErrorPage{Page: page, Status: 404, Text: "Text", RequestID: "Request"}},
		{"errors/_error", ErrorPage{Status: 409, Text: "Text", RequestID: "Request"}},
	}
}

func sampleReactions(language, query string, group emoji.Group) Reactions {
	r := Reactions{RoomID: roomID.String(), Position: 17, MayReact: true, Query: query, Group: group, Given: []ReactionGroup{
		{EmojiItem: NameEmoji(language, "👍"), Mine: true, People: []Person{{ID: 3, DisplayName: "지민"}}, Others: 12},
		{EmojiItem: NameEmoji(language, "❤️"), People: []Person{{ID: 3, DisplayName: "지민"}}},
	}}
	if group != "" {
		r.Found = EmojiItems(language, emoji.In(group))
	} else {
		r.Found = EmojiItems(language, emoji.Find(query, 10))
	}
	return r
}

func sampleAgain() *FormAgain {
	again := &FormAgain{Action: "/rooms/x/messages"}
	again.Add("body", "안녕")
	again.Add("key", "page-1")
	again.Add("password", "secret")
	return again
}
