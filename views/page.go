package views

import (
	"strconv"

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

// ViewerStyle returns the address of the viewer's style sheet.
func (p Page) ViewerStyle() string { return ViewerStylePath(p.Viewer) }

// ViewerPhoto is the address of the viewer's photo.
func (p Page) ViewerPhoto() string { return PhotoPath(p.Viewer) }
