package handlers

import (
	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/views"
)

// openRoomsPage bounds a list of open rooms to join.
const openRoomsPage = 50

// listRooms answers with the viewer's rooms, or those that the query q of the address finds.
func (s *server) listRooms(c *gin.Context) error {
	in, ctx, user := readQuery(c), c.Request.Context(), viewer(c)
	query := in.line("q", 0, maxQuery)
	if err := in.err(); err != nil {
		return err
	}
	rooms, err := s.store.RoomsOf(ctx, user)
	if err != nil {
		return err
	}
	rooms = db.FindRooms(rooms, query)
	return s.respond(c, answer{
		json: func() any { return roomsJSON(rooms) },
		page: func() (v view, err error) {
			data := views.RoomsPage{Query: query, Mine: views.RoomItems(s.locale(c), rooms, s.now())}
			if data.Page, err = s.page(c, s.text(c, "rooms.mine")); err != nil {
				return view{}, err
			}
			if query != "" {
				open, err := s.store.OpenRooms(ctx, user, query, openRoomsPage)
				data.Open = s.openRoomItems(c, open)
				return view{"rooms/index", data}, err
			}
			data.Archived, err = s.archivedItems(c)
			return view{"rooms/index", data}, err
		},
	})
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
	in := readQuery(c)
	query := in.line("q", 0, maxQuery)
	if err := in.err(); err != nil {
		return err
	}
	open, err := s.store.OpenRooms(c.Request.Context(), viewer(c), query, openRoomsPage)
	if err != nil {
		return err
	}
	return s.respond(c, answer{
		json: func() any { return openRoomsJSON(open) },
		page: func() (view, error) {
			page, err := s.page(c, s.text(c, "home.open"))
			return view{"rooms/open", views.OpenRoomsPage{Page: page, Query: query, Open: s.openRoomItems(c, open)}}, err
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
	title := form.line("title", 1, maxTitle)
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
	return s.respondSaved(c, saved{to: pagePath(c), json: map[string]string{"order": order}})
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
	return s.respondSaved(c, saved{to: pagePath(c), json: roomJSON(room)})
}
