package handlers

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
	"sarangbang/internal/testseed"
)

// TestResume_AfterAThousandChangesEqualsAFreshPage makes changes of all kinds while somebody is
// away. What the stream brings on the return, over what was known before, is what a program reads
// anew.
func TestResume_AfterAThousandChangesEqualsAFreshPage(t *testing.T) {
	changes := 1000
	if testing.Short() {
		changes = 150
	}
	eachServer(t, func(t *testing.T, s *testServer) {
		random := rand.New(rand.NewPCG(testseed.New(t), 3))
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindPrivate, minsu)
		id := uuid.MustParse(strings.TrimPrefix(room, "/rooms/"))
		people := []*db.User{s.user(jimin), s.user(minsu)}
		for i := range 60 {
			dbPost(t, s, people[i%2], id, db.NewMessage{Body: fmt.Sprint("먼저 ", i)})
		}
		known, revision := readAll(t, jimin, room)
		for range changes {
			changeAtRandom(t, s, random, people[random.IntN(2)], id)
		}
		stream := jimin.Open(fmt.Sprintf("%s/stream?as=json&after=%d", room, revision))
		stream.Until("ready", func(e webtest.Event) bool {
			if e.Name == "message" {
				var at struct{ Position int64 }
				stream.JSON(e, &at)
				known[at.Position] = e.Data
			}
			return e.Name == "ready"
		})
		fresh, _ := readAll(t, minsu, room)
		if diff := cmp.Diff(fresh, known); diff != "" {
			t.Errorf("- read anew, + resumed:\n%s", diff)
		}
	})
}

// readAll reads all messages of a room, by position, and its revision.
func readAll(t *testing.T, p *webtest.Person, room string) (messages map[int64]string, revision int64) {
	t.Helper()
	var head struct{ Revision int64 }
	p.AsProgram().Get(room).Wants(http.StatusOK).JSON(&head)
	messages = map[int64]string{}
	for next := int64(0); ; {
		var page []json.RawMessage
		p.AsProgram().Get(fmt.Sprintf("%s/messages?limit=200&after=%d", room, next)).Wants(http.StatusOK).JSON(&page)
		if len(page) == 0 {
			return messages, head.Revision
		}
		for _, raw := range page {
			var at struct{ Position int64 }
			if err := json.Unmarshal(raw, &at); err != nil {
				t.Fatal(err)
			}
			messages[at.Position], next = string(raw), at.Position
		}
	}
}

func dbPost(t *testing.T, s *testServer, author *db.User, room uuid.UUID, n db.NewMessage) *db.Message {
	t.Helper()
	m, _, err := s.store.Post(t.Context(), author, room, n)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// changeAtRandom does one of everything that changes a room; some of it is refused.
func changeAtRandom(t *testing.T, s *testServer, random *rand.Rand, who *db.User, room uuid.UUID) {
	t.Helper()
	ctx, at := t.Context(), 1+random.Int64N(80)
	body := []string{"안녕", "@minsu 여기", "@모두", "||비밀||", "- [x] 끝"}[random.IntN(5)] + fmt.Sprint(" ", random.IntN(1000))
	switch random.IntN(8) {
	case 0, 1:
		dbPost(t, s, who, room, db.NewMessage{Body: body})
	case 2:
		s.store.Post(ctx, who, room, db.NewMessage{Body: body, ReplyTo: at})
	case 3:
		s.store.EditMessage(ctx, who, room, at, body)
	case 4:
		if random.IntN(4) == 0 {
			s.store.DeleteMessage(ctx, who, room, at)
		}
	case 5, 6:
		s.store.React(ctx, who, room, at, []string{"👍", "❤️", "🎉"}[random.IntN(3)], random.IntN(3) > 0)
	case 7:
		f, err := s.store.AddFile(ctx, who, room, db.File{Name: body + ".txt", Type: "text/plain; charset=utf-8", Size: 1}, fmt.Sprint(random.Uint64()), 0)
		if err != nil {
			t.Fatal(err)
		}
		dbPost(t, s, who, room, db.NewMessage{Files: []uuid.UUID{f.ID}})
	}
}
