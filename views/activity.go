package views

import (
	"time"

	"sarangbang/db"
)

// ActivityPage is GET /activity.
type ActivityPage struct {
	Page
	Activities []ActivityItem
	More       string // address of the next page; empty on the last
}

// ActivityItem is something that concerns the viewer.
type ActivityItem struct {
	Text, Photo string // what it is, and the photo of whoever did it
	Summary     string // of the message, in one line
	Room, Path  string // the room's title, and the message's address in it
	At          Time
	Unseen      bool
}

// NewActivityPage returns the page of a list.
func NewActivityPage(page Page, l Locale, list []*db.Activity, more string, now time.Time) ActivityPage {
	p := ActivityPage{Page: page, More: more}
	for _, a := range list {
		quoted := Answered{RoomID: a.Room.ID.String(), Position: a.Message.Position}
		item := ActivityItem{
			Text: activityText(l.Language, a), Photo: PhotoPath(a.Actor), Summary: SummaryOf(a.Message.Body, a.Message.Files),
			Room: a.Room.Title, Path: quoted.Path(), At: At(l, a.At, now), Unseen: !a.Seen,
		}
		p.Activities = append(p.Activities, item)
	}
	return p
}

func activityText(language string, a *db.Activity) string {
	switch a.Kind {
	case db.ActivityMention:
		return Text(language, "activity.mention", a.Actor.DisplayName)
	case db.ActivityReply:
		return Text(language, "activity.reply", a.Actor.DisplayName)
	default:
		return Text(language, "activity.reaction", a.Actor.DisplayName, a.Emoji)
	}
}
