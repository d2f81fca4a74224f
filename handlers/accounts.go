package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/internal/password"
	"sarangbang/views"
)

const (
	minPassword, maxPassword = 8, 128
	maxDisplayName           = 64
	// longestInput bounds what is looked at before anything else is done with a name or password.
	longestInput = 1024
)

// nobodyYet tells whether the first user is still to come.
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
	a, err := s.signUpPage(c, views.SignUpPage{Invite: inviteCode(c.Query("invite")), Zone: s.zoneName(c)})
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

// signUpPage completes a sign-up form with what its invitation says. A link that no longer works is as good as none.
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

// account is what somebody types to sign up.
type account struct {
	name, displayName, password, zone, invite string
}

func (s *server) readAccount(c *gin.Context, in url.Values) (account, error) {
	bad := &invalid{}
	a := account{name: bad.line(in, "name", 2, 32), displayName: bad.line(in, "display_name", 0, maxDisplayName), password: in.Get("password")}
	if !validName(a.name) {
		bad.refuse("name", "error.name")
	}
	checkPassword(bad, "password", a.password, a.name)
	if a.displayName == "" {
		a.displayName = a.name
	}
	a.zone = in.Get("time_zone")
	if !validZone(a.zone) {
		a.zone = defaultZone(s.language(c))
	}
	a.invite = inviteCode(in.Get("invite"))
	return a, bad.orNil()
}

func checkPassword(bad *invalid, field, text, name string) {
	if len(text) > longestInput {
		bad.refuse(field, "error.too_long", maxPassword)
		return
	}
	switch n := runes(text); {
	case !validPasswordText(text):
		bad.refuse(field, "error.characters")
	case n == 0:
		bad.refuse(field, "error.required")
	case n < minPassword:
		bad.refuse(field, "error.too_short", minPassword)
	case n > maxPassword:
		bad.refuse(field, "error.too_long", maxPassword)
	case password.IsWeak(text, name, "sarangbang", "사랑방"):
		bad.refuse(field, "error.password_known")
	}
}

// validZone accepts names of the time zone database; "" and "Local" are none.
func validZone(name string) bool {
	if name == "" || name == "Local" || len(name) > 64 {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

func (s *server) signUp(c *gin.Context) error {
	in, err := input(c)
	if err != nil {
		return err
	}
	form := func(e views.Errors) (answer, error) {
		return s.signUpPage(c, views.SignUpPage{
			Name: shown(in.Get("name")), DisplayName: shown(in.Get("display_name")), Zone: shown(in.Get("time_zone")),
			Invite: inviteCode(in.Get("invite")), Errors: e,
		})
	}
	a, err := s.readAccount(c, in)
	if err != nil {
		return withForm(err, form)
	}
	if after, ok := s.limits.allow(limitSignUps, addressKey(c.ClientIP())); !ok {
		return tooMany(after)
	}
	done, err := s.createAccount(c, a)
	if err != nil {
		return withForm(err, form)
	}
	s.hasUsers.Store(true)
	if err := s.startSession(c, done.User, s.now().Add(sessionLife)); err != nil {
		return err
	}
	to := "/"
	if done.Room != nil && done.Invite == nil {
		to = roomPath(done.Room.ID)
	}
	return s.respondSaved(c, saved{to: to, created: true, json: userJSON(done.User)})
}

// createAccount stores an account whose fields have been checked.
func (s *server) createAccount(c *gin.Context, a account) (*db.SignedUp, error) {
	hash, err := s.passwords.Hash(c.Request.Context(), a.password)
	if err != nil {
		return nil, err
	}
	done, err := s.store.SignUp(c.Request.Context(), db.NewUser{
		Name: a.name, DisplayName: a.displayName, PasswordHash: hash, Language: s.language(c), TimeZone: a.zone,
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
		return nil, &problem{status: http.StatusNotFound, code: "not_found", text: "error.invite"}
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
	return s.respond(c, s.logInPage(c, views.LogInPage{Next: next}))
}

func (s *server) logInPage(c *gin.Context, p views.LogInPage) answer {
	p.Page = s.barePage(c, s.text(c, "login.title"))
	return answer{page: func() (view, error) { return view{"accounts/login", p}, nil }}
}

func (s *server) logIn(c *gin.Context) error {
	in, err := input(c)
	if err != nil {
		return err
	}
	name, _ := cleanLine(in.Get("name"))
	remember := checked(in, "remember")
	next := sameSite(in.Get("next"))
	user, err := s.checkLogIn(c, name, in.Get("password"))
	if err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			return s.logInPage(c, views.LogInPage{Name: shown(name), Next: next, Remember: remember, Errors: e}), nil
		})
	}
	life := sessionLife
	if remember {
		life = rememberedLife
	}
	if err := s.startSession(c, user, s.now().Add(life)); err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: next, json: userJSON(user)})
}

// checkLogIn takes the same time and gives the same answer for a wrong name and a wrong password.
func (s *server) checkLogIn(c *gin.Context, name, password string) (*db.User, error) {
	// The name counts from each address apart: or anybody could keep its owner out by trying.
	address := addressKey(c.ClientIP())
	for kind, key := range map[limitKind]string{limitLogInAddress: address, limitLogInName: name + " " + address} {
		if after, ok := s.limits.allow(kind, key); !ok {
			return nil, tooMany(after)
		}
	}
	wrong := &invalid{status: http.StatusUnauthorized, code: "unauthorized"}
	wrong.refuse("", "error.login")
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
		if err := s.store.EndSession(c.Request.Context(), v.user, v.session); err != nil {
			return err
		}
		if err := s.forgetSession(c); err != nil {
			return err
		}
	}
	return s.respondSaved(c, saved{to: "/login"})
}
