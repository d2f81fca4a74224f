package handlers

import (
	"bytes"
	"cmp"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/files"
	"sarangbang/handlers/webtest"
	"sarangbang/live"
	"sarangbang/views"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// testServer is a running service with a database of its own, for one test.
type testServer struct {
	tb    testing.TB
	store *db.Store
	hub   *live.Hub
	url   string
	// handler is what the server at url serves.
	handler http.Handler
	admin   *webtest.Person // the first user, "jimin"; signed up by the first call of first
	log     *syncBuffer
}

// eachServer runs a test on every database.
func eachServer(t *testing.T, test func(t *testing.T, s *testServer)) {
	eachServerWith(t, Options{}, test)
}

// eachServerWith runs a test on every database, with some options set.
func eachServerWith(t *testing.T, o Options, test func(t *testing.T, s *testServer)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, store func() *db.Store) { test(t, newTestServer(t, store(), o)) })
}

// newTestServer starts a service on a store. All of them render with one renderer, because parsing
// the templates takes longer than most tests; rooms have different ids, and so do their messages.
func newTestServer(tb testing.TB, store *db.Store, o Options) *testServer {
	tb.Helper()
	renderer, err := sharedRenderer()
	if err != nil {
		tb.Fatal(err)
	}
	return newTestServerWith(tb, store, o, renderer)
}

var sharedRenderer = sync.OnceValues(func() (*views.Renderer, error) { return views.New("live-nonce", "") })

// newUncachedServer starts a service in which nothing is cached, nor shared with other services.
func newUncachedServer(tb testing.TB, store *db.Store, o Options) *testServer {
	tb.Helper()
	renderer, err := views.New("live-nonce", "")
	if err != nil {
		tb.Fatal(err)
	}
	return newTestServerWith(tb, store, o, renderer)
}

// newTestServerWith starts a service on a store, with a renderer.
func newTestServerWith(tb testing.TB, store *db.Store, o Options, renderer *views.Renderer) *testServer {
	tb.Helper()
	s := &testServer{tb: tb, store: store, log: &syncBuffer{}}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.hub = live.New(live.Options{Store: store, Presenter: NewPresenter(renderer, log, time.Now), Logger: log, StreamsPerUser: 64})
	store.OnCommit(func(notices []db.Notice) { s.hub.Notify(notices...) })
	o.Store, o.Views, o.Hub, o.Logger, o.LiveNonce, o.CheapPasswords = store, renderer, s.hub, log, "live-nonce", true
	if o.Storage == nil {
		folder, err := files.OpenFolder(tb.TempDir())
		if err != nil {
			tb.Fatal(err)
		}
		o.Storage, o.Aside, o.MaxFile = folder, folder.Aside(), cmp.Or(o.MaxFile, 5<<20)
	}
	if o.SessionKey == nil {
		o.SessionKey = bytes.Repeat([]byte("k"), 32)
	}
	handler, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(handler)
	s.url, s.handler = server.URL, handler
	tb.Cleanup(func() {
		s.hub.Close()
		server.Close()
	})
	return s
}

// first returns the first user, who is the administrator.
func (s *testServer) first() *webtest.Person {
	s.tb.Helper()
	if s.admin == nil {
		s.admin = webtest.SignUp(s.tb, s.url, "jimin", "")
	}
	return s.admin
}

// signUp signs up another user, by invitation of the first.
func (s *testServer) signUp(name string) *webtest.Person {
	s.tb.Helper()
	var invite struct{ Code string }
	s.first().AsProgram().Post("/invites", nil).Wants(201).JSON(&invite)
	return webtest.SignUp(s.tb, s.url, name, invite.Code)
}

// room makes a room and returns its path. Others are in it from the beginning, so that no event
// tells of their coming.
func (s *testServer) room(owner *webtest.Person, title string, kind db.Kind, others ...*webtest.Person) string {
	s.tb.Helper()
	if len(others) == 0 {
		return owner.Post("/rooms", webtest.Form{"title": title, "kind": string(kind)}).Wants(303).Location()
	}
	var ids []int64
	for _, p := range others {
		ids = append(ids, s.user(p).ID)
	}
	room, err := s.store.CreateRoom(s.tb.Context(), s.user(owner), title, kind, ids...)
	if err != nil {
		s.tb.Fatal(err)
	}
	return roomPath(room.ID)
}

// user returns a person as stored in the database.
func (s *testServer) user(p *webtest.Person) *db.User {
	s.tb.Helper()
	user, err := s.store.UserByName(s.tb.Context(), p.Name)
	if err != nil {
		s.tb.Fatal(err)
	}
	return user
}

// roomIn returns the id of the room at a path.
func roomIn(tb testing.TB, path string) uuid.UUID {
	tb.Helper()
	id, err := uuid.Parse(path[len("/rooms/"):])
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// syncBuffer is a buffer for concurrent use.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// query encodes fields as the query of an address.
func query(form webtest.Form) string {
	values := url.Values{}
	for name, value := range form {
		values.Set(name, value)
	}
	return values.Encode()
}

// testCookies are the names of the cookies of a testServer with the usual key.
var testCookies = must(newCookieNames(bytes.Repeat([]byte("k"), 32), ""))

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
