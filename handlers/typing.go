package handlers

import "github.com/gin-gonic/gin"

// typeMessage announces to the readers of a room that the viewer is typing. Nothing is stored.
func (s *server) typeMessage(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	if err := s.store.CheckMember(c.Request.Context(), viewer(c), id); err != nil {
		return err
	}
	if err := s.limit(c, limitTyping); err != nil {
		return err
	}
	s.hub.Typing(id, viewer(c).ID)
	return s.respondSaved(c, saved{to: roomPath(id)})
}
