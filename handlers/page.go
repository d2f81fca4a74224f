package handlers

import (
	"net/http"
	"net/url"
	"slices"
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
	// choiceLife is how long a browser keeps the language and the colours that were chosen.
	choiceLife = 365 * 24 * time.Hour
	// themeCookie keeps the colours that a browser shows, for whoever uses it.
	themeCookie = "theme"
)

// keyRefused is true in the context of a request whose form is shown again.
const keyRefused = "refused"

// themes are the choices of colours; the first follows the visitor's system and is the default.
var themes = []string{"system", "light", "dark"}

// languageMatcher matches the languages of the service. The first is the default.
var languageMatcher = language.NewMatcher([]language.Tag{language.English, language.Korean})

// language returns the language of the visitor: that of the user's profile, or else of the cookie,
// or else the best of the header Accept-Language.
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

// zoneName returns the name of the visitor's time zone. Signed out, it is where most people who
// speak the language live.
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

// locale returns the language and time zone in which the request is answered.
func (s *server) locale(c *gin.Context) views.Locale {
	return s.zones.locale(s.language(c), s.zoneName(c))
}

func (s *server) text(c *gin.Context, key string, args ...any) string {
	return views.Text(s.language(c), key, args...)
}

// barePage returns the layout of a page without the list of rooms.
func (s *server) barePage(c *gin.Context, title string) views.Page {
	return views.Page{
		Title:    title,
		Viewer:   viewer(c),
		Refused:  c.GetBool(keyRefused),
		Language: s.language(c),
		Zone:     s.locale(c).Zone,
		Path:     s.pagePath(c),
		Stream:   "/stream",
		Theme:    theme(c),
	}
}

// pagePath returns the address of the page that the visitor sees: that of the request, or for forms
// and fragments, that of the page they were sent from.
func (s *server) pagePath(c *gin.Context) string {
	if c.Request.Method == http.MethodGet && !isHTMX(c) {
		return c.Request.URL.RequestURI()
	}
	if from, err := url.Parse(c.GetHeader("Referer")); err == nil && originOf(c).includes(from) {
		if path, ok := s.inside(from.RequestURI()); ok {
			return path
		}
	}
	return "/"
}

// page returns the layout of a page: what all pages show around their content.
func (s *server) page(c *gin.Context, title string) (views.Page, error) {
	return s.pageIn(c, title, uuid.Nil)
}

// pageIn returns the layout of a page of a room, which is marked in the list of rooms. The list is
// left out where only the main part of the page is wanted.
func (s *server) pageIn(c *gin.Context, title string, current uuid.UUID) (views.Page, error) {
	p := s.barePage(c, title)
	if p.Viewer == nil {
		return p, nil
	}
	var err error
	if p.Activity, err = s.store.CountActivities(c.Request.Context(), p.Viewer); err != nil {
		return p, err
	}
	if !wantsMain(c) {
		rooms, err := s.store.RoomsOf(c.Request.Context(), p.Viewer)
		if err != nil {
			return p, err
		}
		p.Rooms = s.views.RoomList(s.locale(c), rooms, p.Viewer.RoomOrder, current, s.now())
	}
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

// chooseLanguage sets the language in a cookie, and in the viewer's profile when signed in.
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
		p := db.Profile{DisplayName: user.DisplayName, Bio: user.Bio, Language: chosen, TimeZone: user.TimeZone, HidesReads: user.HidesReads}
		if _, err := s.store.UpdateProfile(c.Request.Context(), user, db.ProfileChange{Profile: &p}); err != nil {
			return err
		}
	}
	s.keepChoice(c, languageCookie, chosen)
	return s.respondSaved(c, saved{to: s.sameSite(form.value("next")), json: map[string]string{"language": chosen}})
}

// theme returns the colours that this browser shows: one of themes.
func theme(c *gin.Context) string {
	if chosen, err := c.Cookie(themeCookie); err == nil && slices.Contains(themes, chosen) {
		return chosen
	}
	return themes[0]
}

// chooseTheme sets the colours of this browser.
func (s *server) chooseTheme(c *gin.Context) error {
	form := readForm(c)
	chosen := form.choice("theme", "", themes...)
	if chosen == "" {
		form.addError("theme", "error.choice")
	}
	if err := form.err(); err != nil {
		return err
	}
	s.keepChoice(c, themeCookie, chosen)
	return s.respondSaved(c, saved{to: s.sameSite(form.value("next")), json: map[string]string{"theme": chosen}})
}

// keepChoice sets a cookie with a choice of the visitor.
func (s *server) keepChoice(c *gin.Context, name, chosen string) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: name, Value: chosen, Path: s.cookiePath(), MaxAge: int(choiceLife / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: originOf(c).secure(),
	})
}

// sameSite returns the path of next when it is an address of this service without a host, else the
// path of the home page.
// Otherwise links could send people who sign in here to another site.
func (s *server) sameSite(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	if path, ok := s.inside(next); ok {
		return path
	}
	return "/"
}

// audience returns the format, language and time zone in which events are rendered for the visitor.
func (s *server) audience(c *gin.Context, format live.Format) live.Audience {
	return live.Audience{Format: format, Language: s.language(c), Zone: s.zoneName(c)}
}
