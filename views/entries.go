package views

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

const (
	// keptEntries and keptEntryBytes bound the entries of lists of rooms kept, of all viewers together.
	keptEntries    = 1 << 15
	keptEntryBytes = 16 << 20
)

// EntryKey names everything that a room's entry in somebody's list depends on. A room's revision stands for its title, its newest message
// and when that was, a user's version for its name and photo.
type EntryKey struct {
	room                    uuid.UUID
	revision, author, other int64
	otherID                 int64
	unread                  int
	current                 bool
	language, zone          string
	year, day               int // a time of today is shown in another way
}

// EntryKeyOf names the entry of a room, for whom and when; current tells that it is the one the page shows.
func EntryKeyOf(l Locale, room *db.RoomView, current bool, now time.Time) EntryKey {
	today := now.In(l.zone())
	k := EntryKey{
		room: room.ID, revision: room.Revision, unread: room.Unread, current: current,
		language: l.Language, zone: l.zone().String(), year: today.Year(), day: today.YearDay(),
	}
	if room.Newest != nil {
		k.author = room.Newest.Author.Version
	}
	if room.Other != nil {
		k.otherID, k.other = room.Other.ID, room.Other.Version
	}
	return k
}

// KeptEntry is an entry of a list of rooms that was rendered before.
func (r *Renderer) KeptEntry(key EntryKey) (template.HTML, bool) { return r.entries.get(key) }

// Entry renders an entry of a list of rooms and keeps it. It panics where only a broken template can fail: a test executes them all.
func (r *Renderer) Entry(key EntryKey, item RoomItem) template.HTML {
	var b strings.Builder
	if err := r.Render(&b, "rooms/_room", key.language, item); err != nil {
		panic(fmt.Sprintf("room %s: %v", item.ID, err))
	}
	html := template.HTML(b.String()) // a template's own output, escaped already
	r.entries.put(key, html, len(html))
	return html
}
