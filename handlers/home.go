package handlers

import (
	"weak"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

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
	around, err := s.surroundings(c, uuid.Nil)
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
	data := views.HomePage{Create: create}
	if len(found) == 1 && user.Role == db.RoleAdministrator {
		if data.Welcome, err = s.firstInvite(c); err != nil {
			return answer{}, err
		}
	}
	a := answer{page: "home", gaps: views.Gaps{Nonce: nonce(c), Rooms: around.entries}}
	if create.Errors == nil && data.Welcome == nil {
		a.kept = homeKey{around.key, weakFirst(open), weakFirst(found)}
	}
	a.fill = func(gaps views.Gaps) any {
		data.Page = s.pageWith(c, s.text(c, "home.title"), around)
		around.fill(&data.Page, gaps)
		data.People = people(found, user)
		for _, room := range open {
			data.Open = append(data.Open, roomItem(s.locale(c), room, room.Title, s.now()))
		}
		return data
	}
	return a, nil
}

// homeKey names everything that the home page is made of. A list is known by its first element, with which all of it was read.
type homeKey struct {
	around surroundingsKey
	open   weak.Pointer[db.Room]
	people weak.Pointer[db.User]
}

// weakFirst points to the first element of a list; to nothing when it is empty.
func weakFirst[T any](list []*T) weak.Pointer[T] {
	if len(list) == 0 {
		return weak.Pointer[T]{}
	}
	return weak.Make(list[0])
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
