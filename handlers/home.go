package handlers

import (
	"errors"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

// What the home page shows of longer lists, each of which has a page of its own.
const (
	ownRoomsShown  = 20
	openRoomsShown = 10
	peopleShown    = 10
)

// showHome answers with the viewer's rooms, open rooms to join, and people.
func (s *server) showHome(c *gin.Context) error {
	ctx, user := c.Request.Context(), viewer(c)
	mine, err := s.store.RoomsOf(ctx, user)
	if err != nil {
		return err
	}
	open, err := s.store.OpenRooms(ctx, user, "", db.RoomCursor{}, openRoomsPage)
	if err != nil {
		return err
	}
	found, err := s.store.Users(ctx, user, "", 0, peoplePage)
	if err != nil {
		return err
	}
	return s.respond(c, answer{
		json: func() any {
			return homeShape{Rooms: roomsJSON(mine[:min(ownRoomsPage, len(mine))]), Open: openRoomsJSON(open), People: usersJSON(s.views, found)}
		},
		page: func() (v view, err error) {
			data := views.HomePage{
				Mine:   views.RoomItems(s.locale(c), mine[:min(ownRoomsShown, len(mine))], s.now()),
				Open:   s.openRoomItems(c, open[:min(openRoomsShown, len(open))]),
				People: people(found[:min(peopleShown, len(found))], user),
			}
			if data.Page, err = s.page(c, s.text(c, "home.title")); err != nil {
				return view{}, err
			}
			if err := s.tellBanned(c, &data.Page); err != nil {
				return view{}, err
			}
			if len(found) == 1 && user.Role == db.RoleAdministrator {
				showOnce(c)
				data.Welcome, err = s.firstInvite(c)
			}
			return view{"home", data}, err
		},
	})
}

// tellBanned tells somebody whose room is gone from under its eyes (?left=) that it was put out.
func (s *server) tellBanned(c *gin.Context, page *views.Page) error {
	id, err := uuid.Parse(c.Query("left"))
	if err != nil {
		return nil
	}
	room, err := s.store.BannedFrom(c.Request.Context(), viewer(c), id)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err == nil {
		page.Flash = s.text(c, "room.was_removed", room.Title)
	}
	return err
}

// firstInvite returns an invitation without bounds for the page of an administrator who is still
// alone; nil when there is none.
func (s *server) firstInvite(c *gin.Context) (*views.InviteItem, error) {
	invites, err := s.store.Invites(c.Request.Context(), viewer(c), db.InviteList{})
	if err != nil {
		return nil, err
	}
	for _, invite := range invites {
		if invite.MaxUses == nil && invite.ExpiresAt == nil {
			item := s.inviteItem(c, invite)
			item.ShowQR = true
			return item, nil
		}
	}
	return nil, nil
}
