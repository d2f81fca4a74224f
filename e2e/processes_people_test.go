package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"sarangbang/handlers/webtest"
)

// twoApart are two people in a room, each of whom has a process.
func twoApart(t *testing.T, c *cluster) (jimin, boram *webtest.Person, room string) {
	t.Helper()
	jimin = webtest.SignUp(t, c.nodes[0].url, "jimin", "")
	boram = webtest.SignUp(t, c.nodes[1].url, "boram", invitation(jimin))
	room = jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
	boram.Get(room).Wants(http.StatusOK)
	return jimin, boram, room
}

// untilPeople waits for a presence or typing event with exactly some people.
func untilPeople(s *webtest.Stream, name string, want ...string) {
	s.Until(name+" "+strings.Join(want, " "), func(e webtest.Event) bool {
		var shape struct{ People []struct{ Name string } }
		if e.Name != name || json.Unmarshal([]byte(e.Data), &shape) != nil {
			return false
		}
		var got []string
		for _, p := range shape.People {
			got = append(got, p.Name)
		}
		return strings.Join(got, " ") == strings.Join(want, " ")
	})
}

func TestPeopleAreOnlineWhileAStreamIsOpenAnywhere(t *testing.T) {
	eachBus(t, 3, func(t *testing.T, c *cluster) {
		jimin, boram, room := twoApart(t, c)
		watcher := jimin.Open(room + "/stream?as=json")
		untilPeople(watcher, "presence", "jimin")
		other := c.nodes[1]
		for _, part := range []func(page *webtest.Stream){
			func(page *webtest.Stream) { page.Close() },
			func(*webtest.Stream) { other.stop(); other.start() },
			func(*webtest.Stream) { other.kill(); other.start() },
		} {
			page, another := boram.Open("/stream"), c.at(boram, 2).Open("/stream")
			untilPeople(watcher, "presence", "jimin", "boram")
			another.Close() // one is open still
			part(page)
			untilPeople(watcher, "presence", "jimin")
		}
	})
}

func TestWhoIsWritingIsSeenInEveryProcess(t *testing.T) {
	eachBus(t, 2, func(t *testing.T, c *cluster) {
		jimin, boram, room := twoApart(t, c)
		watchers := []*webtest.Stream{jimin.Open(room + "/stream?as=json"), c.at(jimin, 1).Open(room + "/stream?as=json")}
		for _, s := range watchers {
			untilPeople(s, "presence", "jimin")
		}
		boram.AsProgram().Post(room+"/typing", nil).Wants(http.StatusNoContent)
		for _, s := range watchers {
			untilPeople(s, "typing", "boram")
		}
		boram.Post(room+"/messages", webtest.Form{"body": "안녕하세요"})
		for _, s := range watchers {
			untilPeople(s, "typing")
		}
	})
}
