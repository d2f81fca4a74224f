package handlers

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/internal/photo"
	"sarangbang/views"
)

const maxBio = 1000 // characters

// Values of the profile's field that says whether others see what somebody has read.
const (
	readsShown  = "shown"
	readsHidden = "hidden"
)

func shownReads(u *db.User) string {
	if u.HidesReads {
		return readsHidden
	}
	return readsShown
}

func (s *server) editProfile(c *gin.Context) error {
	user := viewer(c)
	a, err := s.profilePage(c, views.ProfilePage{
		DisplayName: user.DisplayName, Bio: user.Bio, Language: user.Language, Zone: user.TimeZone, Reads: shownReads(user),
	})
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

func (s *server) profilePage(c *gin.Context, p views.ProfilePage) (answer, error) {
	keepPlain(c) // it has fields for passwords
	p.Zones = timeZones
	p.Photo = views.PhotoPath(viewer(c))
	p.HasPhoto = viewer(c).PhotoVersion != ""
	return answer{
		json: func() any { return userJSON(s.views, viewer(c)) },
		page: func() (v view, err error) {
			p.Page, err = s.page(c, s.text(c, "profile.title"))
			return view{"profile/show", p}, err
		},
	}, nil
}

func (s *server) updateProfile(c *gin.Context) error {
	permit, err := s.permitPhoto(c)
	if err != nil {
		return err
	}
	defer permit.end()
	user, form := viewer(c), readForm(c)
	// programs may leave out what stays as it is
	form.setDefault("display_name", user.DisplayName)
	form.setDefault("bio", user.Bio)
	form.setDefault("language", user.Language)
	form.setDefault("time_zone", user.TimeZone)
	form.setDefault("reads", shownReads(user))
	change, err := s.readProfile(c, form, permit)
	if err == nil {
		user, err = s.store.UpdateProfile(c.Request.Context(), user, change)
	}
	if err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			return s.profilePage(c, views.ProfilePage{
				DisplayName: form.redisplay("display_name"), Bio: form.redisplay("bio"),
				Language: form.redisplay("language"), Zone: form.redisplay("time_zone"), Reads: form.redisplay("reads"), Errors: e,
			})
		})
	}
	if change.PasswordHash != "" {
		if err := s.renewEpoch(c, user); err != nil {
			return err
		}
	}
	if err := s.flash(c, flashNotice, "profile.saved"); err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: "/profile", json: userJSON(s.views, user)})
}

// readProfile reads the profile's form, which may have a photo and a new password.
func (s *server) readProfile(c *gin.Context, form *input, permit *photoPermit) (db.ProfileChange, error) {
	change := db.ProfileChange{Profile: &db.Profile{
		DisplayName: form.label("display_name", 1, maxDisplayName),
		Bio:         form.text("bio", 0, maxBio),
		Language:    form.choice("language", viewer(c).Language, views.Languages...),
		TimeZone:    form.value("time_zone"),
		HidesReads:  form.choice("reads", readsShown, readsShown, readsHidden) == readsHidden,
	}}
	if !validZone(change.Profile.TimeZone) {
		form.addError("time_zone", "error.choice")
	}
	var err error
	if change.Photo, err = s.readPhoto(c, form, permit); err != nil {
		return change, err
	}
	change.DeleteTokens = form.checked("delete_tokens")
	change.RemovePhoto = change.Photo == nil && form.checked("remove_photo")
	if change.PasswordHash, err = s.readNewPassword(c, form); err != nil {
		return change, err
	}
	return change, form.err()
}

// readNewPassword returns the hash of the new password in a profile's form; empty when there is
// none, and when anything in the form is wrong. The user has to know the current password.
func (s *server) readNewPassword(c *gin.Context, form *input) (hash string, err error) {
	if form.value("new_password") == "" {
		return "", nil
	}
	ctx, user := c.Request.Context(), viewer(c)
	if err := s.limitBy(limitLogInName, user.Name); err != nil {
		return "", err
	}
	current := form.value("current_password")
	if len(current) > longestInput {
		current = ""
	}
	right, err := s.passwords.Verify(ctx, current, user.PasswordHash)
	if err != nil {
		return "", err
	}
	if right {
		s.limits.giveBack(limitLogInName, user.Name)
	} else {
		form.addError("current_password", "error.current_password")
	}
	text, err := s.newPassword(c, form, "new_password", user.Name)
	if err != nil || form.err() != nil {
		return "", err
	}
	return s.passwords.Hash(ctx, text)
}

// photoPermit is the right to send a photo, which is asked for before the form is read: most forms
// have none, and give the right back.
type photoPermit struct {
	refused  error    // the viewer may send no photo now
	passage  *passage // of photosOnWay; nil: not counted
	giveBack func()   // nil: nothing was counted, or the photo was there
}

// end ends the upload, and gives back what was counted where there was no photo.
func (p *photoPermit) end() {
	p.passage.end()
	if p.giveBack != nil {
		p.giveBack()
	}
}

// permitPhoto returns the viewer's right to send a photo with a request. The error is that of a
// form which is too long to be one without a photo, where the viewer has no such right now.
func (s *server) permitPhoto(c *gin.Context) (*photoPermit, error) {
	key, p := limitKey(c), new(photoPermit)
	if !s.limits.on || mediaType(c) != gin.MIMEMultipartPOSTForm {
		return p, nil
	}
	if p.passage = s.photosOnWay.begin(key); p.passage == nil {
		p.refused = tooMany(busyRetry)
	} else if p.refused = s.limitBy(limitPhotos, key); p.refused == nil {
		p.giveBack = func() { s.limits.giveBack(limitPhotos, key) }
	}
	if length := c.Request.ContentLength; p.refused != nil && (length < 0 || length > maxBody) {
		p.passage.end()
		return nil, p.refused
	}
	return p, nil
}

// readPhoto returns the photo in a profile's form, ready to be stored; nil when there is none, and
// when it is refused.
func (s *server) readPhoto(c *gin.Context, form *input, permit *photoPermit) (*db.NewPhoto, error) {
	if c.Request.MultipartForm == nil {
		return nil, nil
	}
	file, header, err := c.Request.FormFile("photo")
	if errors.Is(err, http.ErrMissingFile) || err == nil && header.Size == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open uploaded photo: %w", err)
	}
	defer file.Close()
	if permit.refused != nil {
		return nil, permit.refused
	}
	permit.giveBack = nil
	content, err := s.photos.Square(c.Request.Context(), file)
	switch {
	case errors.Is(err, photo.ErrTooManyBytes):
		form.addError("photo", "error.photo_bytes", photo.MaxBytes>>20)
	case errors.Is(err, photo.ErrTooManyPixels):
		form.addError("photo", "error.photo_pixels")
	case errors.Is(err, photo.ErrFormat):
		form.addError("photo", "error.photo_type")
	case errors.Is(err, photo.ErrDamaged):
		form.addError("photo", "error.photo_damaged")
	case err != nil:
		return nil, fmt.Errorf("resize photo: %w", err)
	default:
		return &db.NewPhoto{Type: photo.ContentType, Content: content}, nil
	}
	return nil, nil
}
