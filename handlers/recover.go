package handlers

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/views"
)

// RecoveryPath returns the address on which a new password is set with the code of a db.Recovery.
func RecoveryPath(code string) string { return "/recover/" + code }

// bySession returns *problem with 403 for somebody who is signed in by a token: a token must not
// make what outlives it.
func bySession(c *gin.Context) error {
	if visitorOf(c).token != nil {
		return &problem{status: http.StatusForbidden, code: "forbidden", text: "error.by_token"}
	}
	return nil
}

// createRecovery makes a one-time link for the user in the address. The user's page shows it, once.
func (s *server) createRecovery(c *gin.Context) error {
	id, err := pathNumber(c, "id")
	if err != nil {
		return err
	}
	if viewer(c).Role != db.RoleAdministrator {
		return forbidden(nil)
	}
	if err := bySession(c); err != nil {
		return err
	}
	if err := s.limit(c, limitCreations); err != nil {
		return err
	}
	recovery, code, err := s.store.CreateRecovery(c.Request.Context(), viewer(c), id)
	if err != nil {
		return err
	}
	s.log.Warn("recovery link made", "user_id", id, "by", viewer(c).ID, "request_id", requestID(c))
	if err := s.flash(c, flashRecovery, itoa(id)+" "+code); err != nil {
		return err
	}
	keepPlain(c)
	link := s.origin(c) + RecoveryPath(code)
	return s.respondSaved(c, saved{to: userPath(id), created: true, json: recoveryShape{URL: link, ExpiresAt: recovery.ExpiresAt.UTC()}})
}

// setRole makes the user in the address an administrator, or a member.
func (s *server) setRole(c *gin.Context) error {
	id, err := pathNumber(c, "id")
	if err != nil {
		return err
	}
	form := readForm(c)
	role := form.choice("role", "", string(db.RoleMember), string(db.RoleAdministrator))
	if role == "" {
		form.addError("role", "error.choice")
	}
	if err := errors.Join(bySession(c), form.err()); err != nil {
		return err
	}
	user, err := s.store.SetRole(c.Request.Context(), viewer(c), id, db.Role(role))
	if err != nil {
		return err
	}
	s.log.Warn("role changed", "user_id", id, "role", role, "by", viewer(c).ID, "request_id", requestID(c))
	return s.respondSaved(c, saved{to: userPath(user.ID), json: userJSON(s.views, user)})
}

// recoveryUser returns the user of the code in the address. The error for a code that does not work
// any more is *problem with 404. Codes are counted by address before they are looked up.
func (s *server) recoveryUser(c *gin.Context) (*db.User, error) {
	if err := s.limitBy(limitSignUpForms, addressKey(c.ClientIP())); err != nil {
		return nil, err
	}
	user, err := s.store.RecoveryUser(c.Request.Context(), c.Param("code"))
	if errors.Is(err, db.ErrNotFound) {
		return nil, &problem{status: http.StatusNotFound, code: "not_found", text: "error.recovery"}
	}
	return user, err
}

func (s *server) showRecovery(c *gin.Context) error {
	user, err := s.recoveryUser(c)
	if err != nil {
		return err
	}
	return s.respond(c, s.recoveryPage(c, views.RecoverPage{Name: user.Name, DeleteTokens: true}))
}

func (s *server) recoveryPage(c *gin.Context, p views.RecoverPage) answer {
	keepPlain(c)
	p.Page = s.barePage(c, s.text(c, "recover.title"))
	p.Action = RecoveryPath(c.Param("code"))
	return answer{
		json: func() any { return map[string]string{"name": p.Name} },
		page: func() (view, error) { return view{"accounts/recover", p}, nil },
	}
}

// recover sets the new password of the user of the code in the address, and signs this browser in.
func (s *server) recover(c *gin.Context) error {
	form := readForm(c)
	if form.unread != nil {
		return form.unread
	}
	user, err := s.recoveryUser(c)
	if err != nil {
		return err
	}
	again := func(e views.Errors) (answer, error) {
		return s.recoveryPage(c, views.RecoverPage{Name: user.Name, DeleteTokens: form.checked("delete_tokens"), Errors: e}), nil
	}
	if err := form.err(); err != nil {
		return withForm(err, again)
	}
	text, err := s.newPassword(c, form, "new_password", user.Name)
	if err == nil {
		err = form.err()
	}
	if err != nil {
		return withForm(err, again)
	}
	hash, err := s.passwords.Hash(c.Request.Context(), text)
	if err != nil {
		return err
	}
	user, err = s.store.Recover(c.Request.Context(), c.Param("code"), hash, form.checked("delete_tokens"))
	if errors.Is(err, db.ErrNotFound) {
		return &problem{status: http.StatusNotFound, code: "not_found", text: "error.recovery"}
	}
	if err != nil {
		return err
	}
	s.log.Warn("password set by a recovery link", "user_id", user.ID, "address", c.ClientIP(), "request_id", requestID(c))
	if err := s.startSession(c, user, false); err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: "/", json: userJSON(s.views, user)})
}
