package handlers

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live"
	"sarangbang/views"
)

// liveLogBytes bounds a live log: what a simple browser can hold without becoming slow.
const liveLogBytes = 4 << 20

// subscription is what every stream of a request has in common.
func (s *server) subscription(c *gin.Context, format live.Format) live.Subscription {
	v := visitorOf(c)
	sub := live.Subscription{
		Viewer: v.user, Audience: s.audience(c, format), After: live.FromNow,
		Session: v.session.ID, Epoch: v.session.Epoch, Expires: v.session.Expires,
	}
	if v.token != nil {
		sub.Token, sub.Expires = v.token.ID, time.Time{}
	}
	return sub
}

// streamFormat chooses by ?as= among what the stream offers, else by Accept: htmx names HTML, programs do not.
func streamFormat(c *gin.Context, offered ...string) (live.Format, error) {
	query := readQuery(c)
	absent := string(live.JSON)
	if strings.Contains(c.GetHeader("Accept"), gin.MIMEHTML) {
		absent = string(live.HTML)
	}
	chosen := query.choice("as", absent, offered...)
	return live.Format(chosen), query.err()
}

// cursor is where the reader left off: Last-Event-ID wins over ?after=, as the page's address stays the same over reconnections.
func cursor(c *gin.Context) (int64, error) {
	text := c.GetHeader("Last-Event-ID")
	if text == "" {
		text = c.Query("after")
	}
	if text == "" {
		return live.FromNow, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		errs := &formErrors{}
		errs.add("after", "error.cursor")
		return 0, errs
	}
	return n, nil
}

// mayRead asks whether the reader may read the room, if there is one, and whether it is still who it was: asked when the stream is known
// to the hub, so that no right can end unnoticed in between.
func (s *server) mayRead(c *gin.Context, room uuid.UUID) func(context.Context) error {
	v := visitorOf(c)
	return func(ctx context.Context) error {
		if room != uuid.Nil {
			if err := s.store.CheckMember(ctx, v.user, room); err != nil {
				return err
			}
		}
		var err error
		if v.token != nil {
			secret, _ := bearer(c)
			_, _, err = s.store.TokenUser(ctx, secret)
		} else {
			_, err = s.store.SessionUser(ctx, v.session)
		}
		if errors.Is(err, db.ErrNotFound) {
			return unauthorized("error.unauthorized")
		}
		return err
	}
}

func (s *server) streamRoom(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	format, err := streamFormat(c, string(live.HTML), string(live.JSON), string(live.Text))
	if err != nil {
		return err
	}
	after, err := cursor(c)
	if err != nil {
		return err
	}
	sub := s.subscription(c, format)
	sub.Room, sub.After, sub.Check = id, after, s.mayRead(c, id)
	return s.stream(c, sub)
}

func (s *server) streamViewer(c *gin.Context) error {
	format, err := streamFormat(c, string(live.HTML), string(live.JSON))
	if err != nil {
		return err
	}
	sub := s.subscription(c, format)
	sub.Check = s.mayRead(c, uuid.Nil)
	return s.stream(c, sub)
}

// stream hands the connection to the hub until the stream's end.
func (s *server) stream(c *gin.Context, sub live.Subscription) error {
	if headOnly(c) {
		c.Status(http.StatusOK)
		return nil
	}
	// The server's read timeout is for requests that arrive slowly; this one has arrived.
	if err := http.NewResponseController(c.Writer).SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return s.hub.Serve(c.Writer, c.Request, sub)
}

// showLiveLog is the room's log as a document that never ends, for browsers without JavaScript.
func (s *server) showLiveLog(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	after, err := cursor(c)
	if err != nil {
		return err
	}
	room, err := s.store.Room(c.Request.Context(), viewer(c), id)
	if err != nil {
		return err
	}
	page := views.LivePage{Page: s.barePage(c, room.Title), Header: s.roomHeader(room), Room: roomPath(id), Again: roomPath(id) + "/live"}
	sub := s.subscription(c, live.Page)
	sub.Room, sub.After, sub.Bytes, sub.Check = id, after, liveLogBytes, s.mayRead(c, id)
	if after == live.FromNow {
		if sub.After, err = s.fillLiveLog(c, room, &page); err != nil {
			return err
		}
	}
	// The log's style elements are the same for all its readers, so they share one nonce.
	c.Header("Content-Security-Policy", contentPolicy(s.liveNonce))
	page.Nonce = s.liveNonce
	var head, tail bytes.Buffer
	if err := s.views.Render(&head, "rooms/live-head", page.Language, page); err != nil {
		return err
	}
	if err := s.views.Render(&tail, "rooms/live-tail", page.Language, page); err != nil {
		return err
	}
	sub.Head, sub.Tail = head.Bytes(), tail.Bytes()
	return s.stream(c, sub)
}

// fillLiveLog puts the newest messages into a live log that stands alone, and returns the revision to go on from.
func (s *server) fillLiveLog(c *gin.Context, room *db.RoomView, page *views.LivePage) (int64, error) {
	newest, err := s.store.Messages(c.Request.Context(), viewer(c), room.ID, db.Window{Limit: messagesPage})
	if err != nil {
		return 0, err
	}
	for _, m := range newest.Messages {
		page.Messages = append(page.Messages, s.views.LogEntry(s.locale(c), m))
	}
	return newest.Revision, nil
}
