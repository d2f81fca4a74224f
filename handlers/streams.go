package handlers

import (
	"bytes"
	"context"
	"errors"
	"math"
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

// liveLogBytes bounds the length of a live log: more makes simple browsers slow.
const liveLogBytes = 4 << 20

// subscription returns a subscription of the viewer, without a room, from now on.
func (s *server) subscription(c *gin.Context, format live.Format) live.Subscription {
	v := visitorOf(c)
	sub := live.Subscription{
		Viewer: v.user, Audience: s.audience(c, format), After: live.FromNow,
		Session: v.session.ID, Epoch: v.session.Epoch, Expires: v.session.Expires,
	}
	sub.Listed, sub.Except = listed(c)
	if v.token != nil {
		sub.Token, sub.Expires = v.token.ID, time.Time{}
	}
	sub.Scarce = v.token == nil && takesConnection(c, format)
	return sub
}

// takesConnection reports whether a stream takes one of the few connections of a browser: a live
// log, or the stream that htmx opens. By HTTP/2 and 3, which a page says it came by where a proxy
// stands in front, all streams share a connection.
func takesConnection(c *gin.Context, format live.Format) bool {
	protocol := c.GetHeader(headerProtocol)
	shared := strings.HasPrefix(protocol, "h2") || strings.HasPrefix(protocol, "h3")
	return c.Request.ProtoMajor == 1 && !shared && (format == live.Page || c.GetHeader(headerHTMX) != "")
}

// Headers of a page's request for its stream (static/js/listed.js): what its list of rooms shows.
const (
	headerListed = "Listed-Digest" // db.ListDigest without the rooms of headerExcept
	headerExcept = "Listed-Except" // ids with commas between, at most maxExcept
	maxExcept    = 8
	// headerProtocol is the protocol that the page came by, as ALPN names it (static/js/stream.js).
	headerProtocol = "Page-Protocol"
)

// listed returns what the list of rooms of the page shows that asks for a stream. A digest without
// sense is that of another list.
func listed(c *gin.Context) (digest string, except []uuid.UUID) {
	for one := range strings.SplitSeq(c.GetHeader(headerExcept), ",") {
		if id, err := uuid.Parse(one); err == nil && len(except) < maxExcept {
			except = append(except, id)
		}
	}
	return c.GetHeader(headerListed), except
}

// streamFormat returns the format of a stream: the query parameter "as", which has to be one of
// those offered, or else HTML for clients that accept it, as htmx does, and JSON for others.
func streamFormat(c *gin.Context, offered ...string) (live.Format, error) {
	query := readQuery(c)
	absent := string(live.JSON)
	if strings.Contains(c.GetHeader("Accept"), gin.MIMEHTML) {
		absent = string(live.HTML)
	}
	chosen := query.choice("as", absent, offered...)
	return live.Format(chosen), query.err()
}

// cursor returns the revision after which a stream of a room starts: the header Last-Event-ID,
// which browsers send when they reconnect to the same address, or else the query parameter "after",
// or else live.FromNow. A cursor from before a backup was restored, of changes that are not there
// any more, is one from the future: the hub resets its reader.
func (s *server) cursor(c *gin.Context, room uuid.UUID) (int64, error) {
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
	gone, err := s.store.InGap(c.Request.Context(), room, n)
	if gone {
		n = math.MaxInt64
	}
	return n, err
}

// mayRead returns a check whether the viewer may still read a room, or any stream at all for
// uuid.Nil. The hub calls it after it has registered the stream, so that no right can end unnoticed
// in between.
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
	after, err := s.cursor(c, id)
	if err != nil {
		return err
	}
	sub := s.subscription(c, format)
	sub.Room, sub.After, sub.Check = id, after, s.mayRead(c, id)
	if format == live.Text && after == live.FromNow {
		if err := s.beginWithNewest(c, &sub); err != nil {
			return err
		}
	}
	return s.stream(c, sub)
}

// beginWithNewest lets a stream of text begin with as many of the newest messages as the query
// parameter "last" says; without it with none.
func (s *server) beginWithNewest(c *gin.Context, sub *live.Subscription) error {
	query := readQuery(c)
	last := query.number("last", 0, 0, maxMessagesPage)
	if err := query.err(); err != nil || last == 0 {
		return err
	}
	newest, err := s.store.Messages(c.Request.Context(), viewer(c), sub.Room, db.Window{Limit: int(last)})
	if err != nil {
		return err
	}
	for _, m := range newest.Messages {
		sub.Head = append(sub.Head, s.views.Line(s.locale(c), m)...)
	}
	sub.After = newest.Revision
	return nil
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

// stream serves a subscription until the stream ends.
func (s *server) stream(c *gin.Context, sub live.Subscription) error {
	if headOnly(c) {
		if err := sub.Check(c.Request.Context()); err != nil {
			return err
		}
		c.Status(http.StatusOK)
		return nil
	}
	passageOf(c).end()
	// the read timeout of the server is for requests that arrive slowly, and this one has arrived
	err := http.NewResponseController(c.Writer).SetReadDeadline(time.Time{})
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return s.hub.Serve(c.Writer, c.Request, sub)
}

// showLiveLog answers with a room's log as a document without an end, for browsers without
// JavaScript.
func (s *server) showLiveLog(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	after, err := s.cursor(c, id)
	if err != nil {
		return err
	}
	room, err := s.store.Room(c.Request.Context(), viewer(c), id)
	if err != nil {
		return err
	}
	page := views.LivePage{
		Page: s.barePage(c, room.Title), Title: room.Title,
		Room: roomPath(id), Again: roomPath(id) + "/live",
	}
	sub := s.subscription(c, live.Page)
	sub.Room, sub.After, sub.Bytes, sub.Check = id, after, liveLogBytes, s.mayRead(c, id)
	if after == live.FromNow {
		if sub.After, err = s.fillLiveLog(c, room, &page); err != nil {
			return err
		}
	}
	// the style elements of live logs are the same for all readers, and so is their nonce
	c.Header("Content-Security-Policy", contentPolicy("'self' 'nonce-"+s.liveNonce+"'"))
	var head, tail, briefTail bytes.Buffer
	if err := s.views.Render(&head, "rooms/live-head", page.Language, page); err != nil {
		return err
	}
	if err := s.views.Render(&tail, "rooms/live-tail", page.Language, page); err != nil {
		return err
	}
	page.Refreshes = true
	if err := s.views.Render(&briefTail, "rooms/live-tail", page.Language, page); err != nil {
		return err
	}
	sub.Head, sub.Tail, sub.BriefTail = head.Bytes(), tail.Bytes(), briefTail.Bytes()
	return s.stream(c, sub)
}

// fillLiveLog adds the newest messages to a live log that is no part of a page, and returns the
// revision after which its stream starts.
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
