package db_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// model is some people who do what they may.
type model struct {
	tb       testing.TB
	ctx      context.Context
	s        *db.Store
	rand     *rand.Rand
	people   []*db.User // as they were when they signed up; the first is the administrator
	sessions []db.Session
	secrets  []string
	rooms    []uuid.UUID
}

func newModel(t *testing.T, s *db.Store, r *rand.Rand) *model {
	m := &model{tb: t, ctx: t.Context(), s: s, rand: r}
	for _, name := range []string{"jimin", "minsu", "yuna"} {
		u := must[*db.SignedUp](t)(s.SignUp(m.ctx, db.NewUser{Name: name, Language: "ko", TimeZone: "Asia/Seoul", Open: true})).User
		m.people = append(m.people, u)
		for i := range 2 {
			m.sessions = append(m.sessions, db.Session{ID: fmt.Sprint(name, i), UserID: u.ID, Epoch: u.Epoch, Expires: time.Now().Add(time.Hour)})
			_, secret, err := s.CreateToken(m.ctx, u, "script")
			noError(t, err)
			m.secrets = append(m.secrets, secret)
		}
	}
	for _, kind := range []db.Kind{db.KindOpen, db.KindPrivate, db.KindOpen} {
		m.rooms = append(m.rooms, must[*db.RoomView](t)(s.CreateRoom(m.ctx, m.people[0], "마당", kind)).ID)
	}
	m.rooms = append(m.rooms, must[*db.RoomView](t)(s.DirectRoom(m.ctx, m.people[1], m.people[2].ID)).ID)
	return m
}

// step does one thing, which may be refused, and says what.
func (m *model) step() string {
	viewer := m.anybody()
	ops := m.ops(viewer, m.anybody(), m.rooms[m.rand.IntN(len(m.rooms))])
	chosen := ops[m.rand.IntN(len(ops))]
	err := chosen.do()
	var invalid *db.InvalidError
	if err != nil && !errors.Is(err, db.ErrNotFound) && !errors.Is(err, db.ErrForbidden) && !errors.Is(err, db.ErrConflict) && !errors.As(err, &invalid) {
		m.tb.Fatalf("%s: %v", chosen.what, err)
	}
	return fmt.Sprintf("%s by %d: %v", chosen.what, viewer.ID, err)
}

// op is something that people do.
type op struct {
	what string
	do   func() error
}

// ops are everything that a viewer may do to somebody else in a room.
func (m *model) ops(viewer, other *db.User, room uuid.UUID) []op {
	at, text := int64(1+m.rand.IntN(6)), fmt.Sprint("안녕 ", m.rand.IntN(1000))
	return []op{
		{"post", func() error { _, _, err := m.s.PostMessage(m.ctx, viewer, room, text, ""); return err }},
		{"post", func() error { _, _, err := m.s.PostMessage(m.ctx, viewer, room, text, text); return err }},
		{"reply", func() error {
			_, _, err := m.s.Post(m.ctx, viewer, room, db.NewMessage{Body: text, ReplyTo: at})
			return err
		}},
		{"mention", func() error { _, _, err := m.s.PostMessage(m.ctx, viewer, room, "@all "+text, ""); return err }},
		{"pin", func() error { _, err := m.s.PinMessage(m.ctx, viewer, room, at, m.rand.IntN(3) > 0); return err }},
		{"see", func() error { return m.s.SeeActivities(m.ctx, viewer) }},
		{"edit", func() error { _, err := m.s.EditMessage(m.ctx, viewer, room, at, text); return err }},
		{"delete", func() error { _, err := m.s.DeleteMessage(m.ctx, viewer, room, at); return err }},
		{"react", func() error { _, err := m.s.React(m.ctx, viewer, room, at, "👍", m.rand.IntN(3) > 0); return err }},
		{"read", func() error { _, err := m.s.MarkRead(m.ctx, viewer, room, at); return err }},
		{"visit", func() error { _, err := m.s.Visit(m.ctx, viewer, room); return err }},
		{"leave", func() error { return m.s.LeaveRoom(m.ctx, viewer, room) }},
		{"add", func() error { return m.s.AddMember(m.ctx, viewer, room, other.ID) }},
		{"remove", func() error { return m.s.RemoveMember(m.ctx, viewer, room, other.ID) }},
		{"retitle", func() error { _, err := m.s.RenameRoom(m.ctx, viewer, room, text); return err }},
		{"create", func() error { _, err := m.s.CreateRoom(m.ctx, viewer, text, db.KindOpen); return err }},
		{"direct", func() error { _, err := m.s.DirectRoom(m.ctx, viewer, other.ID); return err }},
		{"invite", func() error { return m.invite(viewer, other, room) }},
		{"profile", func() error {
			changed := &db.Profile{DisplayName: text, Language: "en", TimeZone: "UTC"}
			_, err := m.s.UpdateProfile(m.ctx, viewer, db.ProfileChange{Profile: changed})
			return err
		}},
		{"photo", func() error {
			photo := &db.NewPhoto{Type: "image/png", Content: []byte(text)}
			_, err := m.s.UpdateProfile(m.ctx, viewer, db.ProfileChange{Photo: photo})
			return err
		}},
		{"no photo", func() error {
			_, err := m.s.UpdateProfile(m.ctx, viewer, db.ProfileChange{RemovePhoto: true})
			return err
		}},
		{"deactivate", func() error { _, err := m.s.SetActive(m.ctx, viewer, other.ID, false); return err }},
		{"activate", func() error { _, err := m.s.SetActive(m.ctx, m.people[0], other.ID, true); return err }},
		{"password", func() error { return m.changePassword(viewer) }},
		{"sign out", func() error { return m.s.EndSession(m.ctx, viewer, m.sessions[m.rand.IntN(len(m.sessions))]) }},
		{"token", func() error { return m.s.DeleteToken(m.ctx, viewer, int64(1+m.rand.IntN(9))) }},
		{"sign up", func() error {
			_, err := m.s.SignUp(m.ctx, db.NewUser{Name: text, Language: "ko", TimeZone: "UTC", Open: true})
			return err
		}},
	}
}

func (m *model) anybody() *db.User { return m.people[m.rand.IntN(len(m.people))] }

// changePassword goes on with one session, as handlers do.
func (m *model) changePassword(viewer *db.User) error {
	u, err := m.s.UpdateProfile(m.ctx, viewer, db.ProfileChange{PasswordHash: "hash"})
	if err != nil {
		return err
	}
	m.sessions = append(m.sessions, db.Session{ID: fmt.Sprint("session ", m.rand.Uint32()), UserID: u.ID, Epoch: u.Epoch})
	return nil
}

func (m *model) invite(viewer, other *db.User, room uuid.UUID) error {
	link, err := m.s.CreateInvite(m.ctx, viewer, db.NewInvite{RoomID: &room})
	if err != nil {
		return err
	}
	_, err = m.s.AcceptInvite(m.ctx, other, link.Code)
	return err
}

// answers is everything that a store may have cached for one user, errors among it.
func (m *model) answers(s *db.Store, id int64) []any {
	viewer := &db.User{ID: id, Role: db.RoleMember}
	var all []any
	add := func(answer any, err error) {
		if err != nil {
			answer = err.Error()
		}
		all = append(all, answer)
	}
	for _, session := range m.sessions {
		u, err := s.SessionUser(tracked(m.ctx, s, db.Scope{User: session.UserID, Session: session.ID}), session)
		add(u, err)
	}
	for _, secret := range m.secrets {
		u, token, err := s.TokenUser(tracked(m.ctx, s, db.Scope{User: id}), secret)
		add([]any{u, token}, err)
	}
	home := tracked(m.ctx, s, db.Scope{User: id})
	rooms, err := s.RoomsOf(home, viewer)
	add(rooms, err)
	activities, err := s.CountActivities(home, viewer)
	add(activities, err)
	open, err := s.OpenRooms(home, viewer, "", db.RoomCursor{}, 30)
	add(open, err)
	users, err := s.Users(home, viewer, "", 0, 50)
	add(users, err)
	for _, room := range m.rooms {
		ctx := tracked(m.ctx, s, db.Scope{User: id, Room: room})
		view, err := s.Room(ctx, viewer, room)
		add(view, err)
		add("", s.CheckMember(m.ctx, viewer, room))
		for _, window := range []db.Window{{}, {Before: 4, Limit: 2}, {After: 2, Limit: 2}, {Around: 3, Limit: 3}} {
			page, err := s.Messages(ctx, viewer, room, window)
			add(page, err)
		}
	}
	return all
}
