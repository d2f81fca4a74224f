package live

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// fakeStore is a store in memory that counts how it is asked and fails on demand.
type fakeStore struct {
	mu      sync.Mutex
	rooms   map[uuid.UUID]*fakeRoom
	failing error
	calls   map[string]int
	before  func(call string) // run when a call comes and when it has been answered, without the lock
	after   func(call string)
}

type fakeRoom struct {
	room     db.Room
	messages []*db.Message // by position; replaced, never changed
	members  []int64
	read     map[int64]int64 // by member
	direct   bool            // members see each other
}

var errStore = errors.New("the disk is on fire")

func newFakeStore() *fakeStore {
	return &fakeStore{rooms: map[uuid.UUID]*fakeRoom{}, calls: map[string]int{}}
}

// called counts a call and takes the lock.
func (s *fakeStore) called(ctx context.Context, call string) error {
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	if before != nil {
		before(call)
	}
	s.mu.Lock()
	s.calls[call]++
	return errors.Join(s.failing, ctx.Err())
}

// answeredLocked runs what is to happen after a call, without the lock.
func (s *fakeStore) answeredLocked(call string) {
	after := s.after
	s.mu.Unlock()
	defer s.mu.Lock()
	if after != nil {
		after(call)
	}
}

// meanwhile sets what runs whenever the store is asked; nil: nothing.
func (s *fakeStore) meanwhile(f func(call string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

func (s *fakeStore) count(call string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[call]
}

func (s *fakeStore) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = err
}

func (s *fakeStore) Head(ctx context.Context, id uuid.UUID) (int64, error) {
	err := s.called(ctx, "Head")
	defer s.mu.Unlock()
	if err != nil {
		return 0, err
	}
	r := s.rooms[id]
	if r == nil {
		return 0, db.ErrNotFound
	}
	defer s.answeredLocked("Head")
	return r.room.Revision, nil
}

func (s *fakeStore) Changes(ctx context.Context, id uuid.UUID, after int64, limit int) (*db.RoomChanges, error) {
	err := s.called(ctx, "Changes")
	defer s.mu.Unlock()
	r := s.rooms[id]
	if err != nil || r == nil {
		return nil, cmp.Or(err, db.ErrNotFound)
	}
	defer s.answeredLocked("Changes")
	c := &db.RoomChanges{Revision: max(after, r.room.Revision), Head: r.room.Revision}
	for _, m := range r.messages {
		if m.Revision > after {
			c.Messages = append(c.Messages, m)
		}
	}
	slices.SortFunc(c.Messages, func(a, b *db.Message) int { return cmp.Compare(a.Revision, b.Revision) })
	if len(c.Messages) > limit {
		c.Messages, c.More = c.Messages[:limit], true
		c.Revision = c.Messages[limit-1].Revision
	}
	if r.room.RoomRevision > after && r.room.RoomRevision <= c.Revision {
		room := r.room
		c.Room = &room
	}
	return c, nil
}

func (s *fakeStore) RoomIDsOf(ctx context.Context, userID int64) ([]uuid.UUID, error) {
	err := s.called(ctx, "RoomIDsOf")
	defer s.mu.Unlock()
	defer s.answeredLocked("RoomIDsOf")
	return s.roomIDs(userID), err
}

func (s *fakeStore) roomIDs(userID int64) (ids []uuid.UUID) {
	for id, r := range s.rooms {
		if slices.Contains(r.members, userID) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return cmp.Compare(s.rooms[a].room.Title, s.rooms[b].room.Title) })
	return ids
}

func (s *fakeStore) RoomsOf(ctx context.Context, viewer *db.User) ([]*db.RoomView, error) {
	err := s.called(ctx, "RoomsOf")
	defer s.mu.Unlock()
	var views []*db.RoomView
	for _, id := range s.roomIDs(viewer.ID) {
		views = append(views, s.rooms[id].view(viewer.ID))
	}
	return views, err
}

func (s *fakeStore) RoomOfMembers(ctx context.Context, id uuid.UUID, members []int64) (map[int64]*db.RoomView, error) {
	err := s.called(ctx, "RoomOfMembers")
	defer s.mu.Unlock()
	defer s.answeredLocked("RoomOfMembers")
	r, views := s.rooms[id], map[int64]*db.RoomView{}
	for _, member := range members {
		if slices.Contains(r.members, member) {
			views[member] = r.view(member)
		}
	}
	return views, err
}

// view is the room as a member sees it.
func (r *fakeRoom) view(member int64) *db.RoomView {
	v := &db.RoomView{Room: r.room, Title: r.room.Title, ReadPosition: r.read[member]}
	for _, m := range r.messages {
		if m.Position > v.ReadPosition && m.AuthorID != member && m.DeletedAt == nil {
			v.Unread++
		}
		v.Newest = m
	}
	for _, other := range r.members {
		if r.direct && other != member {
			v.Other = person(other)
		}
	}
	return v
}

// room makes a room with its first revision.
func (s *fakeStore) room(title string, members ...int64) uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := uuid.NewSHA1(uuid.Nil, []byte(title))
	s.rooms[id] = &fakeRoom{room: db.Room{ID: id, Title: title, Revision: 1, RoomRevision: 1}, members: members, read: map[int64]int64{}}
	return id
}

// directRoom makes a direct room of two people.
func (s *fakeStore) directRoom(title string, one, other int64) uuid.UUID {
	id := s.room(title, one, other)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rooms[id].direct = true
	return id
}

// post, edit, remove and rename commit a change and return the notice of it.
func (s *fakeStore) post(id uuid.UUID, author int64, body string) db.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	r.room.Revision++
	r.room.LastPosition++
	m := &db.Message{RoomID: id, Position: r.room.LastPosition, Revision: r.room.Revision, AuthorID: author, Author: person(author), Body: body}
	r.messages = append(r.messages, m)
	if r.read[author] == m.Position-1 {
		r.read[author] = m.Position
	}
	return db.Notice{Room: id, Revision: m.Revision, Message: m}
}

func (s *fakeStore) edit(id uuid.UUID, position int64, body string) db.Notice {
	return s.replace(id, position, func(m *db.Message) { m.Body = body })
}

func (s *fakeStore) remove(id uuid.UUID, position int64) db.Notice {
	return s.replace(id, position, func(m *db.Message) { m.Body, m.DeletedAt = "", new(time.Time) })
}

func (s *fakeStore) replace(id uuid.UUID, position int64, change func(*db.Message)) db.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	r.room.Revision++
	m := *r.messages[position-1]
	m.Revision = r.room.Revision
	change(&m)
	r.messages[position-1] = &m
	return db.Notice{Room: id, Revision: m.Revision, Message: &m}
}

func (s *fakeStore) rename(id uuid.UUID, title string) db.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	r.room.Revision++
	r.room.RoomRevision, r.room.Title = r.room.Revision, title
	room := r.room
	return db.Notice{Room: id, Revision: room.Revision, Changed: &room}
}

// mark sets how far a member has read.
func (s *fakeStore) mark(id uuid.UUID, member, position int64) db.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rooms[id].read[member] = position
	return db.Notice{Read: &db.ReadMark{UserID: member, Room: id}}
}

func (s *fakeStore) setMembers(id uuid.UUID, members ...int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rooms[id].members = members
}

// state is what a page shows: each message and the title.
func (s *fakeStore) state(id uuid.UUID) (shown map[string]string, revision int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown = map[string]string{}
	r := s.rooms[id]
	for _, m := range r.messages {
		put(shown, messageText(m))
	}
	put(shown, roomText(&r.room))
	return shown, r.room.Revision
}
