package views

import (
	"fmt"
	"strconv"

	"sarangbang/db"
	"sarangbang/static"
)

// UnreadMark is what stands before the title while something is unread: "(3) ", or "(3) @ " where
// some of it mentions the viewer. title.js goes on counting from there.
func (p Page) UnreadMark() string {
	if p.Rooms.Unread == 0 {
		return ""
	}
	count, call := strconv.Itoa(p.Rooms.Unread), ""
	if p.Rooms.Unread >= db.UnreadBound {
		count = strconv.Itoa(db.UnreadBound-1) + "+"
	}
	if p.Rooms.Mentions > 0 {
		call = "@ "
	}
	return "(" + count + ") " + call
}

// ActivityCount is Activity as the menu shows it: "", "3", "99+".
func (p Page) ActivityCount() string { return UnreadText(p.Activity) }

// Surroundings names all that the parts of a page around main are made of: the viewer, the
// language, the colours and the files of this build. A main part does not fit into a page with
// other surroundings.
func (p Page) Surroundings() string {
	if p.Viewer == nil {
		return p.Language + " " + static.Build()
	}
	return fmt.Sprintf("%d %d %s %s %s", p.Viewer.ID, p.Viewer.Version, p.Language, p.Theme, static.Build())
}

// FixedTheme returns "light" or "dark" where the visitor has chosen one, else nothing: the page
// follows the visitor's system.
func (p Page) FixedTheme() string {
	if p.Theme == "light" || p.Theme == "dark" {
		return p.Theme
	}
	return ""
}

// ViewerStyle returns the address of the viewer's style sheet.
func (p Page) ViewerStyle() string { return ViewerStylePath(p.Viewer) }

// ViewerPhoto is the address of the viewer's photo.
func (p Page) ViewerPhoto() string { return PhotoPath(p.Viewer) }
