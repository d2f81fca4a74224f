package handlers

import (
	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/views"
)

// openRoomsShown bounds the open rooms that the home page offers.
const openRoomsShown = 30

func (s *server) showHome(c *gin.Context) error {
	a, err := s.homePage(c, views.RoomForm{Kind: string(db.KindOpen)})
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

// homePage returns the viewer's rooms, open rooms to join, and people, with create as the form that
// makes a room.
func (s *server) homePage(c *gin.Context, create views.RoomForm) (answer, error) {
	ctx, user := c.Request.Context(), viewer(c)
	var mine []*db.RoomView
	if wantsJSON(c) {
		rooms, err := s.store.RoomsOf(ctx, user)
		if err != nil {
			return answer{}, err
		}
		mine = rooms
	}
	open, err := s.store.OpenRooms(ctx, user, openRoomsShown)
	if err != nil {
		return answer{}, err
	}
	found, err := s.store.Users(ctx, user, "", 0, peoplePage)
	if err != nil {
		return answer{}, err
	}
	return answer{
		json: func() any {
			return homeShape{Rooms: roomsJSON(mine), Open: openRoomsJSON(open), People: usersJSON(found)}
		},
		page: func() (v view, err error) {
			data := views.HomePage{Create: create, People: people(found, user)}
			for _, room := range open {
				data.Open = append(data.Open, views.NewRoomItem(s.locale(c), room, s.now()))
			}
			if data.Page, err = s.page(c, s.text(c, "home.title")); err != nil {
				return view{}, err
			}
			if len(found) == 1 && user.Role == db.RoleAdministrator {
				showOnce(c)
				data.Welcome, err = s.firstInvite(c)
			}
			return view{"home", data}, err
		},
	}, nil
}

// firstInvite returns an invitation without bounds for the page of an administrator who is still
// alone; nil when there is none.
func (s *server) firstInvite(c *gin.Context) (*views.InviteItem, error) {
	invites, err := s.store.Invites(c.Request.Context(), viewer(c))
	if err != nil {
		return nil, err
	}
	for _, invite := range invites {
		if invite.MaxUses == nil && invite.ExpiresAt == nil {
			item, err := s.inviteItem(c, invite)
			item.ShowQR = true
			return item, err
		}
	}
	return nil, nil
}
