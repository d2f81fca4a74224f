package handlers

import (
	"github.com/gin-gonic/gin"

	"sarangbang/static"
)

// routes registers all routes: the table of contents of the service. Those under public and before
// it are for everybody, all others need a viewer who is signed in.
func (s *server) routes(g *gin.Engine) {
	g.Use(s.prepare, s.recoverPanic)
	session := s.openSession()
	g.NoRoute(session, s.identify, s.limitRequest, s.do(s.noSuchPage))

	g.GET("/healthz", s.showHealth)
	g.GET("/readyz", s.do(s.showReadiness))
	g.GET("/static/*file", gin.WrapH(static.Handler()))
	g.GET("/favicon.ico", s.showFavicon)

	public := g.Group("/", session, s.identify, s.limitRequest)
	public.GET("/signup", s.do(s.newAccount))
	public.POST("/signup", s.do(s.signUp))
	public.GET("/login", s.do(s.newSession))
	public.POST("/login", s.do(s.logIn))
	public.POST("/logout", s.do(s.logOut))
	public.POST("/language", s.do(s.chooseLanguage))
	public.POST("/theme", s.do(s.chooseTheme))
	public.GET("/join/:code", s.do(s.showInvite))
	public.GET("/recover/:code", s.do(s.showRecovery))
	public.POST("/recover/:code", s.do(s.recover))

	// The pages that people look at most: what is read for them is tracked, so that they can be
	// cached.
	tracked := g.Group("/", session, s.identifyTracked, s.limitRequest, s.requireViewer)
	tracked.GET("/", s.do(s.cached(s.showHome)))
	tracked.GET("/rooms", s.do(s.cached(s.listRooms)))
	tracked.GET("/rooms/open", s.do(s.cached(s.listOpenRooms)))
	tracked.GET("/rooms/new", s.do(s.newRoom))
	tracked.GET("/conversations/new", s.do(s.newConversation))
	tracked.GET("/users", s.do(s.listUsers))
	tracked.GET("/rooms/:room", s.do(s.cached(s.showRoom)))
	tracked.GET("/rooms/:room/messages", s.do(s.cached(s.listMessages)))

	s.memberRoutes(g.Group("/", session, s.identify, s.limitRequest, s.requireViewer, s.limitWrite))
}

// memberRoutes registers the routes for viewers who are signed in.
func (s *server) memberRoutes(member *gin.RouterGroup) {
	member.GET("/me.css", s.do(s.showViewerStyle))
	member.GET("/stream", s.do(s.streamViewer))

	member.GET("/activity", s.do(s.listActivities))
	member.POST("/activity/seen", s.do(s.seeActivities))
	member.GET("/profile", s.do(s.editProfile))
	member.POST("/profile", s.do(s.updateProfile))
	member.GET("/tokens", s.do(s.listTokens))
	member.POST("/tokens", s.do(s.createToken))
	member.POST("/tokens/:id/delete", s.do(s.deleteToken))

	member.GET("/users/:id", s.do(s.showUser))
	member.GET("/users/:id/photo", s.do(s.showPhoto))
	member.POST("/users/:id/direct", s.do(s.openDirectRoom))
	member.POST("/users/:id/deactivate", s.do(s.deactivateUser))
	member.POST("/users/:id/activate", s.do(s.activateUser))
	member.POST("/users/:id/role", s.do(s.setRole))
	member.POST("/users/:id/recovery", s.do(s.createRecovery))

	member.GET("/files/:id/:name", s.do(s.showFile))
	member.POST("/files/:id/delete", s.do(s.removeFile))

	member.GET("/invites", s.do(s.listInvites))
	member.POST("/invites", s.do(s.createInvite))
	member.GET("/invites/:code/qr.svg", s.do(s.showInviteQR))
	member.POST("/invites/:code/delete", s.do(s.revokeInvite))
	member.POST("/join/:code", s.do(s.acceptInvite))

	member.POST("/conversations", s.do(s.createConversation))

	member.POST("/rooms", s.do(s.createRoom))
	member.POST("/rooms/order", s.do(s.orderRooms))
	s.roomRoutes(member.Group("/rooms/:room"))
}

// roomRoutes registers the routes of one room, for viewers who are signed in.
func (s *server) roomRoutes(room *gin.RouterGroup) {
	room.POST("", s.do(s.renameRoom))
	room.GET("/preview", s.do(s.showPreview))
	room.POST("/join", s.do(s.joinRoom))
	room.POST("/leave", s.do(s.leaveRoom))
	room.POST("/favourite", s.do(s.addFavourite))
	room.POST("/favourite/delete", s.do(s.removeFavourite))
	room.POST("/read", s.do(s.markRead))
	room.POST("/unread", s.do(s.markUnread))
	room.GET("/settings", s.do(s.showSettings))
	room.POST("/settings", s.do(s.updateSettings))
	room.POST("/archive", s.do(s.archiveRoom))
	room.POST("/restore", s.do(s.restoreRoom))
	room.POST("/typing", s.do(s.typeMessage))
	room.GET("/members", s.do(s.listMembers))
	room.POST("/members", s.do(s.addMember))
	room.POST("/members/:user/delete", s.do(s.removeMember))
	room.GET("/stream", s.do(s.streamRoom))
	room.GET("/live", s.do(s.showLiveLog))
	room.POST("/files", s.do(s.uploadFile))
	room.POST("/messages", s.do(s.postMessage))
	room.GET("/messages/:position", s.do(s.showMessage))
	room.POST("/messages/:position", s.do(s.editMessage))
	room.POST("/messages/:position/delete", s.do(s.deleteMessage))
	room.GET("/messages/:position/reactions", s.do(s.showReactions))
	room.POST("/messages/:position/reactions", s.do(s.addReaction))
	room.POST("/messages/:position/reactions/delete", s.do(s.removeReaction))
	room.GET("/messages/:position/forward", s.do(s.newForward))
	room.POST("/messages/:position/forward", s.do(s.forwardMessage))
	room.GET("/pins", s.do(s.listPins))
	room.POST("/messages/:position/pin", s.do(s.pinMessage))
	room.POST("/messages/:position/unpin", s.do(s.unpinMessage))
	room.GET("/messages/:position/edit", s.do(s.newEdit))
}
