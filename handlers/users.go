package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/views"
)

const (
	peoplePage = 50  // users on a page of a list
	maxQuery   = 100 // characters
	// versionedLife is the Cache-Control of photos and style sheets whose address has their
	// version.
	versionedLife = "private, max-age=31536000, immutable"
)

// searchPeople returns the people that the query of the address asks for: q is what to search for,
// after the user before the first. more is the address of the next page, empty on the last.
func (s *server) searchPeople(c *gin.Context) (query string, found []*db.User, more string, err error) {
	in := readQuery(c)
	query = in.line("q", 0, maxQuery)
	after := in.number("after", 0, 1, noMaximum)
	if err := in.err(); err != nil {
		return "", nil, "", err
	}
	found, err = s.store.Users(c.Request.Context(), viewer(c), query, after, peoplePage+1)
	if len(found) > peoplePage {
		found = found[:peoplePage]
		more = nextPage(c.Request.URL.Path, query, itoa(found[peoplePage-1].ID))
	}
	return query, found, more, err
}

func (s *server) listUsers(c *gin.Context) error {
	query, found, more, err := s.searchPeople(c)
	if err != nil {
		return err
	}
	return s.respond(c, answer{
		json: func() any {
			s.linkNext(c, more)
			return usersJSON(s.views, found)
		},
		page: func() (view, error) {
			page, err := s.page(c, s.text(c, "users.title"))
			return view{"users/index", views.UsersPage{Page: page, Query: query, People: people(found, page.Viewer), More: more}}, err
		},
	})
}

// userInPath returns the user in the address.
func (s *server) userInPath(c *gin.Context) (*db.User, error) {
	id, err := pathNumber(c, "id")
	if err != nil {
		return nil, err
	}
	return s.store.User(c.Request.Context(), viewer(c), id)
}

func (s *server) showUser(c *gin.Context) error {
	user, err := s.userInPath(c)
	if err != nil {
		return err
	}
	link, err := s.takeRecoveryLink(c, user)
	if err != nil {
		return err
	}
	return s.respond(c, answer{
		json: func() any { return userJSON(s.views, user) },
		page: func() (view, error) {
			page, err := s.page(c, user.DisplayName)
			administers := viewer(c).Role == db.RoleAdministrator
			return view{"users/show", views.UserPage{
				Page: page, Person: person(user, page.Viewer), Joined: views.At(s.locale(c), user.CreatedAt, s.now()),
				MayDeactivate: administers && user.ID != viewer(c).ID, MayManage: administers && user.DeactivatedAt == nil,
				Administrator: user.Role == db.RoleAdministrator, RecoveryLink: link,
			}}, err
		},
	})
}

// takeRecoveryLink returns the link for a user that createRecovery has made just now; empty when
// there is none.
func (s *server) takeRecoveryLink(c *gin.Context, user *db.User) (string, error) {
	value, err := s.takeFlash(c, flashRecovery)
	id, code, _ := strings.Cut(value, " ")
	if err != nil || id != itoa(user.ID) {
		return "", err
	}
	return s.origin(c) + RecoveryPath(code), nil
}

// showPhoto answers with a user's photo, or a drawing of the initials. Browsers cache it for good
// where its address has its version.
func (s *server) showPhoto(c *gin.Context) error {
	user, err := s.userInPath(c)
	if err != nil {
		return err
	}
	photo, err := s.store.Photo(c.Request.Context(), viewer(c), user.ID)
	if errors.Is(err, db.ErrNotFound) {
		photo, err = &db.Photo{Type: "image/svg+xml", Content: views.Initials(user.ID, user.DisplayName)}, nil
	}
	if err != nil {
		return err
	}
	if c.Query("v") == views.PhotoVersion(user) {
		c.Header("Cache-Control", versionedLife)
	}
	// a drawing that is opened on its own is a document, which could run scripts
	c.Header("Content-Security-Policy", "default-src 'none'; sandbox")
	s.sendCoded(c, http.StatusOK, photo.Type, "", photo.Content)
	return nil
}

// showViewerStyle answers with the viewer's style sheet. Browsers cache it for good where its
// address has its version.
func (s *server) showViewerStyle(c *gin.Context) error {
	css, version := views.ViewerStyle(viewer(c))
	if c.Query("v") == version {
		c.Header("Cache-Control", versionedLife)
	}
	s.sendCoded(c, http.StatusOK, "text/css; charset=utf-8", "", []byte(css))
	return nil
}

func (s *server) openDirectRoom(c *gin.Context) error {
	id, err := pathNumber(c, "id")
	if err != nil {
		return err
	}
	room, err := s.store.DirectRoom(c.Request.Context(), viewer(c), id)
	if err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: roomPath(room.ID), json: roomJSON(room)})
}

func (s *server) deactivateUser(c *gin.Context) error { return s.setActive(c, false) }
func (s *server) activateUser(c *gin.Context) error   { return s.setActive(c, true) }

func (s *server) setActive(c *gin.Context, active bool) error {
	id, err := pathNumber(c, "id")
	if err != nil {
		return err
	}
	user, err := s.store.SetActive(c.Request.Context(), viewer(c), id, active)
	if err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: userPath(user.ID), json: userJSON(s.views, user)})
}
