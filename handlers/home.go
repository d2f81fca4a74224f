package handlers

import (
	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/views"
)

// openRoomsShown is how many open rooms home offers.
const openRoomsShown = 30

func (s *server) showHome(c *gin.Context) error {
	if wantsJSON(c) {
		return s.showHomeJSON(c)
	}
	a, err := s.homePage(c, views.RoomForm{Kind: string(db.KindOpen)})
	if err != nil {
		return err
	}
	return s.present(c, a)
}

func (s *server) homePage(c *gin.Context, create views.RoomForm) (answer, error) {
	ctx, user := c.Request.Context(), viewer(c)
	page, err := s.page(c, s.text(c, "home.title"))
	if err != nil {
		return answer{}, err
	}
	open, err := s.store.OpenRooms(ctx, user, openRoomsShown)
	if err != nil {
		return answer{}, err
	}
	found, err := s.store.Users(ctx, user, "", 0, peoplePage)
	if err != nil {
		return answer{}, err
	}
	data := views.HomePage{Page: page, People: people(found, user), Create: create}
	for _, room := range open {
		data.Open = append(data.Open, roomItem(s.locale(c), room, room.Title, s.now()))
	}
	if len(found) == 1 && user.Role == db.RoleAdministrator {
		if data.Welcome, err = s.firstInvite(c); err != nil {
			return answer{}, err
		}
	}
	return answer{page: "home", data: data}, nil
}

func (s *server) showHomeJSON(c *gin.Context) error {
	ctx, user := c.Request.Context(), viewer(c)
	mine, err := s.store.RoomsOf(ctx, user)
	if err != nil {
		return err
	}
	open, err := s.store.OpenRooms(ctx, user, openRoomsShown)
	if err != nil {
		return err
	}
	found, err := s.store.Users(ctx, user, "", 0, peoplePage)
	if err != nil {
		return err
	}
	shape := homeShape{Rooms: roomsJSON(mine), Open: make([]roomShape, 0, len(open)), People: usersJSON(found)}
	for _, room := range open {
		shape.Open = append(shape.Open, plainRoomJSON(room))
	}
	return s.present(c, answer{json: shape})
}

// firstInvite is a link that the administrator, still alone, can give to the others.
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
