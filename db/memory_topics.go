package db

import "github.com/google/uuid"

// What values take in memory, about, without the texts that may be long.
const (
	userBytes    = 700
	roomBytes    = 400
	messageBytes = 400
)

// roomViewTopics is what rooms as a user sees them are about, and how many bytes they take: the rooms, with who is in them, the user's
// read marks there, and the people whose names are in them.
func roomViewTopics(viewer int64, views ...*RoomView) (about topics, bytes int) {
	for _, v := range views {
		about = append(about, aboutRoom(v.ID), aboutMark(viewer, v.ID))
		bytes += roomBytes
		if v.Newest != nil {
			about = append(about, aboutUser(v.Newest.AuthorID))
			bytes += messageBytes + userBytes + len(v.Newest.Body)
		}
		if v.Other != nil {
			about = append(about, aboutUser(v.Other.ID))
			bytes += userBytes
		}
	}
	return about, bytes
}

// messageTopics is what messages of a room are about, and how many bytes they take: the room and their authors.
func messageTopics(room uuid.UUID, messages []*Message) (about topics, bytes int) {
	about = append(about, aboutRoom(room))
	known := map[int64]bool{}
	for _, m := range messages {
		if !known[m.AuthorID] {
			known[m.AuthorID] = true
			about = append(about, aboutUser(m.AuthorID))
		}
		bytes += messageBytes + userBytes + len(m.Body)
	}
	return about, bytes
}
