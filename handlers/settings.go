package handlers

import (
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

// roomForms are the forms on the page of a room's settings, with the input and the errors of one
// that failed.
type roomForms struct {
	rename views.RoomForm
	invite views.InviteForm
}

func (s *server) showSettings(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	a, err := s.settingsPage(c, id, roomForms{})
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

// settingsPage returns what concerns a room itself: its name, who may do what, links, leaving it,
// archiving it, and how to read it from a terminal.
func (s *server) settingsPage(c *gin.Context, id uuid.UUID, forms roomForms) (answer, error) {
	ctx, user := c.Request.Context(), viewer(c)
	room, err := s.store.Room(ctx, user, id)
	if err != nil {
		return answer{}, err
	}
	return answer{
		json: func() any { return roomJSON(room) },
		page: func() (v view, err error) {
			header, err := s.roomHeader(c, room)
			if err != nil {
				return view{}, err
			}
			data := views.SettingsPage{
				Header: header, ShortID: room.ID.String()[:8], Created: views.At(s.locale(c), room.CreatedAt, s.now()),
				Rename: forms.rename, Invite: forms.invite, MayRename: room.MayRename(user), MayDecide: room.ModeratedBy(user), MembersMayRename: room.MembersMayRename,
				HidesReads: room.HidesReads,
				MayInvite:  room.Kind != db.KindDirect && room.ArchivedAt == nil, MayArchive: room.ModeratedBy(user),
				Live: roomPath(id) + "/live", Curl: s.curlLine(c, id),
			}
			if data.Rename.Errors == nil {
				data.Rename.Title = room.Title
			}
			if err := s.fillSettings(c, room, &data); err != nil {
				return view{}, err
			}
			data.Page, err = s.pageIn(c, room.Title, id)
			return view{"rooms/settings", data}, err
		},
	}, nil
}

// fillSettings adds the room's creator and the links into the room that the viewer may revoke.
// Direct rooms have neither.
func (s *server) fillSettings(c *gin.Context, room *db.RoomView, data *views.SettingsPage) error {
	if room.Kind == db.KindDirect {
		return nil
	}
	ctx, user := c.Request.Context(), viewer(c)
	creator, err := s.store.User(ctx, user, room.CreatedBy)
	if err != nil {
		return err
	}
	data.Creator, data.Invite.RoomID = creator.DisplayName, room.ID.String()
	invites, more, err := s.invites(c, room.ID)
	if err != nil {
		return err
	}
	data.MoreInvites = more
	for _, invite := range invites {
		item := s.inviteItem(c, invite)
		item.Room, item.Next = "", settingsPath(room.ID)
		data.Invites = append(data.Invites, *item)
	}
	return nil
}

// settingsPath returns the address of the settings of a room.
func settingsPath(id uuid.UUID) string { return roomPath(id) + "/settings" }

// curlLine returns the line that reads a room from a terminal.
func (s *server) curlLine(c *gin.Context, id uuid.UUID) string {
	return "curl -NH 'Authorization: Bearer TOKEN' '" + s.origin(c) + roomPath(id) + "/stream?as=text&last=20'"
}

// updateSettings changes who may do what in a room.
func (s *server) updateSettings(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	form := readForm(c)
	settings := db.RoomSettings{MembersMayRename: form.checked("members_may_rename"), HidesReads: form.checked("hides_reads")}
	if err := form.err(); err != nil {
		return err
	}
	room, err := s.store.SetRoomSettings(c.Request.Context(), viewer(c), id, settings)
	if err != nil {
		return err
	}
	if err := s.flash(c, flashNotice, "profile.saved"); err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: settingsPath(id), json: roomJSON(room)})
}

func (s *server) archiveRoom(c *gin.Context) error { return s.setArchived(c, true) }

func (s *server) restoreRoom(c *gin.Context) error { return s.setArchived(c, false) }

// setArchived archives the room in the address, or restores it.
func (s *server) setArchived(c *gin.Context, archive bool) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	room, err := s.store.ArchiveRoom(c.Request.Context(), viewer(c), id, archive)
	if err != nil {
		return err
	}
	to, notice := roomPath(id), "room.was_restored"
	if archive {
		to, notice = "/rooms", "room.was_archived"
	}
	if err := s.flash(c, flashNotice, notice); err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: to, json: roomJSON(room)})
}
