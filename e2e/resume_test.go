package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/internal/testseed"
)

// said is what a reader knows of a message.
type said struct {
	Position, Revision int64
	Body, HTML, Kind   string
	Deleted            bool
}

const (
	writers     = 8
	restarts    = 2
	cutAfter    = 40 // events a reader reads between two cuts, at most
	triesPerOne = 200
)

// writesEach returns how much each writer writes.
func writesEach() int {
	if testing.Short() {
		return 25
	}
	return 125
}

// writer posts, edits and deletes, and tries again where the server was away.
type writer struct {
	t       *testing.T
	base    string
	room    string
	token   string
	name    int
	random  *rand.Rand
	own     []int64 // positions of its messages that are not deleted
	written *atomic.Int64
}

func (w *writer) run() {
	for i := range writesEach() {
		switch n := w.random.IntN(10); {
		case n < 6 || len(w.own) == 0:
			key := fmt.Sprintf("%d-%d", w.name, i)
			var m said
			json.Unmarshal(w.send("/messages", url.Values{"body": {"message " + key}, "key": {key}}), &m)
			w.own = append(w.own, m.Position)
		case n < 8:
			position := w.own[w.random.IntN(len(w.own))]
			w.send("/messages/"+strconv.FormatInt(position, 10), url.Values{"body": {fmt.Sprintf("edit %d-%d", w.name, i)}})
		default:
			at := w.random.IntN(len(w.own))
			w.send("/messages/"+strconv.FormatInt(w.own[at], 10)+"/delete", url.Values{})
			w.own = append(w.own[:at], w.own[at+1:]...)
		}
		w.written.Add(1)
	}
}

// send repeats a request until the server has answered it.
func (w *writer) send(path string, form url.Values) []byte {
	for range triesPerOne {
		req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.base+w.room+path, strings.NewReader(form.Encode()))
		if err != nil {
			w.t.Error(err)
			return nil
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Authorization", "Bearer "+w.token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			<-time.After(20 * time.Millisecond) // the server is away
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil && resp.StatusCode < 300 {
			return body
		}
		if resp.StatusCode < 500 {
			w.t.Errorf("POST %s: status %d\n%s", path, resp.StatusCode, body)
			return nil
		}
	}
	w.t.Errorf("POST %s: given up", path)
	return nil
}

// follower reads a room's stream, is cut again and again, and resumes from its cursor.
type follower struct {
	t      *testing.T
	base   string
	room   string
	token  string
	random *rand.Rand
	state  map[int64]said
	cursor string
	ended  bool // the last message of all has been read
}

// lastWords is the body of the last message of all.
const lastWords = "the end"

func (f *follower) run() {
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		if f.ended {
			return
		}
		f.read(1 + f.random.IntN(cutAfter))
	}
	f.t.Error("the reader never caught up")
}

// read opens the stream, reads so many events and cuts it.
func (f *follower) read(events int) {
	req, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, f.base+f.room+"/stream?as=json&after=0", nil)
	if err != nil {
		f.t.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+f.token)
	if f.cursor != "" {
		req.Header.Set("Last-Event-ID", f.cursor)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		<-time.After(20 * time.Millisecond) // the server is away
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return
	}
	for e := range webtest.Events(resp.Body) {
		if e.Name == "message" {
			f.apply(e)
		}
		if e.HasID {
			f.cursor = e.ID
		}
		if events--; events == 0 || f.ended {
			return
		}
	}
}

func (f *follower) apply(e webtest.Event) {
	var m said
	if err := json.Unmarshal([]byte(e.Data), &m); err != nil {
		f.t.Errorf("event %q: %v", e.Data, err)
	}
	if strconv.FormatInt(m.Revision, 10) != e.ID {
		f.t.Errorf("id %s of revision %d", e.ID, m.Revision)
	}
	before, _ := strconv.ParseInt(f.cursor, 10, 64)
	if m.Revision <= before {
		f.t.Errorf("revision %d after cursor %d", m.Revision, before)
	}
	f.state[m.Position] = m
	f.ended = m.Body == lastWords
}

// history is a room's whole history as pages show it.
func history(p *webtest.Person, room string) map[int64]said {
	all := map[int64]said{}
	for path := room + "/messages?limit=200"; ; {
		var page []said
		p.AsProgram().Get(path).Wants(http.StatusOK).JSON(&page)
		if len(page) == 0 {
			return all
		}
		for _, m := range page {
			all[m.Position] = m
		}
		path = fmt.Sprintf("%s/messages?limit=200&before=%d", room, page[0].Position)
	}
}

func TestAReaderThatIsCutHoldsTheStateOfAFreshPage(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		server := start(t, map[string]string{"DATABASE_URL": url})
		admin := webtest.SignUp(t, server.url, "jimin", "")
		room := admin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
		token := strings.TrimPrefix(admin.WithToken().Header.Get("Authorization"), "Bearer ")
		seed := testseed.New(t)

		var written atomic.Int64
		var writing, reading sync.WaitGroup
		for name := range writers {
			w := &writer{t: t, base: server.url, room: room, token: token, name: name, random: rand.New(rand.NewPCG(seed, uint64(name))), written: &written}
			writing.Go(w.run)
		}
		f := &follower{
			t: t, base: server.url, room: room, token: token, random: rand.New(rand.NewPCG(seed, writers)), state: map[int64]said{},
		}
		reading.Go(f.run)
		for i := range restarts {
			for written.Load() < int64((i+1)*writers*writesEach()/(restarts+1)) && !t.Failed() {
				<-time.After(5 * time.Millisecond)
			}
			server.restart()
		}
		writing.Wait()
		admin.Post(room+"/messages", webtest.Form{"body": lastWords}).Wants(http.StatusSeeOther)
		reading.Wait()
		if diff := cmp.Diff(f.state, history(admin, room)); diff != "" {
			t.Errorf("the reader's state differs from a fresh page (-reader +page):\n%s", diff)
		}
	})
}
