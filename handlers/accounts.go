package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
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
		s.redirect(c, http.StatusSeeOther, "/")
		return nil
	}
	a, err := s.signUpPage(c, views.SignUpPage{
		Invite: inviteCode(c.Query("invite")), SetupCode: shortened(c.Query(fieldSetupCode)), Zone: s.zoneName(c), Remember: true,
	})
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
	p.AsksSetupCode = p.First && !s.mayBeFirst(c.Request, "")
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

	made     bool // name was made from displayName
	notFirst bool // see mayBeFirst
}

// readAccount reads the sign-up form. One of name and display name is enough: the other is made
// from it. Where the form names no time zone, the zone is that of the language.
func (s *server) readAccount(c *gin.Context, form *input) (account, error) {
	a := account{
		displayName: form.label("display_name", 0, maxDisplayName),
		zone:        form.value("time_zone"),
		invite:      inviteCode(form.value("invite")),
	}
	a.notFirst = !s.mayBeFirst(c.Request, form.value(fieldSetupCode))
	if a.notFirst && s.nobodyYet(c) {
		form.addError(fieldSetupCode, "error.setup_code")
	}
	form.accountName(&a)
	if !validZone(a.zone) {
		a.zone = defaultZone(s.language(c))
	}
	var err error
	if a.password, err = s.newPassword(c, form, "password", a.name); err != nil {
		return a, err
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
	switch {
	case !validName(a.name):
		in.addError("name", "error.name")
	case mixesScripts(a.name):
		in.addError("name", "error.name_scripts")
	}
	if a.displayName == "" {
		a.displayName = a.name
	}
}

// newPassword returns a field that has to be an acceptable password for the account of a name. It
// judges the password only if the rest of the form is right, because that takes a while.
func (s *server) newPassword(c *gin.Context, form *input, field, name string) (string, error) {
	text := form.password(field)
	if form.err() != nil {
		return text, nil
	}
	weak, err := s.passwords.IsWeak(c.Request.Context(), text, name, "sarangbang", "사랑방")
	if weak {
		form.addError(field, "error.password_known")
	}
	return text, err
}

// password returns a field that has to be a password by its characters and their number.
func (in *input) password(field string) string {
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
	}
	return text
}

func (s *server) signUp(c *gin.Context) error {
	form := readForm(c)
	again := func(e views.Errors) (answer, error) {
		return s.signUpPage(c, views.SignUpPage{
			Name: form.redisplay("name"), DisplayName: form.redisplay("display_name"), Zone: form.redisplay("time_zone"),
			Invite: inviteCode(form.value("invite")), SetupCode: form.redisplay(fieldSetupCode), Remember: form.checked("remember"), Errors: e,
		})
	}
	a, err := s.readNewAccount(c, form)
	if err != nil {
		return withForm(err, again)
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
	return s.respondSaved(c, saved{to: to, created: true, json: userJSON(s.views, done.User)})
}

// readNewAccount reads the form of somebody who may sign up. What costs least is looked at first,
// and all of it is counted by address before a password is judged or hashed.
func (s *server) readNewAccount(c *gin.Context, form *input) (a account, err error) {
	address := addressKey(c.ClientIP())
	if form.unread != nil {
		return a, form.unread
	}
	if err := s.limitBy(limitSignUpForms, address); err != nil {
		return a, err
	}
	if err := s.checkRegistration(c, inviteCode(form.value("invite"))); err != nil {
		return a, err
	}
	if a, err = s.readAccount(c, form); err != nil {
		return a, err
	}
	return a, s.limitBy(limitSignUps, address)
}

// checkRegistration returns the error of createAccount for somebody with an invitation, or none
// when that is empty, who may not sign up.
func (s *server) checkRegistration(c *gin.Context, invite string) error {
	switch {
	case s.nobodyYet(c):
		return nil
	case s.registration == RegistrationClosed, s.registration == RegistrationInvite && invite == "":
		return s.notRegistered()
	case s.registration == RegistrationOpen:
		return nil
	}
	_, err := s.store.Invite(c.Request.Context(), invite)
	if errors.Is(err, db.ErrNotFound) {
		return noSuchInvite()
	}
	return err
}

// notRegistered is the error of signing up where that is not for everybody.
func (s *server) notRegistered() error {
	text := "error.registration"
	if s.registration == RegistrationClosed {
		text = "error.registration_closed"
	}
	return &problem{status: http.StatusForbidden, code: "forbidden", text: text}
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
		NotFirst: a.notFirst, FirstRoomTitle: s.text(c, "room.first"),
	})
	switch {
	case errors.Is(err, db.ErrForbidden):
		return nil, s.notRegistered()
	case errors.Is(err, db.ErrNotFound):
		return nil, noSuchInvite()
	}
	return done, err
}
