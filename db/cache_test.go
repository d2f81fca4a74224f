package db_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// TestCache_ReturnsWhatTheDatabaseHolds does whatever people do, at random, and asks after each
// step for everything that a store may have cached. A store that has just been opened has nothing
// cached: both have to say the same. Where several processes may write, two do.
func TestCache_ReturnsWhatTheDatabaseHolds(t *testing.T) {
	const steps = 40
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		stores := []*db.Store{open()}
		if stores[0].Shared() {
			stores = append(stores, open())
		}
		p := newPlay(t, stores[0], rand.New(rand.NewPCG(seed, 0)))
		for step := range steps {
			p.s = stores[step%len(stores)]
			what := p.step()
			fresh := open()
			for _, viewer := range p.people {
				want := p.answers(fresh, viewer.ID)
				for _, s := range stores {
					if diff := cmp.Diff(want, p.answers(s, viewer.ID)); diff != "" {
						t.Fatalf("after step %d, %s, user %d (- database, + cache):\n%s", step, what, viewer.ID, diff)
					}
				}
			}
			noError(t, fresh.Close())
		}
	})
}

// play is some people who do what they may.
type play struct {
	tb       testing.TB
	ctx      context.Context
	s        *db.Store
	rand     *rand.Rand
	people   []*db.User // as they were when they signed up; the first is the administrator
	sessions []db.Session
	secrets  []string
	rooms    []uuid.UUID
}

func newPlay(t *testing.T, s *db.Store, r *rand.Rand) *play {
	p := &play{tb: t, ctx: t.Context(), s: s, rand: r}
	for _, name := range []string{"jimin", "minsu", "yuna"} {
		u := must[*db.SignedUp](t)(s.SignUp(p.ctx, db.NewUser{Name: name, Language: "ko", TimeZone: "Asia/Seoul", Open: true})).User
		p.people = append(p.people, u)
		for i := range 2 {
			p.sessions = append(p.sessions, db.Session{ID: fmt.Sprint(name, i), UserID: u.ID, Epoch: u.Epoch, Expires: time.Now().Add(time.Hour)})
			_, secret, err := s.CreateToken(p.ctx, u, "script")
			noError(t, err)
			p.secrets = append(p.secrets, secret)
		}
	}
	for _, kind := range []db.Kind{db.KindOpen, db.KindPrivate, db.KindOpen} {
		p.rooms = append(p.rooms, must[*db.RoomView](t)(s.CreateRoom(p.ctx, p.people[0], "마당", kind)).ID)
	}
	p.rooms = append(p.rooms, must[*db.RoomView](t)(s.DirectRoom(p.ctx, p.people[1], p.people[2].ID)).ID)
	return p
}

// step does one thing, which may be refused, and says what.
func (p *play) step() string {
	viewer := p.anybody()
	deeds := p.deeds(viewer, p.anybody(), p.rooms[p.rand.IntN(len(p.rooms))])
	chosen := deeds[p.rand.IntN(len(deeds))]
	err := chosen.do()
	var invalid *db.InvalidError
	if err != nil && !errors.Is(err, db.ErrNotFound) && !errors.Is(err, db.ErrForbidden) && !errors.Is(err, db.ErrConflict) && !errors.As(err, &invalid) {
		p.tb.Fatalf("%s: %v", chosen.what, err)
	}
	return fmt.Sprintf("%s by %d: %v", chosen.what, viewer.ID, err)
}

// deed is something that people do.
type deed struct {
	what string
	do   func() error
}

// deeds are everything that a viewer may do to somebody else in a room.
func (p *play) deeds(viewer, other *db.User, room uuid.UUID) []deed {
	at, text := int64(1+p.rand.IntN(6)), fmt.Sprint("안녕 ", p.rand.IntN(1000))
	return []deed{
		{"post", func() error { _, _, err := p.s.PostMessage(p.ctx, viewer, room, text, ""); return err }},
		{"post", func() error { _, _, err := p.s.PostMessage(p.ctx, viewer, room, text, text); return err }},
		{"edit", func() error { _, err := p.s.EditMessage(p.ctx, viewer, room, at, text); return err }},
		{"delete", func() error { _, err := p.s.DeleteMessage(p.ctx, viewer, room, at); return err }},
		{"read", func() error { _, err := p.s.MarkRead(p.ctx, viewer, room, at); return err }},
		{"visit", func() error { _, err := p.s.Visit(p.ctx, viewer, room); return err }},
		{"leave", func() error { return p.s.LeaveRoom(p.ctx, viewer, room) }},
		{"add", func() error { return p.s.AddMember(p.ctx, viewer, room, other.ID) }},
		{"remove", func() error { return p.s.RemoveMember(p.ctx, viewer, room, other.ID) }},
		{"retitle", func() error { _, err := p.s.RenameRoom(p.ctx, viewer, room, text); return err }},
		{"create", func() error { _, err := p.s.CreateRoom(p.ctx, viewer, text, db.KindOpen); return err }},
		{"direct", func() error { _, err := p.s.DirectRoom(p.ctx, viewer, other.ID); return err }},
		{"invite", func() error { return p.invite(viewer, other, room) }},
		{"profile", func() error {
			changed := &db.Profile{DisplayName: text, Language: "en", TimeZone: "UTC"}
			_, err := p.s.UpdateProfile(p.ctx, viewer, db.ProfileChange{Profile: changed})
			return err
		}},
		{"photo", func() error {
			photo := &db.NewPhoto{Type: "image/png", Content: []byte(text)}
			_, err := p.s.UpdateProfile(p.ctx, viewer, db.ProfileChange{Photo: photo})
			return err
		}},
		{"no photo", func() error {
			_, err := p.s.UpdateProfile(p.ctx, viewer, db.ProfileChange{RemovePhoto: true})
			return err
		}},
		{"deactivate", func() error { _, err := p.s.SetActive(p.ctx, viewer, other.ID, false); return err }},
		{"activate", func() error { _, err := p.s.SetActive(p.ctx, p.people[0], other.ID, true); return err }},
		{"password", func() error { return p.changePassword(viewer) }},
		{"sign out", func() error { return p.s.EndSession(p.ctx, viewer, p.sessions[p.rand.IntN(len(p.sessions))]) }},
		{"token", func() error { return p.s.DeleteToken(p.ctx, viewer, int64(1+p.rand.IntN(9))) }},
		{"sign up", func() error {
			_, err := p.s.SignUp(p.ctx, db.NewUser{Name: text, Language: "ko", TimeZone: "UTC", Open: true})
			return err
		}},
	}
}

func (p *play) anybody() *db.User { return p.people[p.rand.IntN(len(p.people))] }

// changePassword goes on with one session, as handlers do.
func (p *play) changePassword(viewer *db.User) error {
	u, err := p.s.UpdateProfile(p.ctx, viewer, db.ProfileChange{PasswordHash: "hash"})
	if err != nil {
		return err
	}
	p.sessions = append(p.sessions, db.Session{ID: fmt.Sprint("session ", p.rand.Uint32()), UserID: u.ID, Epoch: u.Epoch})
	return nil
}

func (p *play) invite(viewer, other *db.User, room uuid.UUID) error {
	link, err := p.s.CreateInvite(p.ctx, viewer, db.NewInvite{RoomID: &room})
	if err != nil {
		return err
	}
	_, err = p.s.AcceptInvite(p.ctx, other, link.Code)
	return err
}

// answers is everything that a store may have cached for one user, errors among it.
func (p *play) answers(s *db.Store, id int64) []any {
	viewer := &db.User{ID: id, Role: db.RoleMember}
	var all []any
	add := func(answer any, err error) {
		if err != nil {
			answer = err.Error()
		}
		all = append(all, answer)
	}
	for _, session := range p.sessions {
		u, err := s.SessionUser(tracked(p.ctx, s, db.Scope{User: session.UserID, Session: session.ID}), session)
		add(u, err)
	}
	for _, secret := range p.secrets {
		u, token, err := s.TokenUser(tracked(p.ctx, s, db.Scope{User: id}), secret)
		add([]any{u, token}, err)
	}
	home := tracked(p.ctx, s, db.Scope{User: id})
	rooms, err := s.RoomsOf(home, viewer)
	add(rooms, err)
	open, err := s.OpenRooms(home, viewer, 30)
	add(open, err)
	users, err := s.Users(home, viewer, "", 0, 50)
	add(users, err)
	for _, room := range p.rooms {
		ctx := tracked(p.ctx, s, db.Scope{User: id, Room: room})
		view, err := s.Room(ctx, viewer, room)
		add(view, err)
		add("", s.CheckMember(p.ctx, viewer, room))
		for _, window := range []db.Window{{}, {Before: 4, Limit: 2}, {After: 2, Limit: 2}, {Around: 3, Limit: 3}} {
			page, err := s.Messages(ctx, viewer, room, window)
			add(page, err)
		}
	}
	return all
}

// tracked is a context as a request for a page has it.
func tracked(ctx context.Context, s *db.Store, scope db.Scope) context.Context {
	ctx, _ = s.Track(ctx, scope)
	return ctx
}

// TestNoAnswerIsOlderThanWhatWasAcknowledged has readers ask while others write: whoever asks after
// a write was acknowledged sees it.
func TestNoAnswerIsOlderThanWhatWasAcknowledged(t *testing.T) {
	const posts, readers = 60, 6
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		p := newPlay(t, s, rand.New(rand.NewPCG(1, 2)))
		author, room := p.people[0], p.rooms[0]
		reader := must[*db.RoomView](t)(s.Visit(t.Context(), p.people[1], room))
		wantEqual(t, "position", reader.LastPosition, int64(0))
		var acknowledged, renamed atomic.Int64
		var done atomic.Bool
		atOnce(readers+2, func(i int) {
			switch i {
			case 0:
				defer done.Store(true)
				for range posts {
					m, _, err := s.PostMessage(t.Context(), author, room, "안녕", "")
					if err != nil {
						t.Error(err)
						return
					}
					acknowledged.Store(m.Position)
				}
			case 1:
				for !done.Load() {
					u, err := s.UpdateProfile(t.Context(), author,
						db.ProfileChange{Profile: &db.Profile{DisplayName: "지민", Language: "ko", TimeZone: "UTC"}})
					if err != nil {
						t.Error(err)
						return
					}
					renamed.Store(u.Version)
				}
			default:
				for !done.Load() && !t.Failed() {
					readBoth(t, s, p.people[1], room, acknowledged.Load(), renamed.Load())
				}
			}
		})
	})
}

// readBoth reads a room as a page does, and fails for anything older than what its author has been
// told is done.
func readBoth(t *testing.T, s *db.Store, viewer *db.User, room uuid.UUID, position, version int64) {
	ctx := tracked(t.Context(), s, db.Scope{User: viewer.ID, Room: room})
	page, err := s.Messages(ctx, viewer, room, db.Window{})
	if err != nil {
		t.Error(err)
		return
	}
	if n := len(page.Messages); n > 0 {
		newest := page.Messages[n-1]
		if newest.Position < position || newest.Author.Version < version {
			t.Errorf("newest message %d by version %d; %d and %d were acknowledged", newest.Position, newest.Author.Version, position, version)
		}
	} else if position > 0 {
		t.Errorf("no message; %d were acknowledged", position)
	}
	view, err := s.Room(ctx, viewer, room)
	if err != nil {
		t.Error(err)
		return
	}
	if view.LastPosition < position || view.Unread < int(min(position, db.UnreadBound)) {
		t.Errorf("room at %d with %d unread; %d were acknowledged", view.LastPosition, view.Unread, position)
	}
}

// TestAnotherProgramsChangeIsNoticed has a second store write to the same database, as an
// operator's shell may.
func TestAnotherProgramsChangeIsNoticed(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		jimin := must[*db.SignedUp](t)(s.SignUp(t.Context(), db.NewUser{Name: "jimin", FirstRoomTitle: "사랑방"})).User
		room := must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), jimin))[0]
		_, err := dbtest.Open(t, db.Options{URL: url}).RenameRoom(t.Context(), jimin, room.ID, "안방")
		noError(t, err)
		clock.Advance(time.Second)
		wantEqual(t, "title", must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), jimin))[0].Title, "안방")
	})
}

// TestWhatAStoreWritesItselfLeavesTheRestCached: neither commits nor copying the log beside them
// look like another program's change.
func TestWhatAStoreWritesItselfLeavesTheRestCached(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		p := newPlay(t, s, rand.New(rand.NewPCG(1, 2)))
		ctx := func() context.Context {
			return tracked(t.Context(), s, db.Scope{User: p.people[0].ID, Room: p.rooms[1]})
		}
		before := must[*db.MessagePage](t)(s.Messages(ctx(), p.people[0], p.rooms[1], db.Window{}))
		for range 200 {
			_, _, err := s.PostMessage(t.Context(), p.people[0], p.rooms[0], "안녕", "")
			noError(t, err)
			clock.Advance(100 * time.Millisecond)
		}
		after := must[*db.MessagePage](t)(s.Messages(ctx(), p.people[0], p.rooms[1], db.Window{}))
		if before != after {
			t.Error("the history of another room was read anew")
		}
	})
}
