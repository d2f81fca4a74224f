package handlers

import "github.com/gin-gonic/gin"

// typeMessage tells those who read the room that the viewer is writing. Nothing of it is kept.
func (s *server) typeMessage(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	if err := s.store.CheckMember(c.Request.Context(), viewer(c), id); err != nil {
		return err
	}
	if after, ok := s.limits.allow(limitTyping, s.limitKey(c)); !ok {
		return tooMany(after)
	}
	s.hub.Typing(id, viewer(c).ID)
	return s.respondSaved(c, saved{to: roomPath(id)})
}
