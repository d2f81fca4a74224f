package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/internal/password"
	"sarangbang/views"
)

const (
	minPassword, maxPassword = 8, 128 // characters
	maxDisplayName           = 64     // characters
	// longestInput bounds names and passwords, in bytes, before their characters are looked at.
	longestInput = 1024
)

// nobodyYet reports whether the service has no users. It asks the database until there is one.
func (s *server) nobodyYet(c *gin.Context) bool {
	if s.hasUsers.Load() {
		return false
	}
	has, err := s.store.HasUsers(c.Request.Context())
	if err != nil || has {
		s.hasUsers.Store(err == nil)
		return false
	}
	return true
}

func (s *server) newAccount(c *gin.Context) error {
	if viewer(c) != nil {
		c.Redirect(http.StatusSeeOther, "/")
		return nil
	}
	a, err := s.signUpPage(c, views.SignUpPage{Invite: inviteCode(c.Query("invite")), Zone: s.zoneName(c), Remember: true})
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

// signUpPage returns a sign-up form, completed with the invitation p.Invite. An invitation that
// does not hold any more counts as none.
func (s *server) signUpPage(c *gin.Context, p views.SignUpPage) (answer, error) {
	p.Page = s.barePage(c, s.text(c, "signup.title"))
	p.First = s.nobodyYet(c)
	if p.Invite != "" {
		switch invite, err := s.store.Invite(c.Request.Context(), p.Invite); {
		case errors.Is(err, db.ErrNotFound):
			p.Invite = ""
		case err != nil:
			return answer{}, err
		default:
			p.InvitedBy = invite.Creator.DisplayName
			p.Next = "/join/" + invite.Code
			p.Path = p.Next
			if invite.Room != nil {
				p.Room = invite.Room.Title
			}
		}
	}
	p.Closed = !p.First && s.registration == RegistrationClosed
	p.Refused = p.Closed || !p.First && s.registration != RegistrationOpen && p.Invite == ""
	return answer{page: func() (view, error) { return view{"accounts/signup", p}, nil }}, nil
}

// account is the input of the sign-up form.
type account struct {
	name, displayName, password, zone, invite string

	made bool // name was made from displayName
}

// readAccount reads the sign-up form. One of name and display name is enough: the other is made
// from it. Where the form names no time zone, the zone is that of the language.
func (s *server) readAccount(c *gin.Context, form *input) (account, error) {
	a := account{
		displayName: form.line("display_name", 0, maxDisplayName),
		zone:        form.value("time_zone"),
		invite:      inviteCode(form.value("invite")),
	}
	form.accountName(&a)
	a.password = form.newPassword("password", a.name)
	if !validZone(a.zone) {
		a.zone = defaultZone(s.language(c))
	}
	return a, form.err()
}

// accountName reads the name of an account, or makes it from the display name.
func (in *input) accountName(a *account) {
	empty := strings.TrimSpace(in.value("name")) == ""
	switch {
	case empty && a.displayName != "":
		a.name, a.made = nameFrom(a.displayName), true
		return
	case empty && in.has("display_name"): // the form, where the name comes first
		in.addError("display_name", "error.required")
		return
	}
	a.name = in.line("name", minNameLength, maxNameLength)
	if !validName(a.name) {
		in.addError("name", "error.name")
	}
	if a.displayName == "" {
		a.displayName = a.name
	}
}

// newPassword returns a field that has to be an acceptable password for the account of a name.
func (in *input) newPassword(field, name string) string {
	text := in.value(field)
	if len(text) > longestInput {
		in.addError(field, "error.too_long", maxPassword)
		return text
	}
	switch n := runes(text); {
	case !validPasswordText(text):
		in.addError(field, "error.characters")
	case n == 0:
		in.addError(field, "error.required")
	case n < minPassword:
		in.addError(field, "error.too_short", minPassword)
	case n > maxPassword:
		in.addError(field, "error.too_long", maxPassword)
	case password.IsWeak(text, name, "sarangbang", "사랑방"):
		in.addError(field, "error.password_known")
	}
	return text
}

func (s *server) signUp(c *gin.Context) error {
	form := readForm(c)
	again := func(e views.Errors) (answer, error) {
		return s.signUpPage(c, views.SignUpPage{
			Name: form.redisplay("name"), DisplayName: form.redisplay("display_name"), Zone: form.redisplay("time_zone"),
			Invite: inviteCode(form.value("invite")), Remember: form.checked("remember"), Errors: e,
		})
	}
	a, err := s.readAccount(c, form)
	if err != nil {
		return withForm(err, again)
	}
	if err := s.limitBy(limitSignUps, addressKey(c.ClientIP())); err != nil {
		return err
	}
	done, err := s.createAccount(c, a)
	if err != nil {
		return withForm(err, again)
	}
	s.hasUsers.Store(true)
	if err := s.startSession(c, done.User, form.checked("remember")); err != nil {
		return err
	}
	to := "/"
	if done.Room != nil {
		to = roomPath(done.Room.ID)
	}
	return s.respondSaved(c, saved{to: to, created: true, json: userJSON(done.User)})
}

// createAccount stores a new user. Errors: *problem with 403 where registration is closed to them,
// with 404 for an invitation that does not hold; *db.InvalidError, as for a name
// that is taken.
func (s *server) createAccount(c *gin.Context, a account) (*db.SignedUp, error) {
	ctx := c.Request.Context()
	hash, err := s.passwords.Hash(ctx, a.password)
	if err != nil {
		return nil, err
	}
	done, err := s.store.SignUp(ctx, db.NewUser{
		Name: a.name, MakeUnique: a.made, DisplayName: a.displayName, PasswordHash: hash, Language: s.language(c), TimeZone: a.zone,
		Invite: a.invite, Open: s.registration == RegistrationOpen, Closed: s.registration == RegistrationClosed,
		FirstRoomTitle: s.text(c, "room.first"),
	})
	switch {
	case errors.Is(err, db.ErrForbidden):
		text := "error.registration"
		if s.registration == RegistrationClosed {
			text = "error.registration_closed"
		}
		return nil, &problem{status: http.StatusForbidden, code: "forbidden", text: text}
	case errors.Is(err, db.ErrNotFound):
		return nil, noSuchInvite()
	}
	return done, err
}

func (s *server) newSession(c *gin.Context) error {
	next := sameSite(c.Query("next"))
	if viewer(c) != nil {
		c.Redirect(http.StatusSeeOther, next)
		return nil
	}
	if s.nobodyYet(c) {
		c.Redirect(http.StatusSeeOther, "/signup")
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
	remember, next := form.checked("remember"), sameSite(form.value("next"))
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
	return s.respondSaved(c, saved{to: next, json: userJSON(user)})
}

// checkLogIn returns the user of a name and password. A wrong name and a wrong password take the
// same time and have the same error: *formErrors with 401.
func (s *server) checkLogIn(c *gin.Context, name, password string) (*db.User, error) {
	// Attempts with a name are counted for each address, so that nobody can keep its owner out by
	// trying from elsewhere.
	address := addressKey(c.ClientIP())
	for kind, key := range map[limitKind]string{limitLogInAddress: address, limitLogInName: name + " " + address} {
		if err := s.limitBy(kind, key); err != nil {
			return nil, err
		}
	}
	wrong := &formErrors{status: http.StatusUnauthorized, code: "unauthorized"}
	wrong.add("", "error.login")
	if len(name) > longestInput || len(password) > longestInput {
		return nil, wrong
	}
	ctx := c.Request.Context()
	user, err := s.store.UserByName(ctx, name)
	if errors.Is(err, db.ErrNotFound) {
		if err := s.passwords.VerifyDummy(ctx, password); err != nil {
			return nil, err
		}
		return nil, wrong
	}
	if err != nil {
		return nil, err
	}
	right, err := s.passwords.Verify(ctx, password, user.PasswordHash)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, wrong
	}
	return user, nil
}

func (s *server) logOut(c *gin.Context) error {
	v := visitorOf(c)
	if v.session.ID != "" {
		// The session may have been renewed in another cookie, which must not outlive it.
		v.session.Expires = s.now().Add(rememberedLife)
		if err := s.store.EndSession(c.Request.Context(), v.user, v.session); err != nil {
			return err
		}
		if err := s.forgetSession(c); err != nil {
			return err
		}
	}
	return s.respondSaved(c, saved{to: "/login"})
}
