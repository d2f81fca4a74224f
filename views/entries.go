package views

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// RoomList renders the rooms of a user, which are most recently active first, in the sections and
// the order of the list. current is the room that the page shows; uuid.Nil: none. now decides which
// times are of today and shown as such.
func (r *Renderer) RoomList(l Locale, rooms []*db.RoomView, order db.RoomOrder, current uuid.UUID, now time.Time) RoomList {
	list := RoomList{Order: order}
	var favourite, direct, other strings.Builder
	for _, room := range ordered(rooms, order) {
		isCurrent := room.ID == current
		section := &other
		switch {
		case room.Favourite:
			section = &favourite
		case room.Kind == db.KindDirect:
			section = &direct
		}
		section.WriteString(string(r.entry(l, room, isCurrent, now)))
		list.Unread += room.Unread
		list.Mentions += room.Mentions
	}
	list.Favourite = template.HTML(favourite.String()) // of entries rendered already, as the others
	list.Direct, list.Other = template.HTML(direct.String()), template.HTML(other.String())
	return list
}

// ordered returns rooms that are most recently active first in an order.
func ordered(rooms []*db.RoomView, order db.RoomOrder) []*db.RoomView {
	if order != db.OrderByUnread {
		return rooms
	}
	rank := func(r *db.RoomView) int { return min(r.Unread, 1) }
	return slices.SortedStableFunc(slices.Values(rooms), func(a, b *db.RoomView) int { return rank(b) - rank(a) })
}

// entryKey names everything that the entry of a room depends on. The revision of the room stands
// for its title, its newest message and the time of that; the version of a user for name and photo.
type entryKey struct {
	room             uuid.UUID
	revision         int64
	author, subject  int64
	other, otherID   int64
	unread, mentions int
	current          bool
	language, zone   string
	year, day        int // today, of which times are shown differently
}

func entryKeyOf(l Locale, room *db.RoomView, current bool, now time.Time) entryKey {
	today := now.In(l.zone())
	k := entryKey{
		room: room.ID, revision: room.Revision, unread: room.Unread, mentions: room.Mentions, current: current,
		language: l.Language, zone: l.zone().String(), year: today.Year(), day: today.YearDay(),
	}
	if room.Newest != nil {
		k.author, k.subject = room.Newest.Author.Version, room.Newest.SubjectVersion()
	}
	if room.Other != nil {
		k.otherID, k.other = room.Other.ID, room.Other.Version
	}
	return k
}

// entry returns the entry of a room, from the cache or rendered. It panics when the template fails,
// which only a broken one does: a test executes all of them.
func (r *Renderer) entry(l Locale, room *db.RoomView, current bool, now time.Time) template.HTML {
	key := entryKeyOf(l, room, current, now)
	if html, ok := r.entries.Get(key); ok {
		return html
	}
	var b strings.Builder
	if err := r.Render(&b, "rooms/_room", l.Language, listedRoom(l, room, current, now)); err != nil {
		panic(fmt.Sprintf("room %s: %v", room.ID, err))
	}
	html := template.HTML(b.String()) // a template's own output, escaped already
	r.entries.Add(key, html, overheadBytes+len(html))
	return html
}

// NewRoomItem returns the item of a room that the viewer is not in.
func NewRoomItem(l Locale, room *db.Room, now time.Time) RoomItem {
	id := room.ID.String()
	return RoomItem{ID: id, ShortID: id[:8], Title: room.Title, Kind: room.Kind, Active: At(l, room.ActiveAt, now)}
}

// listedRoom returns the item of a room that the viewer is in.
func listedRoom(l Locale, room *db.RoomView, current bool, now time.Time) RoomItem {
	item := NewRoomItem(l, &room.Room, now)
	item.Title, item.Current, item.Favourite = room.Title, current, room.Favourite
	item.Revision, item.ActiveMillis = room.Revision, room.ActiveAt.UnixMilli()
	item.Unread = UnreadText(room.Unread)
	item.Counted, item.Count = counted(room.Unread, room.Mentions), count(l.Language, room.Unread, room.Mentions)
	item.Newest = newestLine(l, room.Newest)
	if room.Other != nil {
		item.Photo = PhotoPath(room.Other)
	}
	return item
}

// RoomItems returns the items of rooms that the viewer is in.
func RoomItems(l Locale, rooms []*db.RoomView, now time.Time) []RoomItem {
	items := make([]RoomItem, len(rooms))
	for i, room := range rooms {
		items[i] = listedRoom(l, room, false, now)
	}
	return items
}

// EntryAround renders the entry of a room with hole in the two places that Counts fills.
func (r *Renderer) EntryAround(l Locale, room *db.RoomView, hole string, now time.Time) (string, error) {
	item := listedRoom(l, room, false, now)
	item.Counted, item.Count = template.HTMLAttr(hole), template.HTML(hole)
	var b strings.Builder
	err := r.Render(&b, "rooms/_room", l.Language, item)
	return b.String(), err
}

// Counts returns what goes into the holes of an entry.
func Counts(language string, unread, mentions int) []string {
	return []string{string(counted(unread, mentions)), string(count(language, unread, mentions))}
}

// counted returns the attributes of an entry that tell its counts.
func counted(unread, mentions int) template.HTMLAttr {
	class := ""
	if unread > 0 {
		class = `class="unread" `
	}
	return template.HTMLAttr(class + `data-unread="` + strconv.Itoa(unread) + `" data-mentions="` + strconv.Itoa(mentions) + `"`)
}

// count returns what an entry shows of its counts: "3", "99+", and a sign where the viewer is
// mentioned.
func count(language string, unread, mentions int) template.HTML {
	if unread == 0 {
		return ""
	}
	mark := ""
	if mentions > 0 {
		label := template.HTMLEscapeString(Text(language, "rooms.mentions"))
		mark = `<span class="mention" title="` + label + `">@<span class="hidden"> ` + label + `</span></span> `
	}
	label := template.HTMLEscapeString(Text(language, "rooms.unread"))
	return template.HTML(` <span class="end">` + mark +
		`<span class="count"><span class="hidden">` + label + `</span> ` + UnreadText(unread) + `</span></span>`)
}

// UnreadText returns a count as it is shown: "", "3", "99+".
func UnreadText(n int) string {
	switch {
	case n == 0:
		return ""
	case n >= db.UnreadBound:
		return strconv.Itoa(db.UnreadBound-1) + "+"
	}
	return strconv.Itoa(n)
}

// newestLine returns the newest message of a room in one line: "지민: 안녕하세요".
func newestLine(l Locale, m *db.Message) string {
	if m == nil {
		return ""
	}
	text := SummaryOf(m.Body, m.Files)
	if m.DeletedAt != nil {
		text = tombstone(l.Language, m)
	}
	return m.Author.DisplayName + ": " + text
}
