package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/internal/photo"
	"sarangbang/views"
)

const maxBio = 1000

func (s *server) editProfile(c *gin.Context) error {
	user := viewer(c)
	a, err := s.profilePage(c, views.ProfilePage{DisplayName: user.DisplayName, Bio: user.Bio, Language: user.Language, Zone: user.TimeZone})
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

func (s *server) profilePage(c *gin.Context, p views.ProfilePage) (answer, error) {
	p.Zones = timeZones
	p.Photo = views.PhotoPath(viewer(c))
	p.HasPhoto = viewer(c).PhotoVersion != ""
	return answer{
		json: func() any { return userJSON(viewer(c)) },
		page: func() (v view, err error) {
			p.Page, err = s.page(c, s.text(c, "profile.title"))
			return view{"profile/show", p}, err
		},
	}, nil
}

// profileChange is everything that one form may change; what a program leaves out stays as it is.
type profileChange struct {
	profile     db.Profile
	newPassword string // empty: stays
	photo       []byte // nil: stays
	removePhoto bool
}

func (s *server) updateProfile(c *gin.Context) error {
	in, err := input(c)
	if err != nil {
		return err
	}
	user := viewer(c)
	for name, present := range map[string]string{
		"display_name": user.DisplayName, "bio": user.Bio, "language": user.Language, "time_zone": user.TimeZone,
	} {
		if !in.Has(name) {
			in.Set(name, present)
		}
	}
	change, err := s.readProfile(c, in)
	if err == nil {
		user, err = s.applyProfile(c, change)
	}
	if err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			return s.profilePage(c, views.ProfilePage{
				DisplayName: shown(in.Get("display_name")), Bio: shown(in.Get("bio")),
				Language: shown(in.Get("language")), Zone: shown(in.Get("time_zone")), Errors: e,
			})
		})
	}
	if err := s.flash(c, flashNotice, "profile.saved"); err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: "/profile", json: userJSON(user)})
}

// readProfile checks everything before anything is changed.
func (s *server) readProfile(c *gin.Context, in url.Values) (profileChange, error) {
	bad := &invalid{}
	change := profileChange{
		profile: db.Profile{
			DisplayName: bad.line(in, "display_name", 1, maxDisplayName),
			Bio:         bad.text(in, "bio", 0, maxBio),
			Language:    bad.choice(in, "language", viewer(c).Language, views.Languages...),
			TimeZone:    in.Get("time_zone"),
		},
		removePhoto: checked(in, "remove_photo"),
	}
	if !validZone(change.profile.TimeZone) {
		bad.refuse("time_zone", "error.choice")
	}
	if err := s.readNewPassword(c, in, bad, &change); err != nil {
		return change, err
	}
	if err := s.readPhoto(c, bad, &change); err != nil {
		return change, err
	}
	return change, bad.orNil()
}

func (s *server) readNewPassword(c *gin.Context, in url.Values, bad *invalid, change *profileChange) error {
	change.newPassword = in.Get("new_password")
	if change.newPassword == "" {
		return nil
	}
	user := viewer(c)
	checkPassword(bad, "new_password", change.newPassword, user.Name)
	if after, ok := s.limits.allow(limitLogInName, user.Name); !ok {
		return tooMany(after)
	}
	current := in.Get("current_password")
	if len(current) > longestInput {
		current = ""
	}
	right, err := s.passwords.Verify(c.Request.Context(), current, user.PasswordHash)
	if err != nil {
		return err
	}
	if !right {
		bad.refuse("current_password", "error.current_password")
	}
	return nil
}

func (s *server) readPhoto(c *gin.Context, bad *invalid, change *profileChange) error {
	if c.Request.MultipartForm == nil {
		return nil
	}
	file, header, err := c.Request.FormFile("photo")
	if errors.Is(err, http.ErrMissingFile) || err == nil && header.Size == 0 {
		return nil
	}
	if err != nil {
		return unreadable(err)
	}
	defer file.Close()
	if after, ok := s.limits.allow(limitPhotos, s.limitKey(c)); !ok {
		return tooMany(after)
	}
	change.photo, err = s.photos.Square(c.Request.Context(), file)
	switch {
	case errors.Is(err, photo.ErrTooManyBytes):
		bad.refuse("photo", "error.photo_bytes", photo.MaxBytes>>20)
	case errors.Is(err, photo.ErrTooManyPixels):
		bad.refuse("photo", "error.photo_pixels")
	case errors.Is(err, photo.ErrFormat):
		bad.refuse("photo", "error.photo_type")
	case err != nil:
		return err
	}
	return nil
}

func (s *server) applyProfile(c *gin.Context, change profileChange) (*db.User, error) {
	ctx := c.Request.Context()
	stored := db.ProfileChange{Profile: &change.profile, RemovePhoto: change.removePhoto}
	if change.photo != nil {
		stored.Photo, stored.RemovePhoto = &db.NewPhoto{Type: photo.ContentType, Content: change.photo}, false
	}
	if change.newPassword != "" {
		var err error
		if stored.PasswordHash, err = s.passwords.Hash(ctx, change.newPassword); err != nil {
			return nil, err
		}
	}
	user, err := s.store.UpdateProfile(ctx, viewer(c), stored)
	if err != nil || change.newPassword == "" {
		return user, err
	}
	return user, s.renewEpoch(c, user)
}
