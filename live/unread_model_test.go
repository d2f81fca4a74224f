package live

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

// TestUnread_EqualsTheStore lets members post, edit, delete, rename, read, mark as unread, join and
// leave at random, while pages and programs of theirs open and close, in one process and in three
// whose messages are lost, doubled and late. In the end every open list shows what the store
// counts.
func TestUnread_EqualsTheStore(t *testing.T) {
	for _, processes := range []int{1, 3} {
		for _, seed := range modelSeeds(t) {
			t.Run(fmt.Sprint(processes, " processes, seed ", seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { newListModel(t, seed, processes).run() })
			})
		}
	}
}

// listModel is some rooms and people, and what the lists of rooms of their pages and programs show.
type listModel struct {
	*cluster
	t      *testing.T
	random *rand.Rand
	rooms  []uuid.UUID
	lists  []*shownList
}

// shownList is an open stream and what it has told of its user's rooms, by title.
type shownList struct {
	user    int64
	room    uuid.UUID // that the stream shows; zero: none
	format  Format
	st      *stream
	entries map[string]string
}

// listPresenter writes lists and entries as JSON.
type listPresenter struct{ plainPresenter }

func entryText(r *db.RoomView) string {
	newest := "nothing"
	if r.Newest != nil {
		newest = messageText(r.Newest)
	}
	return fmt.Sprintf("%s: %s", r.Title, newest)
}

func (p listPresenter) Rooms(a Audience, _ *db.User, rooms []*db.RoomView, left []uuid.UUID, _ uuid.UUID) Event {
	all := map[string]string{"": "all"}
	if a.Format == JSON {
		all[""] = "changed"
	}
	for _, r := range rooms {
		all[r.ID.String()] = fmt.Sprintf("%s %d", entryText(r), r.Unread)
	}
	for _, id := range left {
		all[id.String()] = "gone"
	}
	text, _ := json.Marshal(all)
	return Event{Name: EventUnread, Data: text}
}

func (p listPresenter) Entry(_ Audience, r *db.RoomView, hole string) Event {
	text, _ := json.Marshal(map[string]string{"": "entry", r.ID.String(): entryText(r) + " " + hole})
	return Event{Name: EventUnread, Data: text}
}

func (p listPresenter) Counts(_ Audience, unread, _ int) []string {
	return []string{fmt.Sprint(unread)}
}

func newListModel(t *testing.T, seed uint64, processes int) *listModel {
	m := &listModel{cluster: &cluster{exchange: new(bus.Exchange), store: newFakeStore()}, t: t, random: rand.New(rand.NewPCG(seed, 7))}
	for range processes {
		m.join(t, listPresenter{})
	}
	if processes > 1 {
		fault := badly(rand.New(rand.NewPCG(seed, 5)))
		m.exchange.InjectFault(func(message bus.Message) []time.Duration {
			if n := message.Notice; n == nil || n.Read != nil || n.Users != nil {
				return []time.Duration{0, time.Second} // what has no revision, a bus loses with a signal alone
			}
			return fault(message)
		})
	}
	for i := range 4 {
		m.rooms = append(m.rooms, m.store.room(fmt.Sprint("room ", i), 1, 2, 3))
	}
	return m
}

func (m *listModel) run() {
	for range 150 {
		m.step()
		time.Sleep(time.Duration(m.random.IntN(300)) * time.Millisecond)
	}
	m.exchange.InjectFault(nil)
	for range 2 { // everything that was lost is found by what comes, or within seconds
		time.Sleep(10 * time.Second)
	}
	for _, l := range m.lists {
		m.compare(l)
	}
	m.close()
}

// step does something at random, in some process.
func (m *listModel) step() {
	room, user := m.rooms[m.random.IntN(len(m.rooms))], 1+m.random.Int64N(3)
	members, last := m.store.membersOf(room)
	hub := m.nodes[m.random.IntN(len(m.nodes))].hub
	switch op := m.random.IntN(20); {
	case op < 7:
		hub.Notify(m.store.post(room, user, fmt.Sprint("text ", m.random.IntN(1000))))
	case op < 9 && last > 0:
		hub.Notify(m.store.edit(room, 1+m.random.Int64N(last), fmt.Sprint("edited ", m.random.IntN(1000))))
	case op < 10 && last > 0:
		hub.Notify(m.store.remove(room, 1+m.random.Int64N(last)))
	case op < 13:
		hub.Notify(m.store.mark(room, user, m.random.Int64N(last+1)))
	case op < 14:
		m.changeMembers(hub, room, user, members)
	case op < 18:
		m.openList(user)
	case len(m.lists) > 2:
		i := m.random.IntN(len(m.lists))
		m.lists[i].st.cancel()
		<-m.lists[i].st.done
		m.lists = append(m.lists[:i:i], m.lists[i+1:]...)
	}
}

// changeMembers lets a user leave a room or come back.
func (m *listModel) changeMembers(hub *Hub, room uuid.UUID, user int64, members []int64) {
	var others []int64
	for _, id := range members {
		if id != user {
			others = append(others, id)
		}
	}
	ended := []db.Right{{UserID: user, Room: room}}
	if len(others) == len(members) {
		others, ended = append(others, user), nil
	}
	m.store.setMembers(room, others...)
	n := m.store.rename(room, m.store.titleOf(room))
	n.Users, n.Ended = []int64{user}, ended
	hub.Notify(n)
}

// openList opens the stream of a page that shows the list as the store has it, or of a program.
func (m *listModel) openList(user int64) {
	if len(m.lists) > 8 {
		return
	}
	l := &shownList{user: user, format: HTML, entries: map[string]string{}}
	if m.random.IntN(3) == 0 {
		l.format = JSON
	}
	views, _ := m.store.RoomsOf(m.t.Context(), person(user))
	for _, r := range views {
		l.entries[r.ID.String()] = fmt.Sprintf("%s %d", entryText(r), r.Unread)
	}
	if len(views) > 0 && m.random.IntN(2) == 0 {
		l.room = views[m.random.IntN(len(views))].ID
	}
	s := reads(user, l.room, FromNow).as(l.format)
	if l.format == HTML && m.random.IntN(4) > 0 {
		s.Except = []uuid.UUID{l.room}
		s.Listed = db.ListDigest(views, s.Except...)
	}
	l.st = m.nodes[m.random.IntN(len(m.nodes))].open(s)
	m.lists = append(m.lists, l)
}

// compare compares what a list shows with the store. What is shown of the room that the stream
// shows is the page's own business.
func (m *listModel) compare(l *shownList) {
	for _, e := range parse(l.st.text()) {
		if e.name != EventUnread {
			continue
		}
		var told map[string]string
		if err := json.Unmarshal([]byte(e.data), &told); err != nil {
			m.t.Fatal(err)
		}
		if told[""] == "all" {
			clear(l.entries)
		}
		for id, text := range told {
			if _, listed := l.entries[id]; listed || told[""] != "entry" { // a page replaces what it has
				l.entries[id] = text
			}
			if text == "gone" {
				delete(l.entries, id)
			}
		}
	}
	if l.st.ended() { // of a room that its user has left
		return
	}
	delete(l.entries, "")
	views, _ := m.store.RoomsOf(m.t.Context(), person(l.user))
	want := map[string]string{}
	for _, r := range views {
		if r.ID != l.room {
			want[r.ID.String()] = fmt.Sprintf("%s %d", entryText(r), r.Unread)
		}
	}
	for id := range l.entries {
		if _, member := want[id]; !member && id == l.room.String() {
			delete(l.entries, id)
		}
	}
	if d := cmp.Diff(want, l.entries); d != "" {
		m.t.Errorf("the list of user %d in %v, %s (-want +got):\n%s", l.user, l.room, l.format, d)
	}
}

func (s *fakeStore) membersOf(id uuid.UUID) (members []int64, last int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rooms[id].members, s.rooms[id].room.LastPosition
}

func (s *fakeStore) titleOf(id uuid.UUID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rooms[id].room.Title
}
