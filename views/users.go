package views

import (
	"net/url"
	"strconv"

	"sarangbang/db"
)

// PhotoPath is the address of a user's photo, which changes whenever the photo does: so it may be kept for ever.
// A generated photo changes with the name it is drawn from, and so with the user's version.
func PhotoPath(u *db.User) string {
	version := u.PhotoVersion
	if version == "" {
		version = strconv.FormatInt(u.Version, 10)
	}
	return "/users/" + strconv.FormatInt(u.ID, 10) + "/photo?v=" + url.QueryEscape(version)
}
