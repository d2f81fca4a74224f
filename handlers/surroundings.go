package handlers

import (
	"html/template"
	"strings"
	"time"
	"weak"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

// surroundings are what somebody signed in sees around every page.
type surroundings struct {
	entries []template.HTML // of the list of rooms
	key     surroundingsKey
}

// surroundingsKey names everything they are made of but the entries. What a store remembers is the same value until it changes, so that whoever has
// a page made of the same values has the same page. The pointers are weak: what is out of date is not to be held by pages nobody wants.
type surroundingsKey struct {
	viewer       weak.Pointer[db.User]
	inRooms      bool
	unread       int
	path, origin string
	notice       string // key of a sentence about what was just done; empty: none
	year, day    int    // times of today are shown in another way
}

// fill puts what stands for the gaps into a page that is kept. A list without rooms has no gap, but a sentence.
func (around surroundings) fill(page *views.Page, gaps views.Gaps) {
	page.Nonce = gaps.Nonce
	if around.key.inRooms {
		page.Rooms.Entries = joined(gaps.Rooms)
	}
}

func (s *server) surroundings(c *gin.Context, current uuid.UUID) (surroundings, error) {
	user := viewer(c)
	if user == nil {
		return surroundings{}, nil
	}
	rooms, err := s.store.RoomsOf(c.Request.Context(), user)
	if err != nil {
		return surroundings{}, err
	}
	notice, err := s.takeFlash(c, flashNotice)
	if err != nil {
		return surroundings{}, err
	}
	l := s.locale(c)
	now := s.now().In(l.Zone)
	entries, unread := roomEntries(s.views, l, rooms, current, now)
	key := surroundingsKey{
		viewer: weak.Make(user), inRooms: len(rooms) > 0, unread: unread,
		path: pagePath(c), origin: s.origin(c), notice: notice, year: now.Year(), day: now.YearDay(),
	}
	return surroundings{entries, key}, nil
}

// roomList is the list of someone's rooms, for streams and pages that are not kept.
func roomList(r *views.Renderer, l views.Locale, rooms []*db.RoomView, current uuid.UUID, now time.Time) views.RoomList {
	entries, unread := roomEntries(r, l, rooms, current, now)
	return views.RoomList{Entries: joined(entries), Unread: unread}
}

// roomEntries are the entries of a list of rooms, and the sum of what is unread in all but the current one.
func roomEntries(r *views.Renderer, l views.Locale, rooms []*db.RoomView, current uuid.UUID, now time.Time) (entries []template.HTML, unread int) {
	entries = make([]template.HTML, len(rooms))
	for i, room := range rooms {
		isCurrent := room.ID == current
		key := views.EntryKeyOf(l, room, isCurrent, now)
		html, ok := r.KeptEntry(key)
		if !ok {
			html = r.Entry(key, listedRoom(l, room, isCurrent, now))
		}
		entries[i] = html
		if !isCurrent {
			unread += room.Unread
		}
	}
	return entries, unread
}

func listedRoom(l views.Locale, room *db.RoomView, current bool, now time.Time) views.RoomItem {
	item := roomItem(l, &room.Room, room.Title, now)
	item.Current = current
	item.Unread = unreadText(room.Unread)
	item.Newest = newestLine(l, room.Newest)
	if room.Other != nil {
		item.Photo = views.PhotoPath(room.Other)
	}
	return item
}

// joined is rendered HTML in one piece.
func joined(entries []template.HTML) template.HTML {
	var b strings.Builder
	for _, entry := range entries {
		b.WriteString(string(entry))
	}
	return template.HTML(b.String()) // of what was rendered already
}
