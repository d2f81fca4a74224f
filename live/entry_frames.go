package live

import (
	"bytes"

	"github.com/google/uuid"

	"sarangbang/db"
)

// entryFrames renders and encodes an entry once for all who get it within about entriesPace: all
// but the counts, which are put in for each reader.
type entryFrames struct {
	hub *Hub
	// known are the frames since renewed, cut where the counts go, and before those of the time
	// before that.
	known, before map[entryFrameKey][][]byte
	renewed       monotime
}

// entryFrameKey names what an entry shows, but for the counts and today's date. The revision of the
// room stands for its title, its newest message and the time of that.
type entryFrameKey struct {
	audience        Audience
	room            uuid.UUID
	revision        int64
	author, subject int64 // the versions of these people of the newest message
	other, otherIs  int64 // of a direct room, whose members see different people: id and version
}

func entryFrameKeyOf(a Audience, view *db.RoomView) entryFrameKey {
	k := entryFrameKey{audience: a, room: view.ID, revision: view.Revision}
	if view.Newest != nil && view.Newest.Author != nil {
		k.author, k.subject = view.Newest.Author.Version, view.Newest.SubjectVersion()
	}
	if view.Other != nil {
		k.other, k.otherIs = view.Other.ID, view.Other.Version
	}
	return k
}

// renew forgets frames that were not asked for since entriesPace and more.
func (f *entryFrames) renew() {
	if now := f.hub.deadlines.now(); f.known == nil || now >= f.renewed.add(entriesPace) {
		f.known, f.before, f.renewed = map[entryFrameKey][][]byte{}, f.known, now
	}
}

// of returns what a stream gets of changed rooms: nothing of the room that it shows.
func (f *entryFrames) of(r *reader, viewer *db.User, changed []*db.RoomView) []byte {
	var b []byte
	a := r.group.audience
	if a.Format == JSON {
		var rooms []*db.RoomView
		for _, view := range changed {
			if view.ID != r.room.id {
				rooms = append(rooms, view)
			}
		}
		if len(rooms) > 0 {
			b = r.group.frame(f.hub.presenter.Rooms(a, viewer, rooms, nil, r.room.id), noID)
		}
		return b
	}
	for _, view := range changed {
		if view.ID == r.room.id {
			continue
		}
		parts := f.parts(r.group, view)
		fills := f.hub.presenter.Counts(a, view.Unread, view.Mentions)
		for i, part := range parts {
			if b = append(b, part...); i < len(parts)-1 {
				b = append(b, fills[i]...)
			}
		}
	}
	return b
}

// parts returns the frame of an entry, cut where the counts go.
func (f *entryFrames) parts(g *group, view *db.RoomView) [][]byte {
	key := entryFrameKeyOf(g.audience, view)
	parts, ok := f.known[key]
	if ok {
		return parts
	}
	if parts, ok = f.before[key]; !ok {
		frame := g.frame(f.hub.presenter.Entry(g.audience, view, f.hub.hole), noID)
		parts = bytes.Split(frame, []byte(f.hub.hole))
	}
	f.known[key] = parts
	return parts
}
