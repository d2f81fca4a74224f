package handlers

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/internal/testseed"
)

// TestPages_EqualThoseOfAServiceThatHasJustBegun does whatever people do, at random, and then
// compares all pages of everybody with those of a service that has nothing cached, ETags included.
// On PostgreSQL two processes serve the same people.
func TestPages_EqualThoseOfAServiceThatHasJustBegun(t *testing.T) {
	rounds, opsPerRound := 12, 4
	if testing.Short() {
		rounds = 4
	}
	dbtest.EachURL(t, func(t *testing.T, url string) {
		m := newPagesModel(t, url)
		for round := range rounds {
			var done []string
			for range opsPerRound {
				done = append(done, m.step())
			}
			m.compare(fmt.Sprintf("round %d: %s", round, strings.Join(done, "; ")))
		}
	})
}

// pagesModel is some people who do what they may, on one service or two.
type pagesModel struct {
	t        *testing.T
	url      string // of the database
	clock    *dbtest.Clock
	rand     *rand.Rand
	services []*testServer
	people   []*webtest.Person // the first is the administrator
	ids      []int64           // of the people
	rooms    []string          // addresses
}

func newPagesModel(t *testing.T, url string) *pagesModel {
	m := &pagesModel{t: t, url: url, clock: dbtest.NewClock(), rand: rand.New(rand.NewPCG(testseed.New(t), 0))}
	m.services = []*testServer{m.service()}
	if m.services[0].store.Shared() {
		m.services = append(m.services, m.service())
	}
	s := m.services[0]
	m.people = []*webtest.Person{s.first(), s.signUp("minsu"), s.signUp("yuna")}
	for _, p := range m.people {
		m.ids = append(m.ids, s.user(p).ID)
		m.logIn(p)
	}
	m.rooms = []string{
		s.room(m.people[0], "마당", db.KindOpen), s.room(m.people[0], "안방", db.KindPrivate),
		m.people[1].Post("/users/"+itoa(m.ids[2])+"/direct", nil).Wants(http.StatusSeeOther).Location(),
	}
	m.people[1].Get(m.rooms[0]).Wants(http.StatusOK)
	for i := range 4 {
		m.people[i%2].Post(m.rooms[0]+"/messages", webtest.Form{"body": fmt.Sprint("안녕 ", i)}).Wants(http.StatusSeeOther)
	}
	return m
}

// service begins with nothing cached. All of them have one public address.
func (m *pagesModel) service() *testServer {
	store := dbtest.Open(m.t, db.Options{URL: m.url, Now: m.clock.Now})
	return newUncachedServer(m.t, store, Options{Now: m.clock.Now, BaseURL: "http://house.test"})
}

// logIn is for longer than the clock moves.
func (m *pagesModel) logIn(p *webtest.Person) *webtest.Answer {
	return p.Post("/login", webtest.Form{"name": p.Name, "password": webtest.Password, "remember": "on"})
}

// step has somebody do one thing, which may be refused, and says what.
func (m *pagesModel) step() string {
	who, other := m.rand.IntN(len(m.people)), m.rand.IntN(len(m.people))
	p := at(m.people[who], m.services[m.rand.IntN(len(m.services))])
	ops := m.ops(p, other, m.rooms[m.rand.IntN(len(m.rooms))])
	chosen := ops[m.rand.IntN(len(ops))]
	status := http.StatusSeeOther
	if a := chosen.do(); a != nil {
		status = a.Status
	}
	if status >= http.StatusInternalServerError {
		m.t.Fatalf("%s by %s: status %d", chosen.name, p.Name, status)
	}
	p.Get("/users")  // a sentence about what was done is shown once, by whichever page comes first
	p.Get("/tokens") // and so is a new token
	return fmt.Sprintf("%s by %s: %d", chosen.name, p.Name, status)
}

// at is somebody's browser at another process of the service.
func at(p *webtest.Person, s *testServer) *webtest.Person {
	moved := *p
	moved.Base = s.url
	return &moved
}

// op is something that people do. Without an answer it is done by the store.
type op struct {
	name string
	do   func() *webtest.Answer
}

// ops are everything that a person may do, to somebody else and in a room where that matters.
func (m *pagesModel) ops(p *webtest.Person, other int, room string) []op {
	message, text := room+"/messages/"+itoa(int64(1+m.rand.IntN(6))), fmt.Sprint("안녕 ", m.rand.IntN(1000))
	form := func(path string, pairs ...string) func() *webtest.Answer {
		values := webtest.Form{}
		for i := 0; i < len(pairs); i += 2 {
			values[pairs[i]] = pairs[i+1]
		}
		return func() *webtest.Answer { return p.Post(path, values) }
	}
	id, user := itoa(m.ids[other]), userPath(m.ids[other])
	ops := []op{
		{"post", form(room+"/messages", "body", text)},
		{"post with a key", form(room+"/messages", "body", text, "key", text)},
		{"post having read", form(room+"/messages", "body", text, "read", "4")},
		{"reply", form(room+"/messages", "body", text, "reply_to", itoa(int64(1+m.rand.IntN(6))))},
		{"mention", form(room+"/messages", "body", "@minsu @모두 "+text)},
		{"pin", form(message + "/pin")},
		{"unpin", form(message + "/unpin")},
		{"look at the activity", func() *webtest.Answer { return p.Get("/activity") }},
		{"edit", form(message, "body", text)},
		{"delete", form(message + "/delete")},
		{"react", form(message+"/reactions", "emoji", "👍")},
		{"react no more", form(message+"/reactions/delete", "emoji", "👍")},
		{"read", form(room+"/read", "position", itoa(int64(m.rand.IntN(8))))},
		{"visit", func() *webtest.Answer { return p.Get(room) }},
		{"join", form(room + "/join")},
		{"leave", form(room + "/leave")},
		{"add", form(room+"/members", "user", id)},
		{"remove", form(room + "/members/" + id + "/delete")},
		{"retitle", form(room, "title", text)},
		{"create a room", form("/rooms", "title", text, "kind", "open")},
		{"open a direct room", form(user + "/direct")},
		{"rename", form("/profile", "display_name", text, "bio", text)},
		{"language", form("/language", "language", []string{"ko", "en"}[m.rand.IntN(2)])},
		{"time zone", form("/profile", "time_zone", []string{"Asia/Seoul", "UTC", "America/New_York"}[m.rand.IntN(3)])},
		{"password", form("/profile", "current_password", webtest.Password, "new_password", webtest.Password)},
		{"no photo", form("/profile", "remove_photo", "on")},
		{"deactivate", form(user + "/deactivate")},
		{"token", form("/tokens", "title", text)},
		{"delete a token", form("/tokens/" + itoa(int64(1+m.rand.IntN(4))) + "/delete")},
		{"invite", form("/invites", "room", strings.TrimPrefix(room, "/rooms/"))},
		{"log out", form("/logout")},
		{"log in", func() *webtest.Answer { return m.logIn(p) }},
	}
	return append(ops, m.storeOps(p, other, room, text)...)
}

// storeOps are done by the store, where a form would be long, by the administrator or by time.
func (m *pagesModel) storeOps(p *webtest.Person, other int, room, text string) []op {
	s, ctx := m.services[m.rand.IntN(len(m.services))].store, m.t.Context()
	admin := &db.User{ID: m.ids[0], Role: db.RoleAdministrator}
	id, _ := uuid.Parse(strings.TrimPrefix(room, "/rooms/"))
	return []op{
		{"photo", func() *webtest.Answer {
			_, err := s.UpdateProfile(ctx, &db.User{ID: m.ids[other]}, db.ProfileChange{Photo: &db.NewPhoto{Type: "image/png", Content: []byte(text)}})
			m.noError(err)
			return nil
		}},
		{"activate", func() *webtest.Answer {
			if other != 0 {
				_, err := s.SetActive(ctx, admin, m.ids[other], true)
				m.noError(err)
			}
			return nil
		}},
		{"accept an invitation", func() *webtest.Answer {
			link, err := s.CreateInvite(ctx, admin, db.NewInvite{RoomID: &id})
			if err == nil {
				_, err = s.AcceptInvite(ctx, &db.User{ID: m.ids[other]}, link.Code)
				m.noError(err)
			}
			return nil
		}},
		{"sign up", func() *webtest.Answer {
			_, err := s.SignUp(ctx, db.NewUser{Name: uuid.NewString()[:20], Language: "ko", TimeZone: "UTC", Open: true})
			m.noError(err)
			return nil
		}},
		{"another day", func() *webtest.Answer { m.clock.Advance(13 * time.Hour); return nil }},
	}
}

func (m *pagesModel) noError(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// compare looks at every page of everybody, at each service and at one that has just begun.
func (m *pagesModel) compare(what string) {
	m.t.Helper()
	fresh := m.service()
	for i, p := range m.people {
		for _, path := range m.paths(fresh, m.ids[i]) {
			want := at(p, fresh).Get(path)
			for n, s := range m.services {
				got := at(p, s).Get(path)
				if diff := cmp.Diff(normalized(want), normalized(got)); diff != "" {
					m.t.Fatalf("%s: %s of %s, service %d (- just begun, + service):\n%s", what, path, p.Name, n, diff)
				}
			}
		}
	}
	m.noError(fresh.store.Close())
}

// paths are all pages. Open rooms that somebody is not in are left out: to look is to join them.
func (m *pagesModel) paths(s *testServer, user int64) []string {
	paths := []string{"/", "/rooms", "/users", "/profile", "/tokens", "/invites", userPath(m.ids[0]), userPath(m.ids[1])}
	for i, room := range m.rooms {
		id, _ := uuid.Parse(strings.TrimPrefix(room, "/rooms/"))
		if _, err := s.store.Room(m.t.Context(), &db.User{ID: user}, id); err == nil || i > 0 {
			paths = append(paths, room, room+"?around=2")
		}
		paths = append(paths, room+"/messages", room+"/messages?before=3", room+"/messages/1", room+"/members", room+"/settings")
	}
	return paths
}

// normalized is a page without what is new in each answer, with the headers that caches look at.
func normalized(a *webtest.Answer) []string {
	lines := strings.Split(strings.ReplaceAll(a.Body, a.Header.Get("X-Request-Id"), ""), "\n")
	head := []string{fmt.Sprint(a.Status), a.Header.Get("Location"), a.Header.Get("ETag"), a.Header.Get("Cache-Control"), a.Header.Get("Vary")}
	return slices.Concat(head, lines)
}
