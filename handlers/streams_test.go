package handlers

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

func TestStream_CarriesPostsEditsAndDeletions(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		stream := boram.WithToken().Open(room + "/stream")
		ready := stream.UntilNamed("ready")
		if !ready.HasID {
			t.Error("ready has no id")
		}
		jimin.Post(room+"/messages", webtest.Form{"body": "첫 마디"})
		jimin.Post(room+"/messages/1", webtest.Form{"body": "고친 마디"})
		jimin.Post(room+"/messages/1/delete", nil)
		var last int64
		for _, want := range []struct {
			body    string
			deleted bool
		}{{"첫 마디", false}, {"고친 마디", false}, {"", true}} {
			var m messageShape
			e := stream.UntilNamed("message")
			stream.JSON(e, &m)
			if m.Body != want.body || m.Deleted != want.deleted || m.Position != 1 {
				t.Errorf("message %d %q deleted=%t, want %q deleted=%t", m.Position, m.Body, m.Deleted, want.body, want.deleted)
			}
			if e.ID != strconv.FormatInt(m.Revision, 10) || m.Revision <= last {
				t.Errorf("id %s of revision %d after %d", e.ID, m.Revision, last)
			}
			last = m.Revision
		}
	})
}

func TestStream_ContinuesWhereThePageEnds(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "before the page"})
		page := jimin.Get(room).Wants(http.StatusOK)
		address, _ := page.Find("#stream").Attr("hx-sse:connect")
		if !strings.HasPrefix(address, room+"/stream?after=") {
			t.Fatalf("the page's stream is %q", address)
		}
		jimin.Post(room+"/messages", webtest.Form{"body": "between page and stream"})
		stream := jimin.Open(address)
		e := stream.UntilHas("between page and stream")
		if e.Name != "" || !strings.Contains(e.Data, `<hx-upsert hx-target="#messages" sort>`) || !e.HasID {
			t.Errorf("event %+v, want an unnamed one with an upsert and an id", e)
		}
		if strings.Contains(e.Data, "before the page") {
			t.Error("the stream repeats what the page shows")
		}
		jimin.Post(room+"/messages", webtest.Form{"body": "live"})
		live := stream.UntilHas(`<li id="m3"`) // the list of rooms tells of it as well
		fresh := jimin.Get(room)
		html, err := fresh.Find("#m3").Parent().Html()
		if err != nil || html == "" {
			t.Fatalf("no message 3 on the page: %v", err)
		}
		start := strings.Index(fresh.Body, `<li id="m3"`)
		fragment := strings.TrimSuffix(strings.TrimPrefix(live.Data, `<hx-upsert hx-target="#messages" sort>`), `</hx-upsert>`)
		if start < 0 || !strings.HasPrefix(fresh.Body[start:], strings.TrimSpace(fragment)) {
			t.Errorf("page and stream differ:\n%s\n%s", fragment, fresh.Body[max(start, 0):][:min(len(fragment), len(fresh.Body)-max(start, 0))])
		}
	})
}

func TestStream_StartsAtItsCursor(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		for range 3 {
			jimin.Post(room+"/messages", webtest.Form{"body": "말"})
		}
		script := jimin.WithToken()
		for name, c := range map[string]struct {
			query, lastEventID string
			first              string
		}{
			"none starts from now":          {"", "", "ready"},
			"zero tells everything":         {"?after=0", "", "room"},
			"Last-Event-ID wins":            {"?after=0", "3", "message"},
			"the future is reset":           {"?after=1000", "", "reset"},
			"a future Last-Event-ID resets": {"", "1000", "reset"},
		} {
			t.Run(name, func(t *testing.T) {
				stream := script.Open(room+"/stream"+c.query, "Last-Event-ID", c.lastEventID)
				e, ok := stream.Next()
				if !ok || e.Name != c.first {
					t.Errorf("first event %+v, want %s", e, c.first)
				}
				stream.Close()
			})
		}
		for _, bad := range []string{"?after=x", "?after=-1", "?after=1.5"} {
			script.Get(room + "/stream" + bad).Wants(http.StatusUnprocessableEntity)
		}
		script.Get(room + "/stream?as=morse").Wants(http.StatusUnprocessableEntity)
	})
}

func TestStream_IsTextForATerminal(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		stream := jimin.WithToken().Open(room + "/stream?as=text")
		if got := stream.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" {
			t.Errorf("Content-Type %q", got)
		}
		jimin.Post(room+"/messages", webtest.Form{"body": "안녕하세요\n여러분"})
		line := stream.UntilHas("안녕하세요")
		if !strings.Contains(line.Data, "jimin") {
			t.Errorf("line %q names nobody", line.Data)
		}
	})
}

// Each case ends the right by which a stream was opened, and so the stream. How soon it ends is
// tested in package live, with a fake clock.
func TestStream_EndsWithTheRightToIt(t *testing.T) {
	for name, end := range map[string]func(s *testServer, admin, reader *webtest.Person, room string){
		"signed out": func(_ *testServer, _, reader *webtest.Person, _ string) { reader.Post("/logout", nil).Wants(303) },
		"left": func(_ *testServer, _, reader *webtest.Person, room string) {
			reader.Post(room+"/leave", nil).Wants(303)
		},
		"removed": func(s *testServer, admin, reader *webtest.Person, room string) {
			admin.Post(room+"/members/"+itoa(s.user(reader).ID)+"/delete", nil).Wants(303)
		},
		"deactivated": func(s *testServer, admin, reader *webtest.Person, _ string) {
			admin.Post("/users/"+itoa(s.user(reader).ID)+"/deactivate", nil).Wants(303)
		},
		"password changed": func(s *testServer, _, reader *webtest.Person, _ string) {
			elsewhere := webtest.Visitor(s.tb, s.url)
			elsewhere.Post("/login", webtest.Form{"name": reader.Name, "password": webtest.Password}).Wants(303)
			elsewhere.Post("/profile", webtest.Form{"current_password": webtest.Password, "new_password": "sun over the yard"}).Wants(303)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachServer(t, func(t *testing.T, s *testServer) {
				admin, reader := s.first(), s.signUp("보람")
				room := s.room(admin, "마당", db.KindOpen)
				reader.Get(room).Wants(200)
				stream := reader.Open(room + "/stream?as=json")
				stream.UntilNamed("ready")
				end(s, admin, reader, room)
				stream.UntilNamed("close")
				stream.Ends()
			})
		})
	}
}

func TestStream_EndsOnlyWithItsOwnToken(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		first, second := jimin.WithToken(), jimin.WithToken()
		doomed, other := first.Open(room+"/stream"), second.Open(room+"/stream")
		doomed.UntilNamed("ready")
		other.UntilNamed("ready")
		var tokens []tokenShape
		jimin.AsProgram().Get("/tokens").JSON(&tokens)
		jimin.Post("/tokens/"+itoa(min(tokens[0].ID, tokens[1].ID))+"/delete", nil).Wants(303)
		doomed.UntilNamed("close")
		doomed.Ends()
		jimin.Post(room+"/messages", webtest.Form{"body": "still here"})
		other.UntilHas("still here")
		first.Get("/rooms").Wants(http.StatusUnauthorized)
	})
}

func TestStream_TellsOtherPagesOfUnread(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		home := boram.Open("/stream", "Accept", "text/html, text/event-stream")
		home.UntilHas(`my-rooms`)
		// A room that did not exist when the page was opened.
		direct := jimin.Post("/users/"+itoa(s.user(boram).ID)+"/direct", nil).Wants(303).Location()
		jimin.Post(direct+"/messages", webtest.Form{"body": "처음이에요"}).Wants(303)
		home.UntilHas("처음이에요")
		boram.Post(direct+"/read", webtest.Form{"position": "1"}).Wants(303)
		home.Until("the list without unread", func(e webtest.Event) bool { return strings.Contains(e.Data, `data-unread="0"`) })
	})
}

func TestStream_OfTextBeginsWithTheNewest(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindPrivate)
		for _, body := range []string{"하나", "둘", "셋"} {
			jimin.Post(room+"/messages", webtest.Form{"body": body}).Wants(http.StatusSeeOther)
		}
		stream := room + "/stream?as=text&last="
		lines := jimin.WithToken().Open(stream + "2")
		jimin.Post(room+"/messages", webtest.Form{"body": "넷"}).Wants(http.StatusSeeOther)
		for _, body := range []string{"둘", "셋", "넷"} {
			if e, ok := lines.Next(); !ok || !strings.HasSuffix(strings.TrimSpace(e.Data), body) {
				t.Errorf("line %q, want %s", e.Data, body)
			}
		}
		jimin.AsProgram().Get(stream + "201").Wants(http.StatusUnprocessableEntity)
		boram.AsProgram().Get(stream + "2").Wants(http.StatusNotFound)
	})
}

// TestStream_TellsProgramsOfTheRoomsThatChanged enters and leaves a room beside others.
func TestStream_TellsProgramsOfTheRoomsThatChanged(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		s.room(jimin, "뒤뜰", db.KindOpen, boram)
		yard := s.room(jimin, "마당", db.KindOpen)
		program := boram.AsProgram().Open("/stream")
		program.UntilNamed("ready")
		wants := func(key string, value any) {
			t.Helper()
			var told []map[string]any
			program.JSON(program.UntilNamed("unread"), &told)
			if len(told) != 1 || told[0]["id"] != yard[len("/rooms/"):] || told[0][key] != value {
				t.Errorf("told %v, want %s: %v", told, key, value)
			}
		}
		boram.Post(yard+"/join", nil).Wants(http.StatusSeeOther)
		wants("title", "마당")
		jimin.Post(yard+"/messages", webtest.Form{"body": "안녕"}).Wants(http.StatusSeeOther)
		wants("unread", 1.0)
		boram.Post(yard+"/leave", nil).Wants(http.StatusSeeOther)
		wants("gone", true)
	})
}

func TestStream_TellsEachMemberOfTheirOwnFavourites(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram, chorong := s.first(), s.signUp("boram"), s.signUp("chorong")
		yard := s.room(jimin, "마당", db.KindOpen, boram, chorong)
		boram.Post(yard+"/favourite", nil).Wants(http.StatusSeeOther)
		programs := map[*webtest.Person]*webtest.Stream{}
		for _, p := range []*webtest.Person{boram, chorong} {
			programs[p] = p.AsProgram().Open("/stream")
			programs[p].UntilNamed("ready")
		}
		jimin.Post(yard+"/messages", webtest.Form{"body": "안녕"}).Wants(http.StatusSeeOther)
		for p, want := range map[*webtest.Person]bool{boram: true, chorong: false} {
			var told []roomShape
			programs[p].JSON(programs[p].UntilNamed("unread"), &told)
			if len(told) != 1 || told[0].Favourite == nil || *told[0].Favourite != want {
				t.Errorf("%s is told %+v, want the room with favourite %v", p.Name, told, want)
			}
		}
	})
}

func TestStream_StalledReaderDelaysNobody(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		script := jimin.WithToken()
		const stalled = 5
		for range stalled { // that read no more than the status
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.(*net.TCPConn).SetReadBuffer(4096)
			fmt.Fprintf(conn, "GET %s/stream HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n", room, script.Header.Get("Authorization"))
			status := make([]byte, len("HTTP/1.1 200"))
			if _, err := io.ReadFull(conn, status); err != nil || string(status) != "HTTP/1.1 200" {
				t.Fatalf("%q, %v, want a stream", status, err)
			}
		}
		stream := script.Open(room + "/stream")
		stream.UntilNamed("ready")
		body := strings.Repeat("가", maxMessage)
		// Some 60 kB each time, until the kernel and the queues hold no more and every stalled
		// reader is let go.
		for i := 0; strings.Count(s.log.String(), "why=slow") < stalled; i++ {
			if i == 1000 {
				t.Fatalf("%d posts, and the stalled readers are still there", i)
			}
			tail := " " + strconv.Itoa(i)
			script.Post(room+"/messages", webtest.Form{"body": body[:len(body)-3*len(tail)] + tail}).Wants(http.StatusCreated)
			stream.UntilHas(tail + `"`)
		}
	})
}
