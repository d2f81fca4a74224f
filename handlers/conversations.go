package handlers

import (
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/views"
)

// newConversation answers with the page on which somebody chooses people: those in the fields user
// of the address are chosen, and q finds more.
func (s *server) newConversation(c *gin.Context) error {
	in := readQuery(c)
	query, chosen := in.line("q", 0, maxQuery), in.people("user")
	if err := in.err(); err != nil {
		return err
	}
	a, err := s.conversationPage(c, query, chosen, nil)
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

// conversationPage returns the page on which somebody chooses people, with those chosen so far and
// those that a query finds.
func (s *server) conversationPage(c *gin.Context, query string, chosen []int64, errs views.Errors) (answer, error) {
	ctx, user := c.Request.Context(), viewer(c)
	found, err := s.store.Users(ctx, user, query, 0, peoplePage+1)
	if err != nil {
		return answer{}, err
	}
	data := views.ConversationPage{Query: query, Errors: errs, More: len(found) > peoplePage}
	for _, id := range chosen {
		if u, err := s.store.User(ctx, user, id); err == nil {
			data.Chosen = append(data.Chosen, person(u, user))
		}
	}
	found = slices.DeleteFunc(slices.Clone(found[:min(peoplePage, len(found))]), func(u *db.User) bool {
		return u.DeactivatedAt != nil || slices.Contains(chosen, u.ID)
	})
	data.People = people(found, user)
	return answer{
		json: func() any { return usersJSON(s.views, found) },
		page: func() (v view, err error) {
			data.Page, err = s.page(c, s.text(c, "conversation.new"))
			return view{"rooms/conversation", data}, err
		},
	}, nil
}

// createConversation opens the room of the viewer and the people chosen, and makes it where there
// is none.
func (s *server) createConversation(c *gin.Context) error {
	form := readForm(c)
	chosen := form.people("user")
	if len(chosen) == 0 {
		form.addError("user", "conversation.nobody")
	}
	err := form.err()
	var room *db.RoomView
	if err == nil {
		room, err = s.store.Conversation(c.Request.Context(), viewer(c), chosen, func() error {
			return s.limitConversation(c, chosen)
		})
	}
	if err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			return s.conversationPage(c, "", chosen, e)
		})
	}
	return s.respondSaved(c, saved{to: roomPath(room.ID), json: roomJSON(room)})
}

// limitConversation counts a new conversation of the viewer with people.
func (s *server) limitConversation(c *gin.Context, people []int64) error {
	err := s.limit(c, limitCreations)
	for i := 0; i < len(people) && err == nil; i++ {
		err = s.limitAddition(c, people[i])
	}
	return err
}

// people returns the ids of a field that may be sent several times, each once, at most
// db.ConversationBound of them.
func (in *input) people(name string) []int64 {
	var ids []int64
	for _, text := range in.values[name] {
		id, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil || id < 1 || len(ids) == db.ConversationBound:
			in.addError(name, "conversation.unknown")
			return ids
		case !slices.Contains(ids, id):
			ids = append(ids, id)
		}
	}
	return ids
}
