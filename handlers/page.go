package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"golang.org/x/text/language"

	"sarangbang/db"
	"sarangbang/live"
	"sarangbang/views"
)

const (
	languageCookie = "language"
	// languageCookieLife is how long a signed-out browser remembers its language.
	languageCookieLife = 365 * 24 * time.Hour
)

// languageMatcher knows the languages of the house; the first is for everybody who speaks neither.
var languageMatcher = language.NewMatcher([]language.Tag{language.English, language.Korean})

// language is the visitor's: by setting, then cookie, then Accept-Language.
func (s *server) language(c *gin.Context) string {
	if user := viewer(c); user != nil {
		return user.Language
	}
	if chosen, err := c.Cookie(languageCookie); err == nil && views.HasLanguage(chosen) {
		return chosen
	}
	if _, i := language.MatchStrings(languageMatcher, c.GetHeader("Accept-Language")); i == 1 {
		return "ko"
	}
	return "en"
}

// zoneName is the visitor's time zone; signed out, the one most people of the language live in.
func (s *server) zoneName(c *gin.Context) string {
	if user := viewer(c); user != nil {
		return user.TimeZone
	}
	return defaultZone(s.language(c))
}

func defaultZone(language string) string {
	if language == "ko" {
		return "Asia/Seoul"
	}
	return "UTC"
}

// locale is for whom this request's answer is rendered.
func (s *server) locale(c *gin.Context) views.Locale {
	return s.zones.locale(s.language(c), s.zoneName(c))
}

func (s *server) text(c *gin.Context, key string, args ...any) string {
	return views.Text(s.language(c), key, args...)
}

// barePage is a page without the list of rooms.
func (s *server) barePage(c *gin.Context, title string) views.Page {
	return views.Page{
		Title:    title,
		Viewer:   viewer(c),
		Language: s.language(c),
		Zone:     s.locale(c).Zone,
		Path:     pagePath(c),
		Stream:   "/stream",
	}
}

// pagePath is where this page can be had again: its own address, or that of the page it was sent from.
func pagePath(c *gin.Context) string {
	if c.Request.Method == http.MethodGet && !isHTMX(c) {
		return c.Request.URL.RequestURI()
	}
	if from, err := url.Parse(c.GetHeader("Referer")); err == nil && from.Host == c.Request.Host {
		return from.RequestURI()
	}
	return "/"
}

// page is what every page shows around its own content.
func (s *server) page(c *gin.Context, title string) (views.Page, error) {
	return s.pageIn(c, title, uuid.Nil)
}

// pageIn is page inside a room, which is marked in the list of rooms.
func (s *server) pageIn(c *gin.Context, title string, current uuid.UUID) (views.Page, error) {
	p := s.barePage(c, title)
	if p.Viewer == nil {
		return p, nil
	}
	rooms, err := s.store.RoomsOf(c.Request.Context(), p.Viewer)
	if err != nil {
		return p, err
	}
	p.Rooms = s.views.RoomList(s.locale(c), rooms, current, s.now())
	notice, err := s.takeFlash(c, flashNotice)
	if notice != "" {
		p.Flash = s.text(c, notice)
	}
	return p, err
}

func person(u *db.User, viewer *db.User) views.Person {
	return views.Person{
		ID: u.ID, Name: u.Name, DisplayName: u.DisplayName, Bio: u.Bio, Photo: views.PhotoPath(u),
		Self: u.ID == viewer.ID, Deactivated: u.DeactivatedAt != nil,
	}
}

func people(users []*db.User, viewer *db.User) []views.Person {
	out := make([]views.Person, 0, len(users))
	for _, u := range users {
		out = append(out, person(u, viewer))
	}
	return out
}

// chooseLanguage sets the language of somebody who is signed out, or the setting of somebody signed in.
func (s *server) chooseLanguage(c *gin.Context) error {
	form := readForm(c)
	chosen := form.choice("language", "", views.Languages...)
	if chosen == "" {
		form.addError("language", "error.choice")
	}
	if err := form.err(); err != nil {
		return err
	}
	if user := viewer(c); user != nil {
		p := db.Profile{DisplayName: user.DisplayName, Bio: user.Bio, Language: chosen, TimeZone: user.TimeZone}
		if _, err := s.store.UpdateProfile(c.Request.Context(), user, db.ProfileChange{Profile: &p}); err != nil {
			return err
		}
	}
	http.SetCookie(c.Writer, &http.Cookie{
		Name: languageCookie, Value: chosen, Path: "/", MaxAge: int(languageCookieLife / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(s.origin(c), "https:"),
	})
	return s.respondSaved(c, saved{to: sameSite(form.value("next")), json: map[string]string{"language": chosen}})
}

// sameSite is an address to go on to: a path of this house, else home.
func sameSite(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// audience is whom a stream of this visitor is rendered for.
func (s *server) audience(c *gin.Context, format live.Format) live.Audience {
	return live.Audience{Format: format, Language: s.language(c), Zone: s.zoneName(c)}
}
