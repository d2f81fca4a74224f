package handlers

import (
	"html/template"
	"net/url"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

const (
	ownRoomsPage  = 100 // rooms on a page of the viewer's own
	openRoomsPage = 50  // open rooms on a page of those to join
)

// roomSearch is what the query of the address asks a list of rooms for: q is what to search for,
// after the place before the first.
type roomSearch struct {
	query string
	after db.RoomCursor
}

func readRoomSearch(c *gin.Context) (search roomSearch, err error) {
	in := readQuery(c)
	search.query = in.line("q", 0, maxQuery)
	if text := in.value("after"); text != "" {
		if search.after, err = db.ParseRoomCursor(text); err != nil {
			in.addError("after", "error.choice")
		}
	}
	return search, in.err()
}

// next returns the address of the next page of a list of rooms, which begins after a room.
func (search roomSearch) next(path string, last *db.Room) string {
	return nextPage(path, search.query, db.CursorAfter(last).String())
}

// nextPage returns the address of the next page of a list that a query searches.
func nextPage(path, query, after string) string {
	next := url.Values{"after": {after}}
	if query != "" {
		next.Set("q", query)
	}
	return path + "?" + next.Encode()
}

// linkNext tells programs the address of the next page of a list; empty: this is the last one.
func (s *server) linkNext(c *gin.Context, next string) {
	if next != "" {
		c.Header("Link", "<"+s.address(next)+`>; rel="next"`)
	}
}

// listRooms answers with the viewer's rooms, or those that the query q of the address finds.
func (s *server) listRooms(c *gin.Context) error {
	search, err := readRoomSearch(c)
	if err != nil {
		return err
	}
	rooms, err := s.store.RoomsOf(c.Request.Context(), viewer(c))
	if err != nil {
		return err
	}
	rooms = db.RoomsAfter(db.FindRooms(rooms, search.query), search.after)
	more := ""
	if len(rooms) > ownRoomsPage {
		rooms = rooms[:ownRoomsPage]
		more = search.next("/rooms", &rooms[ownRoomsPage-1].Room)
	}
	return s.respond(c, answer{
		json: func() any {
			s.linkNext(c, more)
			return roomsJSON(rooms)
		},
		page: func() (view, error) { return s.roomsPage(c, search, rooms, more) },
	})
}

// roomsPage returns a page of the viewer's rooms. On the first one stand the open rooms to join
// that the query finds, or without a query the archived rooms.
func (s *server) roomsPage(c *gin.Context, search roomSearch, rooms []*db.RoomView, more string) (v view, err error) {
	data := views.RoomsPage{Query: search.query, Mine: views.RoomItems(s.locale(c), rooms, s.now()), More: more}
	if data.Page, err = s.page(c, s.text(c, "rooms.mine")); err != nil {
		return view{}, err
	}
	switch {
	case search.after != db.RoomCursor{}:
	case search.query == "":
		data.Archived, err = s.archivedItems(c)
	default:
		var open []*db.Room
		open, data.MoreOpen, err = s.openRooms(c, search)
		data.Open = s.openRoomItems(c, open)
	}
	return view{"rooms/index", data}, err
}

// openRooms returns a page of the open rooms to join, and the address of the next one, empty on the
// last.
func (s *server) openRooms(c *gin.Context, search roomSearch) (rooms []*db.Room, more string, err error) {
	rooms, err = s.store.OpenRooms(c.Request.Context(), viewer(c), search.query, search.after, openRoomsPage+1)
	if len(rooms) > openRoomsPage {
		rooms = rooms[:openRoomsPage]
		more = search.next("/rooms/open", rooms[openRoomsPage-1])
	}
	return rooms, more, err
}

// archivedItems returns the archived rooms that the viewer is in.
func (s *server) archivedItems(c *gin.Context) ([]views.RoomItem, error) {
	rooms, err := s.store.ArchivedRooms(c.Request.Context(), viewer(c))
	items := make([]views.RoomItem, 0, len(rooms))
	for _, room := range rooms {
		item := views.NewRoomItem(s.locale(c), &room.Room, s.now())
		item.MayRestore = room.ModeratedBy(viewer(c))
		items = append(items, item)
	}
	return items, err
}

// listOpenRooms answers with open rooms to join, or those that the query q of the address finds.
func (s *server) listOpenRooms(c *gin.Context) error {
	search, err := readRoomSearch(c)
	if err != nil {
		return err
	}
	open, more, err := s.openRooms(c, search)
	if err != nil {
		return err
	}
	return s.respond(c, answer{
		json: func() any {
			s.linkNext(c, more)
			return openRoomsJSON(open)
		},
		page: func() (view, error) {
			page, err := s.page(c, s.text(c, "home.open"))
			return view{"rooms/open", views.OpenRoomsPage{
				Page: page, Query: search.query, Open: s.openRoomItems(c, open), More: more,
			}}, err
		},
	})
}

func (s *server) openRoomItems(c *gin.Context, rooms []*db.Room) []views.RoomItem {
	items := make([]views.RoomItem, len(rooms))
	for i, room := range rooms {
		items[i] = views.NewRoomItem(s.locale(c), room, s.now())
	}
	return items
}

func (s *server) newRoom(c *gin.Context) error {
	return s.respond(c, s.newRoomPage(c, views.RoomForm{Kind: string(db.KindOpen)}))
}

// newRoomPage returns the page with the form that makes a room.
func (s *server) newRoomPage(c *gin.Context, form views.RoomForm) answer {
	return answer{page: func() (view, error) {
		page, err := s.page(c, s.text(c, "room.create"))
		return view{"rooms/new", views.NewRoomPage{Page: page, Create: form}}, err
	}}
}

func (s *server) createRoom(c *gin.Context) error {
	form := readForm(c)
	title := form.label("title", 1, maxTitle)
	kind := form.choice("kind", string(db.KindOpen), string(db.KindOpen), string(db.KindPrivate))
	if err := form.err(); err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			return s.newRoomPage(c, views.RoomForm{Title: form.redisplay("title"), Kind: form.redisplay("kind"), Errors: e}), nil
		})
	}
	if err := s.limit(c, limitCreations); err != nil {
		return err
	}
	room, err := s.store.CreateRoom(c.Request.Context(), viewer(c), title, db.Kind(kind))
	if err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: roomPath(room.ID), created: true, json: roomJSON(room)})
}

// orderRooms stores in which order the viewer likes its list of rooms.
func (s *server) orderRooms(c *gin.Context) error {
	form := readForm(c)
	order := form.choice("order", string(db.OrderByActivity), string(db.OrderByActivity), string(db.OrderByUnread))
	if err := form.err(); err != nil {
		return err
	}
	if err := s.store.SetRoomOrder(c.Request.Context(), viewer(c), db.RoomOrder(order)); err != nil {
		return err
	}
	user := *viewer(c)
	user.RoomOrder = db.RoomOrder(order)
	return s.respondSaved(c, saved{
		to: s.pagePath(c), json: map[string]string{"order": order},
		fragment: func() (template.HTML, error) { return s.withRoomList(c, &user, "rooms/_order", order) },
	})
}

func (s *server) addFavourite(c *gin.Context) error    { return s.setFavourite(c, true) }
func (s *server) removeFavourite(c *gin.Context) error { return s.setFavourite(c, false) }

// setFavourite puts a room on top of the viewer's list, or back among the others.
func (s *server) setFavourite(c *gin.Context, favourite bool) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	room, err := s.store.SetFavourite(c.Request.Context(), viewer(c), id, favourite)
	if err != nil {
		return err
	}
	return s.respondSaved(c, saved{
		to: s.pagePath(c), json: roomJSON(room),
		fragment: func() (template.HTML, error) {
			star := views.RoomItem{ID: room.ID.String(), Favourite: room.Favourite}
			return s.withRoomList(c, viewer(c), "rooms/_favourite", star)
		},
	})
}

// withRoomList returns a form that was sent in its new state, and the list of rooms that it
// changed.
func (s *server) withRoomList(c *gin.Context, user *db.User, form string, data any) (template.HTML, error) {
	html, err := s.partial(c, form, data)
	if err != nil {
		return "", err
	}
	rooms, err := s.store.RoomsOf(c.Request.Context(), user)
	if err != nil {
		return "", err
	}
	list, err := s.partial(c, "rooms/_rooms", s.views.RoomList(s.locale(c), rooms, user.RoomOrder, uuid.Nil, s.now()))
	return html + template.HTML(replacement("#my-rooms", "outerMorph", string(list))), err // both escaped already
}
