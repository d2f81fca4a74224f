package handlers

import (
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

// candidatesShown bounds the users that a search for new members shows.
const candidatesShown = 10

// membersFound bounds the members that programs, and the composer, find by their names.
const membersFound = 8

func (s *server) listMembers(c *gin.Context) error {
	if wantsJSON(c) && c.Request.URL.Query().Has("q") {
		return s.findMembers(c)
	}
	a, err := s.membersPage(c, nil)
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

// findMembers answers with the members whose names a query finds.
func (s *server) findMembers(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	query := readQuery(c)
	search := query.line("q", 0, maxQuery)
	if err := query.err(); err != nil {
		return err
	}
	found, err := s.store.FindMembers(c.Request.Context(), viewer(c), id, search, membersFound)
	if err != nil {
		return err
	}
	return s.respond(c, answer{json: func() any { return usersJSON(s.views, found) }})
}

// membersPage returns the members of a room, with the forms that add and remove members. added are
// the errors of a form that failed.
func (s *server) membersPage(c *gin.Context, added views.Errors) (answer, error) {
	id, err := roomID(c)
	if err != nil {
		return answer{}, err
	}
	ctx, user := c.Request.Context(), viewer(c)
	room, err := s.store.Room(ctx, user, id)
	if err != nil {
		return answer{}, err
	}
	query := readQuery(c)
	after, search := query.number("after", 0, 1, noMaximum), query.line("q", 0, maxQuery)
	if err := query.err(); err != nil {
		return answer{}, err
	}
	found, err := s.store.Members(ctx, user, id, after, peoplePage+1)
	if err != nil {
		return answer{}, err
	}
	data := views.MembersPage{Query: search, AddErrors: added}
	if len(found) > peoplePage {
		found = found[:peoplePage]
		data.More = roomPath(id) + "/members?after=" + itoa(found[peoplePage-1].ID)
	}
	return answer{
		json: func() any { return usersJSON(s.views, found) },
		page: func() (view, error) {
			err := s.fillMembers(c, &data, room, found)
			return view{"rooms/members", data}, err
		},
	}, nil
}

// fillMembers completes the page of a room's members, of whom found are shown.
func (s *server) fillMembers(c *gin.Context, data *views.MembersPage, room *db.RoomView, found []*db.User) (err error) {
	user := viewer(c)
	data.MayAdd, data.MayRemove = room.Kind != db.KindDirect && room.ArchivedAt == nil, room.ModeratedBy(user)
	data.People = people(found, user)
	for i, p := range data.People {
		data.People[i].Online = s.hub.IsOnline(p.ID)
	}
	if data.Header, err = s.roomHeader(c, room); err != nil {
		return err
	}
	if data.MayAdd && data.Query != "" {
		candidates, err := s.store.Users(c.Request.Context(), user, data.Query, 0, candidatesShown)
		if err != nil {
			return err
		}
		data.Candidates = people(candidates, user)
	}
	data.Page, err = s.pageIn(c, room.Title, room.ID)
	return err
}

func (s *server) addMember(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	form := readForm(c)
	userID := form.requiredNumber("user", 1)
	if err = form.err(); err == nil {
		err = s.limitAddition(c, userID)
	}
	if err == nil {
		err = s.store.AddMember(c.Request.Context(), viewer(c), id, userID)
	}
	if err != nil {
		return withForm(err, func(e views.Errors) (answer, error) { return s.membersPage(c, e) })
	}
	return s.roomWritten(c, roomPath(id)+"/members", id)
}

// limitAddition counts one room that the viewer puts a person into: nobody's list is filled by one
// other.
func (s *server) limitAddition(c *gin.Context, userID int64) error {
	return s.limitBy(limitAdditions, itoa(viewer(c).ID)+" "+itoa(userID))
}

func (s *server) removeMember(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	userID, err := pathNumber(c, "user")
	if err != nil {
		return err
	}
	if err := s.store.RemoveMember(c.Request.Context(), viewer(c), id, userID); err != nil {
		return err
	}
	return s.roomWritten(c, roomPath(id)+"/members", id)
}

// roomWritten answers a change of the members of a room. Programs get the room.
func (s *server) roomWritten(c *gin.Context, to string, id uuid.UUID) error {
	w := saved{to: to}
	if wantsJSON(c) {
		room, err := s.store.Room(c.Request.Context(), viewer(c), id)
		if err != nil {
			return err
		}
		w.json = roomJSON(room)
	}
	return s.respondSaved(c, w)
}
