package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// followPages returns the titles on all pages of a list for programs, and how many are on each.
func followPages(p *webtest.Person, path string) (titles []string, pages []int) {
	for path != "" {
		var rooms []struct{ Title string }
		a := p.AsProgram().Get(path).Wants(http.StatusOK).JSON(&rooms)
		for _, r := range rooms {
			titles = append(titles, r.Title)
		}
		pages = append(pages, len(rooms))
		next, found := strings.CutSuffix(a.Header.Get("Link"), `>; rel="next"`)
		if path = strings.TrimPrefix(next, "<"); !found {
			break
		}
	}
	return titles, pages
}

// followLinks returns the titles on all pages of a list for people.
func followLinks(p *webtest.Person, path string) (titles []string) {
	for path != "" {
		a := p.Get(path).Wants(http.StatusOK)
		for _, title := range a.Find("main .rows .title").EachIter() {
			titles = append(titles, title.Text())
		}
		path = a.Find("main .further a").AttrOr("href", "")
	}
	return titles
}

func TestLists_OfRoomsHavePages(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("boram")
		path := ""
		want := []string{}
		for i := range ownRoomsPage + 2 {
			title := fmt.Sprintf("방-%d", i)
			room, err := s.store.CreateRoom(t.Context(), s.user(jimin), title, db.KindOpen)
			if err != nil {
				t.Fatal(err)
			}
			path = roomPath(room.ID)
			want = append([]string{title}, want...)
		}
		boram.Post(path+"/join", nil)
		boram.Post(path+"/leave", nil)
		for _, c := range []struct {
			who   *webtest.Person
			path  string
			want  []string
			pages []int
		}{
			{jimin, "/rooms?q=" + url.QueryEscape("방"), nil, []int{ownRoomsPage, 2}},
			{boram, "/rooms/open", want, []int{openRoomsPage, openRoomsPage, 2}},
			{boram, "/rooms/open?q=" + url.QueryEscape("방1"), nil, []int{13}},
			{jimin, "/rooms?q=" + url.QueryEscape("방 0"), []string{"방-0"}, []int{1}},
			{boram, "/rooms/open?q=" + url.QueryEscape("ㅂ0"), []string{"방-0"}, []int{1}},
		} {
			titles, pages := followPages(c.who, c.path)
			if !slices.Equal(pages, c.pages) || c.want != nil && !slices.Equal(titles, c.want) {
				t.Errorf("%s: pages of %v with %q, want %v with %q", c.path, pages, titles, c.pages, c.want)
			}
			if shown := followLinks(c.who, c.path); !slices.Equal(shown, titles) {
				t.Errorf("%s: shown %q, as JSON %q", c.path, shown, titles)
			}
		}
		if titles, _ := followPages(jimin, "/rooms"); len(titles) < len(want) || !slices.Equal(titles[:len(want)], want) {
			t.Errorf("/rooms: %q", titles)
		}
		for _, after := range []string{"1", "x", "1.x", "-1.00000000-0000-0000-0000-000000000000"} {
			jimin.AsProgram().Get("/rooms?after=" + after).Wants(http.StatusUnprocessableEntity)
			jimin.AsProgram().Get("/rooms/open?after=" + after).Wants(http.StatusUnprocessableEntity)
		}
	})
}

// A room that moves to the top between two pages hides no other one.
func TestLists_OfRoomsGoOnWhereTheyWere(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		var last string
		for i := range ownRoomsPage + 5 {
			room, err := s.store.CreateRoom(t.Context(), s.user(jimin), fmt.Sprint(i), db.KindOpen)
			if err != nil {
				t.Fatal(err)
			}
			if i == 5 { // the last of the first page
				last = roomPath(room.ID)
			}
		}
		link := jimin.AsProgram().Get("/rooms").Header.Get("Link")
		jimin.Post(last+"/messages", webtest.Form{"body": "안녕하세요"})
		titles, _ := followPages(jimin, strings.TrimPrefix(strings.Split(link, ">")[0], "<"))
		if len(titles) < 5 || !slices.Equal(titles[:5], []string{"4", "3", "2", "1", "0"}) {
			t.Errorf("the second page has %q", titles)
		}
	})
}

func TestLists_ChangeInPlace(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		inList := `hx-partial[hx-target="#my-rooms"] #rooms-favourite a[href="` + room + `"]`
		for _, c := range []struct {
			path    string
			pressed string
			shown   int
		}{{room + "/favourite", "true", 1}, {room + "/favourite/delete", "false", 0}} {
			a := jimin.AsHTMX().Post(c.path, nil).Wants(http.StatusOK)
			if got := a.Find("form.favourite button").AttrOr("aria-pressed", ""); got != c.pressed {
				t.Errorf("%s: pressed is %q, want %q", c.path, got, c.pressed)
			}
			if got := a.Find(inList).Length(); got != c.shown {
				t.Errorf("%s: %d times among the favourites, want %d", c.path, got, c.shown)
			}
			jimin.Post(c.path, nil).Wants(http.StatusSeeOther)
		}
		for order, pressed := range map[string]string{"unread": "true", "activity": "false"} {
			a := jimin.AsHTMX().Post("/rooms/order", webtest.Form{"order": order}).Wants(http.StatusOK)
			if got := a.Find("form button[name=order]").AttrOr("aria-pressed", ""); got != pressed {
				t.Errorf("by %s: pressed is %q, want %q", order, got, pressed)
			}
			if got := a.Find("#my-rooms").AttrOr("data-order", ""); got != order {
				t.Errorf("by %s: the list is by %q", order, got)
			}
			jimin.Post("/rooms/order", webtest.Form{"order": order}).Wants(http.StatusSeeOther)
		}
	})
}
