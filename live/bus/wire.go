package bus

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"sarangbang/db"
)

// On the wire letters are JSON, which PostgreSQL carries as it is and people can read: {"p":process,"v":form,"t":microseconds,"l":[letter …]}.
// A process of another version leaves out what it does not know. The structs below have the very fields of those of db, in their
// order, so that Go converts one into the other, and refuses to compile where a field has been forgotten.

// form is raised when message, user or room below change: while processes of two versions run, each reads from the database what the
// other one's letters would tell only in part.
const form = 1

type envelope struct {
	Process   string   `json:"p"`
	Form      int      `json:"v"`
	Published int64    `json:"t"`
	Letters   []letter `json:"l"`
}

type letter struct {
	Notice   *notice   `json:"n,omitempty"`
	Presence *Presence `json:"on,omitempty"`
	Typing   *Typing   `json:"ty,omitempty"`
	Lost     bool      `json:"lost,omitempty"`
}

type notice struct {
	Room     uuid.UUID `json:"r,omitzero"`
	Revision int64     `json:"v,omitzero"`
	Message  *message  `json:"m,omitempty"`
	Author   *user     `json:"a,omitempty"` // of Message
	Changed  *room     `json:"c,omitempty"`
	Users    []int64   `json:"u,omitempty"`
	Ended    []right   `json:"e,omitempty"`
}

type message struct {
	bun.BaseModel `json:"-"`
	RoomID        uuid.UUID  `json:"-"` // that of the notice
	Position      int64      `json:"p"`
	Revision      int64      `json:"-"` // that of the notice
	AuthorID      int64      `json:"a"`
	Author        *db.User   `json:"-"`
	Body          string     `json:"b,omitzero"`
	PostedAt      time.Time  `json:"at"`
	EditedAt      *time.Time `json:"e,omitempty"`
	DeletedAt     *time.Time `json:"d,omitempty"`
	Key           *string    `json:"k,omitempty"`
	Continues     bool       `json:"c,omitzero"`
	PreviousAt    *time.Time `json:"pr,omitempty"`
}

type user struct {
	bun.BaseModel `json:"-"`
	ID            int64      `json:"i"`
	Name          string     `json:"n"`
	NameKey       string     `json:"nk,omitzero"`
	DisplayName   string     `json:"d"`
	Bio           string     `json:"-"` // long, and no part of a message
	Language      string     `json:"l,omitzero"`
	TimeZone      string     `json:"z,omitzero"`
	Role          db.Role    `json:"r,omitzero"`
	PasswordHash  string     `json:"-"` // never leaves the process
	Epoch         int64      `json:"e,omitzero"`
	Version       int64      `json:"v,omitzero"`
	PhotoVersion  string     `json:"ph,omitzero"`
	CreatedAt     time.Time  `json:"c"`
	DeactivatedAt *time.Time `json:"x,omitempty"`
}

type room struct {
	bun.BaseModel `json:"-"`
	ID            uuid.UUID `json:"i"`
	Title         string    `json:"t,omitzero"`
	Kind          db.Kind   `json:"k"`
	DirectKey     *string   `json:"d,omitempty"`
	CreatedBy     int64     `json:"by"`
	CreatedAt     time.Time `json:"at"`
	LastPosition  int64     `json:"l,omitzero"`
	Revision      int64     `json:"v"`
	RoomRevision  int64     `json:"rv"`
	ActiveAt      time.Time `json:"ac"`
}

type right struct {
	UserID  int64     `json:"u,omitzero"`
	Room    uuid.UUID `json:"r,omitzero"`
	Session string    `json:"s,omitzero"`
	Token   int64     `json:"t,omitzero"`
	Epoch   int64     `json:"e,omitzero"`
}

// toWire gives a letter the shape it has on the wire.
func toWire(l Letter) letter {
	w := letter{Presence: l.Presence, Typing: l.Typing, Lost: l.Lost}
	if l.Notice == nil {
		return w
	}
	n := l.Notice
	w.Notice = &notice{Room: n.Room, Revision: n.Revision, Changed: (*room)(n.Changed), Users: n.Users}
	if n.Message != nil {
		m := message(*n.Message)
		w.Notice.Message, w.Notice.Author = &m, (*user)(m.Author)
	}
	for _, r := range n.Ended {
		w.Notice.Ended = append(w.Notice.Ended, right(r))
	}
	return w
}

func fromWire(w letter) Letter {
	l := Letter{Presence: w.Presence, Typing: w.Typing, Lost: w.Lost}
	if w.Notice == nil {
		return l
	}
	n := w.Notice
	l.Notice = &db.Notice{Room: n.Room, Revision: n.Revision, Changed: (*db.Room)(n.Changed), Users: n.Users}
	if n.Message != nil && n.Author != nil {
		m := db.Message(*n.Message)
		m.RoomID, m.Revision, m.Author = n.Room, n.Revision, (*db.User)(n.Author)
		l.Notice.Message = &m
	}
	for _, r := range n.Ended {
		l.Notice.Ended = append(l.Notice.Ended, db.Right(r))
	}
	return l
}

// decode opens an envelope. Letters that hold nothing known are left out.
func decode(text []byte) (letters []Letter, err error) {
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, err
	}
	for _, w := range e.Letters {
		l := fromWire(w)
		if l.Notice == nil && l.Presence == nil && l.Typing == nil && !l.Lost {
			continue
		}
		if e.Form != form {
			l = withoutChange(l)
		}
		l.From, l.Published = e.Process, time.UnixMicro(e.Published)
		letters = append(letters, l)
	}
	return letters, nil
}

// opening is how the envelopes of a process begin.
func opening(process string) string {
	return `{"p":` + strconv.Quote(process) + `,"v":` + strconv.Itoa(form) + `,"t":`
}

// parcel is an envelope ready to be sent.
type parcel struct {
	text    []byte
	letters int
}

// pack puts letters, in order, into envelopes of at most limit bytes, and tells how many letters were too big for any. Of a notice
// that is too big the change is left out: who receives it reads the database.
func pack(process string, limit int, letters []Letter) (parcels []parcel, dropped int) {
	p := &packer{process: process, limit: limit}
	for _, l := range letters {
		if !p.add(l) && !p.add(withoutChange(l)) {
			dropped++
		}
	}
	p.seal()
	return p.parcels, dropped
}

type packer struct {
	process string
	limit   int
	parcels []parcel

	text    bytes.Buffer // the envelope under way, still open
	letters int          // in it
	letter  bytes.Buffer
}

// closing is what ends an envelope.
const closing = "]}"

// add puts a letter into the envelope under way, or else into a new one; false when it fits into none.
func (p *packer) add(l Letter) bool {
	p.letter.Reset()
	encoder := json.NewEncoder(&p.letter)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(toWire(l)) != nil {
		return false
	}
	text := bytes.TrimSuffix(p.letter.Bytes(), []byte("\n"))
	if p.letters > 0 && p.text.Len()+len(",")+len(text)+len(closing) > p.limit {
		p.seal()
	}
	if p.letters == 0 {
		p.begin(l.Published)
	} else {
		p.text.WriteByte(',')
	}
	if p.text.Len()+len(text)+len(closing) > p.limit {
		return false
	}
	p.text.Write(text)
	p.letters++
	return true
}

// begin opens an envelope, which bears the time of its first letter.
func (p *packer) begin(at time.Time) {
	p.text.Reset()
	p.text.WriteString(opening(p.process))
	p.text.WriteString(strconv.FormatInt(at.UnixMicro(), 10))
	p.text.WriteString(`,"l":[`)
}

// seal closes the envelope under way.
func (p *packer) seal() {
	if p.letters == 0 {
		return
	}
	p.text.WriteString(closing)
	p.parcels = append(p.parcels, parcel{bytes.Clone(p.text.Bytes()), p.letters})
	p.letters = 0
}

func withoutChange(l Letter) Letter {
	if l.Notice == nil {
		return l
	}
	n := *l.Notice
	n.Message, n.Changed = nil, nil
	l.Notice = &n
	return l
}
