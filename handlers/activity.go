package handlers

import (
	"encoding/json"
	"time"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/views"
)

// activitiesPerPage is how many activities a page of the list has.
const activitiesPerPage = 50

// listActivities answers with what concerns the viewer. Looking at the first page is seeing all of
// it; to fetch the page ahead is not, nor what a program reads.
func (s *server) listActivities(c *gin.Context) error {
	in := readQuery(c)
	before := in.number("before", 0, 1, noMaximum)
	if err := in.err(); err != nil {
		return err
	}
	ctx := c.Request.Context()
	list, err := s.store.Activities(ctx, viewer(c), before, activitiesPerPage+1)
	if err != nil {
		return err
	}
	more := ""
	if len(list) > activitiesPerPage {
		list = list[:activitiesPerPage]
		more = c.Request.URL.Path + "?before=" + itoa(list[activitiesPerPage-1].ID)
	}
	if before == 0 && !wantsJSON(c) && !prefetched(c) {
		if err := s.store.SeeActivities(ctx, viewer(c)); err != nil {
			return err
		}
	}
	return s.respond(c, answer{
		json: func() any {
			s.linkNext(c, more)
			return activitiesJSON(s.views, list)
		},
		page: func() (view, error) {
			page, err := s.page(c, s.text(c, "activity.title"))
			return view{"activity/index", views.NewActivityPage(page, s.locale(c), list, more, s.now())}, err
		},
	})
}

// seeActivities notes that the viewer has seen everything that concerns the viewer.
func (s *server) seeActivities(c *gin.Context) error {
	if err := s.store.SeeActivities(c.Request.Context(), viewer(c)); err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: "/activity"})
}

// activityShape is something that concerns the viewer.
type activityShape struct {
	ID      int64           `json:"id"`
	Kind    db.ActivityKind `json:"kind"`
	Emoji   string          `json:"emoji,omitempty"` // of a reaction
	Actor   userShape       `json:"actor"`
	Room    roomShape       `json:"room"`
	Message json.RawMessage `json:"message"` // that mentions or answers, or has the reaction
	At      time.Time       `json:"at"`
	Seen    bool            `json:"seen"`
}

func activitiesJSON(r *views.Renderer, list []*db.Activity) []activityShape {
	out := make([]activityShape, 0, len(list))
	for _, a := range list {
		out = append(out, activityShape{
			ID: a.ID, Kind: a.Kind, Emoji: a.Emoji, Actor: userJSON(r, a.Actor), Room: roomJSON(a.Room),
			Message: messageJSON(r, a.Message), At: a.At.UTC(), Seen: a.Seen,
		})
	}
	return out
}
