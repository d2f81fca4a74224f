package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/views"
)

func (s *server) newSession(c *gin.Context) error {
	next := s.sameSite(c.Query("next"))
	if viewer(c) != nil {
		s.redirect(c, http.StatusSeeOther, next)
		return nil
	}
	if s.nobodyYet(c) {
		s.redirect(c, http.StatusSeeOther, "/signup")
		return nil
	}
	return s.respond(c, s.logInPage(c, views.LogInPage{Next: next, Remember: true}))
}

func (s *server) logInPage(c *gin.Context, p views.LogInPage) answer {
	p.Page = s.barePage(c, s.text(c, "login.title"))
	return answer{page: func() (view, error) { return view{"accounts/login", p}, nil }}
}

func (s *server) logIn(c *gin.Context) error {
	form := readForm(c)
	if err := form.err(); err != nil {
		return err
	}
	name, _ := cleanLine(form.value("name"))
	name = strings.Join(strings.Fields(name), "") // a name has no blanks, which people type as in their own
	remember, next := form.checked("remember"), s.sameSite(form.value("next"))
	user, err := s.checkLogIn(c, name, form.value("password"))
	if err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			page := views.LogInPage{Name: form.redisplay("name"), Next: next, Remember: remember, Errors: e}
			return s.logInPage(c, page), nil
		})
	}
	if err := s.startSession(c, user, remember); err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: next, json: userJSON(s.views, user)})
}

// checkLogIn returns the user of a name and password. A wrong name and a wrong password take the
// same time and have the same error: *formErrors with 401.
func (s *server) checkLogIn(c *gin.Context, name, password string) (*db.User, error) {
	tooLong := len(name) > longestInput || len(password) > longestInput
	if tooLong {
		name, password = "", "" // nobody's, and counted as any other attempt
	}
	attempts := s.attemptsOf(c, name)
	for i, a := range attempts {
		if err := s.limitBy(a.kind, a.key); err != nil {
			s.giveBack(attempts[:i])
			return nil, err
		}
	}
	var user *db.User
	if !tooLong {
		var err error
		if user, err = s.verified(c, name, password); err != nil {
			return nil, err
		}
	}
	if user == nil {
		s.log.Warn("sign-in failed", "name", foldedName(name), "address", c.ClientIP(), "request_id", requestID(c))
		wrong := &formErrors{status: http.StatusUnauthorized, code: "unauthorized"}
		wrong.add("", "error.login")
		return nil, wrong
	}
	s.giveBack(attempts)
	return user, nil
}

// attempt is what an attempt to sign in counts as, until it turns out to be right.
type attempt struct {
	kind limitKind
	key  string
}

// attemptsOf returns what an attempt with a name counts as. It counts for the address, and for the
// name from this address, so that nobody can keep an account's owner out by trying from elsewhere.
// Whoever guesses at one name is refused by that name first, and takes little of what the others
// behind the address have. In a browser in which its owner has signed in before it counts for that
// browser alone, so that nobody behind the same address can keep them out either.
func (s *server) attemptsOf(c *gin.Context, name string) []attempt {
	if s.isKnown(c, name) {
		return []attempt{{limitLogInName, "known browser " + s.knownValue(name)}}
	}
	address := addressKey(c.ClientIP())
	return []attempt{{limitLogInName, name + " " + address}, {limitLogInAddress, address}}
}

// giveBack undoes the counting of attempts.
func (s *server) giveBack(attempts []attempt) {
	for _, a := range attempts {
		s.limits.giveBack(a.kind, a.key)
	}
}

// verified returns the user of a name and password; nil when one of them is wrong.
func (s *server) verified(c *gin.Context, name, password string) (*db.User, error) {
	ctx := c.Request.Context()
	user, err := s.store.UserByName(ctx, name)
	if errors.Is(err, db.ErrNotFound) {
		return nil, s.passwords.VerifyDummy(ctx, password)
	}
	if err != nil {
		return nil, err
	}
	right, err := s.passwords.Verify(ctx, password, user.PasswordHash)
	if err != nil || !right {
		return nil, err
	}
	return user, nil
}

func (s *server) logOut(c *gin.Context) error {
	v := visitorOf(c)
	if v.session.ID != "" {
		// The session may have been renewed in another cookie, which must not outlive it.
		v.session.Expires = s.now().Add(rememberedLife)
		if err := s.store.EndSession(c.Request.Context(), v.user, v.session); err != nil {
			// the browser is signed out all the same; only copies of its cookie still hold
			s.log.Error("session not ended", "request_id", requestID(c), "err", err)
		}
		if err := s.forgetSession(c); err != nil {
			return err
		}
	}
	return s.respondSaved(c, saved{to: "/login"})
}
