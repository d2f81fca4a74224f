package handlers

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

const (
	minInviteSeconds = 60                 // shortest life of an invitation
	maxInviteSeconds = 366 * 24 * 60 * 60 // longest life of one that ends at all
	maxInviteUses    = 100_000
)

func (s *server) inviteItem(c *gin.Context, i *db.Invite) *views.InviteItem {
	item := views.InviteItem{Code: i.Code, URL: s.inviteURL(c, i), Uses: itoa(i.Uses)}
	if i.MaxUses != nil {
		item.Uses += " / " + itoa(*i.MaxUses)
	}
	if i.Room != nil {
		item.Room = i.Room.Title
	}
	if i.Creator != nil {
		item.Creator = i.Creator.DisplayName
	}
	if i.ExpiresAt != nil {
		item.Expires = views.At(s.locale(c), *i.ExpiresAt, s.now())
	}
	if item.Local = onlyHere(item.URL); !item.Local {
		item.QR = "/invites/" + i.Code + "/qr.svg"
	}
	return &item
}

// showInviteQR answers with the address of an invitation as a QR symbol, to whoever knows the code.
func (s *server) showInviteQR(c *gin.Context) error {
	invite, err := s.inviteInPath(c)
	if err != nil {
		return err
	}
	svg, err := views.QR(s.inviteURL(c, invite))
	if err != nil {
		return notFound(err) // the name by which the service was asked is too long for a symbol
	}
	s.send(c, http.StatusOK, "image/svg+xml", []byte(svg))
	return nil
}

// onlyHere reports whether only this machine can reach an address: its host is a loopback name
// (RFC 6761, section 6.3) or address.
func onlyHere(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.Unmap().IsLoopback() || ip.IsUnspecified())
}

// inviteURL returns the address of an invitation, which is a secret: whoever has it may come in.
func (s *server) inviteURL(c *gin.Context, i *db.Invite) string {
	keepPlain(c)
	return s.origin(c) + "/join/" + i.Code
}

func (s *server) inviteJSON(c *gin.Context, i *db.Invite) inviteShape {
	return inviteShape{
		Code: i.Code, URL: s.inviteURL(c, i), RoomID: i.RoomID, CreatedAt: i.CreatedAt.UTC(),
		ExpiresAt: i.ExpiresAt, MaxUses: i.MaxUses, Uses: i.Uses,
	}
}

func (s *server) invitesJSON(c *gin.Context, invites []*db.Invite) []inviteShape {
	shapes := make([]inviteShape, 0, len(invites))
	for _, i := range invites {
		shapes = append(shapes, s.inviteJSON(c, i))
	}
	return shapes
}

func (s *server) listInvites(c *gin.Context) error {
	a, err := s.invitesPage(c, views.InviteForm{})
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

func (s *server) invitesPage(c *gin.Context, form views.InviteForm) (answer, error) {
	invites, more, err := s.invites(c, uuid.Nil)
	if err != nil {
		return answer{}, err
	}
	return answer{
		json: func() any {
			s.linkNext(c, more)
			return s.invitesJSON(c, invites)
		},
		page: func() (view, error) {
			page, err := s.page(c, s.text(c, "invites.title"))
			if err != nil {
				return view{}, err
			}
			mayInvite := page.Viewer.Role == db.RoleAdministrator || form.RoomID != ""
			items := s.inviteItems(c, invites)
			return view{"invites/index", views.InvitesPage{Page: page, Form: form, MayInvite: mayInvite, Invites: items, More: more}}, nil
		},
	}, nil
}

// invitesPerPage is how many links a page lists.
const invitesPerPage = 50

// invites returns a page of the links into a room, or of all for uuid.Nil, and the address of the
// next one; empty on the last.
func (s *server) invites(c *gin.Context, room uuid.UUID) (invites []*db.Invite, more string, err error) {
	list := db.InviteList{Room: room, After: inviteCode(readQuery(c).value("after")), Limit: invitesPerPage + 1}
	invites, err = s.store.Invites(c.Request.Context(), viewer(c), list)
	if len(invites) > invitesPerPage {
		invites = invites[:invitesPerPage]
		more = nextPage(c.Request.URL.Path, "", invites[invitesPerPage-1].Code)
	}
	return invites, more, err
}

func (s *server) inviteItems(c *gin.Context, invites []*db.Invite) []views.InviteItem {
	var items []views.InviteItem
	for _, i := range invites {
		items = append(items, *s.inviteItem(c, i))
	}
	return items
}

func (s *server) createInvite(c *gin.Context) error {
	form := readForm(c)
	n := db.NewInvite{
		ExpiresIn: time.Duration(form.number("expires_in", 0, minInviteSeconds, maxInviteSeconds)) * time.Second,
		MaxUses:   form.number("max_uses", 0, 1, maxInviteUses),
	}
	if text := form.value("room"); text != "" {
		id, err := uuid.Parse(text)
		if err != nil {
			form.addError("room", "error.room")
		}
		n.RoomID = &id
	}
	if err := form.err(); err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			again := views.InviteForm{
				RoomID: form.redisplay("room"), ExpiresIn: form.redisplay("expires_in"),
				MaxUses: form.redisplay("max_uses"), Errors: e,
			}
			if n.RoomID != nil && e["room"] == "" {
				return s.settingsPage(c, *n.RoomID, roomForms{invite: again})
			}
			return s.invitesPage(c, again)
		})
	}
	if err := s.limit(c, limitCreations); err != nil {
		return err
	}
	invite, err := s.store.CreateInvite(c.Request.Context(), viewer(c), n)
	if err != nil {
		return err
	}
	to := "/invites"
	if n.RoomID != nil {
		to = settingsPath(*n.RoomID)
	}
	return s.respondSaved(c, saved{to: to + "#invite-" + invite.Code, created: true, json: s.inviteJSON(c, invite)})
}

func (s *server) revokeInvite(c *gin.Context) error {
	if err := s.store.RevokeInvite(c.Request.Context(), viewer(c), inviteCode(c.Param("code"))); err != nil {
		return err
	}
	to := "/invites"
	if next := readForm(c).value("next"); next != "" {
		to = s.sameSite(next)
	}
	return s.respondSaved(c, saved{to: to})
}

// inviteInPath returns the invitation in the address. The error of one that does not hold is
// noSuchInvite.
func (s *server) inviteInPath(c *gin.Context) (*db.Invite, error) {
	invite, err := s.store.Invite(c.Request.Context(), inviteCode(c.Param("code")))
	if errors.Is(err, db.ErrNotFound) {
		return nil, noSuchInvite()
	}
	return invite, err
}

// showInvite answers the link of an invitation: the room for its members, a button that joins it
// for other users, the sign-up form for everybody else.
func (s *server) showInvite(c *gin.Context) error {
	user := viewer(c)
	if user != nil && !wantsJSON(c) {
		room, err := s.store.InvitedRoom(c.Request.Context(), user, inviteCode(c.Param("code")))
		if err == nil {
			s.redirect(c, http.StatusSeeOther, roomPath(room.ID))
			return nil
		}
		if !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	invite, err := s.inviteInPath(c)
	if err != nil {
		return err
	}
	if user != nil && invite.RoomID == nil && !wantsJSON(c) {
		s.redirect(c, http.StatusSeeOther, "/")
		return nil
	}
	a, err := s.invitePage(c, invite)
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

// invitePage returns the sign-up form for visitors, and a button that joins the invitation's room
// for users: following a link is no write.
func (s *server) invitePage(c *gin.Context, invite *db.Invite) (a answer, err error) {
	keepPlain(c) // the address is a secret
	if viewer(c) == nil {
		a, err = s.signUpPage(c, views.SignUpPage{Invite: invite.Code, Zone: s.zoneName(c)})
	} else {
		a.page = func() (view, error) {
			page, err := s.page(c, invite.Room.Title)
			data := views.JoinPage{Page: page, Code: invite.Code, Room: invite.Room.Title, InvitedBy: invite.Creator.DisplayName}
			return view{"invites/join", data}, err
		}
	}
	a.json = func() any { return s.inviteJSON(c, invite) }
	return a, err
}

func (s *server) acceptInvite(c *gin.Context) error {
	room, err := s.store.AcceptInvite(c.Request.Context(), viewer(c), inviteCode(c.Param("code")))
	if errors.Is(err, db.ErrNotFound) {
		return noSuchInvite()
	}
	if err != nil {
		return err
	}
	if room == nil {
		return s.respondSaved(c, saved{to: "/"})
	}
	return s.roomWritten(c, roomPath(room.ID), room.ID)
}
