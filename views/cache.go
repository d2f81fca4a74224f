package views

import (
	"html/template"

	"github.com/google/uuid"

	"sarangbang/db"
)

const (
	// fragmentBytes and entryBytes bound the cached messages, in all forms together, and the cached
	// entries of lists of rooms.
	fragmentBytes = 32 << 20
	entryBytes    = 16 << 20
	// overheadBytes is about what a cached fragment takes beside its HTML: the key and the
	// structures of the cache.
	overheadBytes = 256
)

// fragmentKey names everything that a rendered message depends on.
type fragmentKey struct {
	room               uuid.UUID
	position, revision int64
	author, subject    int64 // the versions of the people whose names and photo are in it
	quoted, quotedBy   int64 // the revision of what it answers, and the version of the author of that
	form               form
	language, zone     string // of the items
}

// form is what a message is rendered as.
type form uint8

const (
	listItem form = iota // the item that pages, htmx answers and streams share
	logItem              // the item of the live log
	bodyHTML             // its text alone
	jsonText             // for programs
)

// keyOf returns the key of a form that is the same in every language and time zone.
func keyOf(m *db.Message, f form) fragmentKey {
	key := fragmentKey{room: m.RoomID, position: m.Position, revision: m.Revision, author: m.Author.Version, subject: m.SubjectVersion(), form: f}
	if q := m.Quoted; q != nil && f != bodyHTML {
		key.quoted, key.quotedBy = q.Revision, q.Author.Version
	}
	return key
}

// addFragment caches a form of a message.
func (r *Renderer) addFragment(key fragmentKey, html template.HTML) {
	r.fragments.Add(key, html, overheadBytes+len(html))
}
