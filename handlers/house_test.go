package handlers

import (
	"bytes"
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
	"sarangbang/handlers/webtest"
	"sarangbang/live"
	"sarangbang/views"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// house is a whole service with a database of its own, for one test.
type house struct {
	tb    testing.TB
	store *db.Store
	hub   *live.Hub
	url   string
	// handler is what the server at url serves.
	handler http.Handler
	admin   *webtest.Person // the first user, "jimin"; signed up by the first call of first
	log     *syncBuffer
}

// eachHouse runs a test on every database.
func eachHouse(t *testing.T, test func(t *testing.T, h *house)) {
	eachHouseWith(t, Options{}, test)
}

// eachHouseWith is eachHouse with some options set.
func eachHouseWith(t *testing.T, o Options, test func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, store func() *db.Store) { test(t, open(t, store(), o)) })
}

// open starts a service on a store.
func open(tb testing.TB, store *db.Store, o Options) *house {
	tb.Helper()
	renderer, err := views.New("live-nonce")
	if err != nil {
		tb.Fatal(err)
	}
	return openWith(tb, store, o, renderer)
}

// openWith is open with views of one's own.
func openWith(tb testing.TB, store *db.Store, o Options, renderer *views.Renderer) *house {
	tb.Helper()
	h := &house{tb: tb, store: store, log: &syncBuffer{}}
	log := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.hub = live.New(live.Options{Store: store, Presenter: NewPresenter(renderer, log, time.Now), Logger: log, StreamsPerUser: 64})
	store.OnCommit(func(notices []db.Notice) { h.hub.Notify(notices...) })
	o.Store, o.Views, o.Hub, o.Logger, o.LiveNonce, o.CheapPasswords = store, renderer, h.hub, log, "live-nonce", true
	o.SessionKey = bytes.Repeat([]byte("k"), 32)
	handler, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(handler)
	h.url, h.handler = server.URL, handler
	tb.Cleanup(func() {
		h.hub.Close()
		server.Close()
	})
	return h
}

// first is the administrator.
func (h *house) first() *webtest.Person {
	h.tb.Helper()
	if h.admin == nil {
		h.admin = webtest.SignUp(h.tb, h.url, "jimin", "")
	}
	return h.admin
}

// signUp brings somebody else in, by invitation.
func (h *house) signUp(name string) *webtest.Person {
	h.tb.Helper()
	var invite struct{ Code string }
	h.first().AsProgram().Post("/invites", nil).Wants(201).JSON(&invite)
	return webtest.SignUp(h.tb, h.url, name, invite.Code)
}

// room makes a room and returns its address.
func (h *house) room(owner *webtest.Person, title string, kind db.Kind) string {
	h.tb.Helper()
	return owner.Post("/rooms", webtest.Form{"title": title, "kind": string(kind)}).Wants(303).Location()
}

// user is somebody as the database knows it.
func (h *house) user(p *webtest.Person) *db.User {
	h.tb.Helper()
	user, err := h.store.UserByName(h.tb.Context(), p.Name)
	if err != nil {
		h.tb.Fatal(err)
	}
	return user
}

func roomIn(tb testing.TB, path string) uuid.UUID {
	tb.Helper()
	id, err := uuid.Parse(path[len("/rooms/"):])
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// syncBuffer collects a log that several goroutines write.
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

func query(form webtest.Form) string {
	values := url.Values{}
	for name, value := range form {
		values.Set(name, value)
	}
	return values.Encode()
}
