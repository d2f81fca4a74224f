package handlers

import (
	"bytes"
	"encoding/json"
	"html/template"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

// The shapes here are all JSON that programs get, in answers and in streams (docs/design.md, "The
// contract"). Times are RFC 3339 in UTC; a list is an array, never null.

// userShape is a user as everybody may see it.
type userShape struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	PhotoURL    string `json:"photo_url"`
}

func userJSON(r *views.Renderer, u *db.User) userShape {
	return userShape{ID: u.ID, Name: u.Name, DisplayName: u.DisplayName, PhotoURL: r.Address(views.PhotoPath(u))}
}

// onlineShape is the data of live.EventOnline.
type onlineShape struct {
	Count   int         `json:"count"`
	Members int         `json:"members"` // of the room, online or not
	People  []userShape `json:"people"`  // some of them, where there are many
}

// typingShape is the data of live.EventTyping.
type typingShape struct {
	People []userShape `json:"people"`
}

func usersJSON(r *views.Renderer, users []*db.User) []userShape {
	out := make([]userShape, 0, len(users))
	for _, u := range users {
		out = append(out, userJSON(r, u))
	}
	return out
}

// roomShape is a room as a member sees it, and without Unread the data of live.EventRoom.
type roomShape struct {
	ID           uuid.UUID `json:"id"`
	Title        string    `json:"title"`
	Kind         db.Kind   `json:"kind"`
	CreatedAt    time.Time `json:"created_at"`
	Unread       *int      `json:"unread"`   // null in streams of a room and for rooms to join
	Mentions     *int      `json:"mentions"` // how many of the unread messages mention the viewer; null as Unread
	LastPosition int64     `json:"last_position"`
	Revision     int64     `json:"revision"`
	Favourite    *bool     `json:"favourite,omitempty"` // where Unread is a number
	Archived     bool      `json:"archived,omitempty"`
}

// goneShape is a room in the data of live.EventUnread that the viewer has left, or that was
// archived.
type goneShape struct {
	ID   uuid.UUID `json:"id"`
	Gone bool      `json:"gone"`
}

// plainRoomJSON returns a room as it is for everybody: without Unread, and a direct one without
// title.
func plainRoomJSON(r *db.Room) roomShape {
	return roomShape{
		ID: r.ID, Title: r.Title, Kind: r.Kind, CreatedAt: r.CreatedAt.UTC(),
		LastPosition: r.LastPosition, Revision: r.Revision, Archived: r.ArchivedAt != nil,
	}
}

func roomJSON(r *db.RoomView) roomShape {
	shape := plainRoomJSON(&r.Room)
	shape.Title, shape.Unread, shape.Mentions, shape.Favourite = r.Title, &r.Unread, &r.Mentions, &r.Favourite
	return shape
}

func roomsJSON(rooms []*db.RoomView) []roomShape {
	out := make([]roomShape, 0, len(rooms))
	for _, r := range rooms {
		out = append(out, roomJSON(r))
	}
	return out
}

func openRoomsJSON(rooms []*db.Room) []roomShape {
	out := make([]roomShape, 0, len(rooms))
	for _, r := range rooms {
		out = append(out, plainRoomJSON(r))
	}
	return out
}

// messageShape is a message; a deleted one has neither Body nor HTML.
type messageShape struct {
	RoomID   uuid.UUID      `json:"room_id"`
	Position int64          `json:"position"`
	Revision int64          `json:"revision"`
	Author   userShape      `json:"author"`
	Kind     db.MessageKind `json:"kind"`
	Event    *db.Event      `json:"event,omitempty"` // what happened to the room, for kind "event", which has no body
	Body     string         `json:"body"`
	HTML     string         `json:"html"`
	PostedAt time.Time      `json:"posted_at"`
	EditedAt *time.Time     `json:"edited_at"`
	Deleted  bool           `json:"deleted"`
	// DeletedBy is the id of the user who deleted it, where that was not its author.
	DeletedBy *int64          `json:"deleted_by,omitempty"`
	ReplyTo   *answeredShape  `json:"reply_to"` // what it answers; null: nothing
	Mentions  []int64         `json:"mentions"` // ids of users
	Reactions []reactionShape `json:"reactions"`
	Files     []fileShape     `json:"files"`
	Pinned    bool            `json:"pinned"`
	// ForwardedFrom is under which name somebody wrote it in another room.
	ForwardedFrom string  `json:"forwarded_from,omitempty"`
	Key           *string `json:"key"` // the author's idempotency key
}

// markShape is how far a member of a room has read.
type markShape struct {
	User     int64 `json:"user"`
	Position int64 `json:"position"`
}

// answeredShape is a message that another one answers, as it is at present.
type answeredShape struct {
	Position int64     `json:"position"`
	Author   userShape `json:"author"`
	Summary  string    `json:"summary"` // one line of its text; empty once deleted
}

func answeredJSON(r *views.Renderer, m *db.Message) *answeredShape {
	if m.Quoted == nil {
		return nil
	}
	return &answeredShape{Position: m.Quoted.Position, Author: userJSON(r, m.Quoted.Author), Summary: views.SummaryOf(m.Quoted.Excerpt, m.Quoted.Files)}
}

// reactionShape is the reactions to a message with one emoji.
type reactionShape struct {
	Emoji string  `json:"emoji"`
	Count int     `json:"count"`
	Users []int64 `json:"users"` // ids of the first 100 who reacted
}

func reactionsJSON(m *db.Message) []reactionShape {
	all := []reactionShape{}
	for _, r := range m.Reactions.All() {
		all = append(all, reactionShape(r))
	}
	return all
}

// messageJSON returns a message as a messageShape. The bytes are cached, and are the same in
// answers and in streams; they must not be changed.
func messageJSON(r *views.Renderer, m *db.Message) json.RawMessage {
	return json.RawMessage(r.JSON(m, encodeMessage))
}

func messagesJSON(r *views.Renderer, messages []*db.Message) json.RawMessage {
	list := []byte("[")
	for i, m := range messages {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, r.JSON(m, encodeMessage)...)
	}
	return append(list, ']')
}

func encodeMessage(r *views.Renderer, m *db.Message, html template.HTML) string {
	mentions := []int64{}
	if m.Mentions != nil {
		mentions = append(mentions, m.Mentions.All()...)
	}
	body := m.Body
	if m.Kind == db.MessageEvent {
		body = ""
	}
	b, err := encodeJSON(messageShape{
		RoomID: m.RoomID, Position: m.Position, Revision: m.Revision, Author: userJSON(r, m.Author),
		Kind: m.Kind, Event: m.Event(), Body: body, HTML: string(html),
		PostedAt: m.PostedAt.UTC(), EditedAt: m.EditedAt, Deleted: m.DeletedAt != nil, DeletedBy: m.DeletedBy,
		ReplyTo: answeredJSON(r, m), Mentions: mentions,
		Reactions: reactionsJSON(m), Files: filesJSON(r, m), Pinned: m.PinnedAt != nil, ForwardedFrom: m.ForwardedFrom, Key: m.Key,
	})
	if err != nil {
		panic(err) // only times beyond the year 9999 have no JSON form, and those are not stored
	}
	return string(b)
}

// encodeJSON returns a shape as JSON in one line. < and > are not escaped: programs read it, and
// people at a terminal, but no browser as a page.
func encodeJSON(shape any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(shape)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// roomPageShape is the answer to GET /rooms/{id}. A stream opened after Revision misses nothing.
type roomPageShape struct {
	Room     roomShape       `json:"room"`
	Messages json.RawMessage `json:"messages"`
	Revision int64           `json:"revision"`
}

// homeShape is the answer to GET /: the first page of each list.
type homeShape struct {
	Rooms  []roomShape `json:"rooms"`
	Open   []roomShape `json:"open"`
	People []userShape `json:"people"`
}

// inviteShape is an invitation link.
type inviteShape struct {
	Code      string     `json:"code"`
	URL       string     `json:"url"`
	RoomID    *uuid.UUID `json:"room_id"` // null: to the service
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"` // null: never
	MaxUses   *int64     `json:"max_uses"`   // null: any number
	Uses      int64      `json:"uses"`
}

// tokenShape is an access token.
type tokenShape struct {
	ID         int64      `json:"id"`
	Title      string     `json:"title"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	Token      string     `json:"token,omitempty"` // the secret, in the answer that creates it alone
}

func tokenJSON(t *db.Token, secret string) tokenShape {
	return tokenShape{ID: t.ID, Title: t.Title, CreatedAt: t.CreatedAt.UTC(), LastUsedAt: t.LastUsedAt, Token: secret}
}

// recoveryShape is a new recovery link.
type recoveryShape struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

func tokensJSON(tokens []*db.Token) []tokenShape {
	out := make([]tokenShape, 0, len(tokens))
	for _, t := range tokens {
		out = append(out, tokenJSON(t, ""))
	}
	return out
}

// errorShape is every answer that is an error.
type errorShape struct {
	Error errorBody `json:"error"`
}

type errorBody struct {
	Code      string       `json:"code"`    // for programs, such as "not_found"
	Message   string       `json:"message"` // for people, translated
	Fields    views.Errors `json:"fields,omitempty"`
	RequestID string       `json:"request_id"`
}

// errorJSON returns an error in a language. It moves the sentence about the whole form from fields
// to the message.
func errorJSON(c *gin.Context, lang string, p *problem, fields views.Errors) errorShape {
	body := errorBody{Code: p.code, Message: views.Text(lang, p.text, p.args...), Fields: fields, RequestID: requestID(c)}
	if whole, ok := fields[""]; ok {
		body.Message = whole
		delete(fields, "")
	}
	return errorShape{body}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
