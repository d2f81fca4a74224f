package views

import (
	"strconv"
	"strings"

	"sarangbang/db"
)

// UnreadMark is what stands before the title while something is unread: "(3) ".
func (p Page) UnreadMark() string {
	switch {
	case p.Rooms.Unread == 0:
		return ""
	case p.Rooms.Unread >= db.UnreadBound:
		return "(" + strconv.Itoa(db.UnreadBound-1) + "+) "
	}
	return "(" + strconv.Itoa(p.Rooms.Unread) + ") "
}

// MentionName is how the viewer's name stands in the data-mentions of messages.
func (p Page) MentionName() string { return strings.ToLower(p.Viewer.Name) }

// ViewerPhoto is the address of the viewer's photo.
func (p Page) ViewerPhoto() string { return PhotoPath(p.Viewer) }
