package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/internal/testseed"
)

// listedRoom is what a list of rooms says of one of them; a page may leave the revision out.
type listedRoom struct {
	Title    string
	Unread   int
	Revision int64
}

// rooms is a list of rooms by id.
type rooms map[string]listedRoom

// listReader is an open page, or a program, that keeps its list of rooms by what its stream says.
type listReader struct {
	t      testing.TB
	name   string
	person int
	html   bool
	shown  string // id of the room that the stream shows; empty: none. What the list says of it is its page's.

	mu    sync.Mutex
	rooms rooms
}

// differs returns how the reader's list differs from the database's. A program is not told which
// rooms it is in no more.
func (r *listReader) differs(want rooms) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	got, wanted := rooms{}, rooms{}
	for id, room := range r.rooms {
		stored, in := want[id]
		if r.html && room.Revision == 0 {
			room.Revision = stored.Revision
		}
		if id != r.shown && (r.html || in) {
			got[id] = room
		}
	}
	for id, room := range want {
		if id != r.shown {
			wanted[id] = room
		}
	}
	return cmp.Diff(got, wanted)
}

func (r *listReader) read(s *webtest.Stream) {
	for e := range s.All() {
		r.mu.Lock()
		switch {
		case r.html && e.Name == "":
			r.swap(e.Data)
		case !r.html && e.Name == "unread":
			r.merge(e.Data)
		}
		r.mu.Unlock()
	}
}

// merge takes over the rooms of an unread event. It is called under mu, as swap is.
func (r *listReader) merge(data string) {
	var changed []struct {
		listedRoom
		ID   string
		Gone bool
	}
	if err := json.Unmarshal([]byte(data), &changed); err != nil {
		r.t.Errorf("%s: %v in %q", r.name, err, data)
	}
	for _, room := range changed {
		if r.rooms[room.ID] = room.listedRoom; room.Gone {
			delete(r.rooms, room.ID)
		}
	}
}

var entryTarget = regexp.MustCompile(`^#room-([0-9a-f-]{36})$`)

// swap does what htmx would: it replaces the list, or an entry that the page has.
func (r *listReader) swap(data string) {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(data))
	if err != nil {
		r.t.Error(err)
		return
	}
	doc.Find("hx-partial").Each(func(_ int, part *goquery.Selection) {
		target := part.AttrOr("hx-target", "")
		if target == "#my-rooms" {
			r.rooms = entriesIn(part)
			return
		}
		found := entryTarget.FindStringSubmatch(target)
		if found == nil {
			return
		}
		if _, known := r.rooms[found[1]]; known {
			delete(r.rooms, found[1])
			for id, room := range entriesIn(part) {
				r.rooms[id] = room
			}
		}
	})
}

// entriesIn returns the entries of rooms in HTML.
func entriesIn(part *goquery.Selection) rooms {
	list := rooms{}
	part.Find("li[id^=room-]").Each(func(_ int, entry *goquery.Selection) {
		unread, _ := strconv.Atoi(entry.AttrOr("data-unread", "0"))
		revision, _ := strconv.ParseInt(entry.AttrOr("data-revision", ""), 10, 64)
		id := strings.TrimPrefix(entry.AttrOr("id", ""), "room-")
		list[id] = listedRoom{entry.Find(".title").Text(), unread, revision}
	})
	return list
}

// listModel is a house with people in several processes, to which random things happen.
type listModel struct {
	t       *testing.T
	c       *cluster
	random  *rand.Rand
	people  []*webtest.Person
	ids     []int64
	readers []*listReader
	rooms   []string // addresses; nobody leaves the first
	said    int
}

func newListModel(t *testing.T, c *cluster) *listModel {
	m := &listModel{t: t, c: c, random: rand.New(rand.NewPCG(testseed.New(t), 0))}
	jimin := webtest.SignUp(t, c.nodes[0].url, "jimin", "")
	m.people = []*webtest.Person{jimin}
	for _, name := range []string{"boram", "dahye"} {
		m.people = append(m.people, webtest.SignUp(t, c.nodes[0].url, name, invitation(jimin)))
	}
	for i, p := range m.people {
		id, _ := strconv.ParseInt(idOf(p), 10, 64)
		m.ids = append(m.ids, id)
		m.people[i] = p.WithToken()
	}
	for i := range 4 {
		m.rooms = append(m.rooms, jimin.Post("/rooms", webtest.Form{"title": fmt.Sprint("방 ", i)}).Location())
	}
	for _, p := range m.people[1:] {
		p.AsProgram().Get(m.rooms[0])
		p.AsProgram().Get(m.rooms[1])
	}
	for i := range m.people {
		for node := range c.nodes {
			m.open(i, node, "json", "")
			m.open(i, node, "html", "")
		}
		m.open(i, i%len(c.nodes), "json", m.rooms[0])
		m.open(i, i%len(c.nodes), "html", m.rooms[0])
	}
	return m
}

// open opens a stream of a person at a process: its own, or that of a room.
func (m *listModel) open(person, node int, as, room string) {
	p := m.c.at(m.people[person], node)
	r := &listReader{t: m.t, person: person, html: as == "html", shown: strings.TrimPrefix(room, "/rooms/"), rooms: rooms{}}
	r.name = fmt.Sprintf("the %s stream of person %d at node %d of %q", as, person, node, room)
	stream := p.Open(room + "/stream?as=" + as)
	if !r.html {
		stream.UntilNamed("ready")
		r.merge(p.AsProgram().Get("/rooms").Body)
	}
	m.readers = append(m.readers, r)
	go r.read(stream)
}

// act lets one random thing happen, and returns what it was. Some of it is refused, as it would be
// to people.
func (m *listModel) act() string {
	i := m.random.IntN(len(m.people))
	p := m.c.at(m.people[i], m.random.IntN(len(m.c.nodes))).AsProgram()
	room := m.rooms[m.random.IntN(len(m.rooms))]
	other := m.ids[m.random.IntN(len(m.ids))]
	position := strconv.Itoa(1 + m.random.IntN(m.said+1))
	post := func(path string, form webtest.Form) string {
		answer := p.Post(path, form)
		return fmt.Sprint("person ", i, " posts ", form, " to ", path, ": ", answer.Status)
	}
	m.said++
	switch m.random.IntN(16) {
	case 0:
		return post(room+"/messages/"+position+"/delete", nil)
	case 1:
		return post(room+"/messages/"+position, webtest.Form{"body": fmt.Sprint("고친 말 ", m.said)})
	case 2, 3:
		return post(room+"/read", webtest.Form{"position": position})
	case 4:
		return post(room, webtest.Form{"title": fmt.Sprint("이름 ", m.said)})
	case 5:
		return post("/profile", webtest.Form{"display_name": fmt.Sprint("사람 ", i, " ", m.said)})
	case 6:
		return post(room+"/join", nil)
	case 7:
		if room != m.rooms[0] {
			return post(room+"/leave", nil)
		}
	case 8:
		direct := p.Post(fmt.Sprintf("/users/%d/direct", other), nil)
		var opened struct{ ID string }
		if direct.Status < 300 {
			direct.JSON(&opened)
			m.rooms = append(m.rooms, "/rooms/"+opened.ID)
		}
		return fmt.Sprint("person ", i, " opens a conversation with ", other, ": ", direct.Status)
	case 9:
		return post(room+"/members", webtest.Form{"user": fmt.Sprint(other)})
	}
	return post(room+"/messages", webtest.Form{"body": fmt.Sprint("말 ", m.said)})
}

// wantsAgreement recounts from the database, and waits until every open page says the same.
func (m *listModel) wantsAgreement(history []string) {
	m.t.Helper()
	store, err := db.Open(m.t.Context(), db.Options{URL: m.c.database}) // a new one remembers nothing
	if err != nil {
		m.t.Fatal(err)
	}
	defer store.Close()
	want := make([]rooms, len(m.people))
	for i, id := range m.ids {
		views, err := store.RoomsOf(m.t.Context(), &db.User{ID: id})
		if err != nil {
			m.t.Fatal(err)
		}
		want[i] = rooms{}
		for _, v := range views {
			want[i][v.ID.String()] = listedRoom{v.Title, v.Unread, v.Revision}
		}
	}
	for _, r := range m.readers {
		diff := r.differs(want[r.person])
		for deadline := time.Now().Add(patience); diff != "" && time.Now().Before(deadline); diff = r.differs(want[r.person]) {
			pass(glance)
		}
		if diff != "" {
			m.t.Fatalf("%s; shown and stored:\n%s\nafter %s", r.name, diff, strings.Join(history, "\n      "))
		}
	}
}

// run lets things happen, each alone, and then many at once while messages between the processes
// get lost.
func (m *listModel) run(cut func() (mend func())) {
	m.wantsAgreement(nil)
	var history []string
	for range 25 {
		history = append(history, m.act())
		m.wantsAgreement(history)
	}
	for range 2 {
		mend := cut()
		for range 12 {
			history = append(history, m.act())
		}
		m.wantsAgreement(history) // while the processes do not hear each other, too
		mend()
	}
	history = append(history, m.act())
	m.wantsAgreement(history)
}

func TestListsOfRooms_AgreeWithTheDatabase(t *testing.T) {
	t.Run("one process", func(t *testing.T) {
		dbtest.EachURL(t, func(t *testing.T, url string) {
			c := &cluster{t: t, database: url, nodes: []*process{start(t, map[string]string{"DATABASE_URL": url})}}
			newListModel(t, c).run(func() func() { return func() {} })
		})
	})
	t.Run("three processes", func(t *testing.T) {
		eachBus(t, 3, func(t *testing.T, c *cluster) { newListModel(t, c).run(c.cutBus) })
	})
}
