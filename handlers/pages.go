package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
)

const (
	// pageBytes bounds the cached pages, of all viewers together: some 600 of the largest usual ones.
	pageBytes = 32 << 20
	// pageOverhead is about what a cached page takes beside its HTML, its address and its reads.
	pageOverhead = 512
)

const (
	keyReads     = "reads"      // *db.Reads of a request that is tracked
	keyPageKey   = "page key"   // pageKey of a page that may be cached
	keyShownOnce = "shown once" // the page holds something that is shown this once
)

// pageKey is what a request contributes to its page. All that the page is made of besides is tracked while it is read.
type pageKey struct {
	viewer                      int64
	uri, language, zone, origin string
	year, day                   int // a time of today is shown in another way
}

// renderedPage is a page as it is sent, cut where the composer's key stands: each answer has a key of its own.
type renderedPage struct {
	before, after []byte
	composer      bool   // there is a key between the two
	etag          string // of the page without its key
	reads         *db.Reads
}

// track collects what is read for the request from here on.
func (s *server) track(c *gin.Context, scope db.Scope) {
	if id, err := roomID(c); err == nil {
		scope.Room = id
	}
	ctx, reads := s.store.Track(c.Request.Context(), scope)
	c.Request = c.Request.WithContext(ctx)
	c.Set(keyReads, reads)
}

// cached answers with the page that was rendered for the same request before, while nothing has changed of what was read for it; else
// the handler answers. For routes whose requests are tracked (identifyTracked).
func (s *server) cached(h handler) handler {
	return func(c *gin.Context) error {
		if !mayBeCached(c) {
			return h(c)
		}
		key := s.pageKey(c)
		if p, ok := s.pages.Get(key); ok && s.store.Valid(c.Request.Context(), p.reads) {
			s.sendPage(c, p)
			return nil
		}
		c.Set(keyPageKey, key)
		return h(c)
	}
}

// mayBeCached leaves out whatever is no page for somebody's eyes, and pages that show something once.
func mayBeCached(c *gin.Context) bool {
	v := visitorOf(c)
	return v.session.ID != "" && !v.flashes && !wantsJSON(c) && !isHTMX(c) && !prefetched(c)
}

func (s *server) pageKey(c *gin.Context) pageKey {
	l := s.locale(c)
	today := s.now().In(l.Zone)
	return pageKey{
		viewer: viewer(c).ID, uri: c.Request.URL.RequestURI(), language: l.Language, zone: l.Zone.String(), origin: s.origin(c),
		year: today.Year(), day: today.YearDay(),
	}
}

// showOnce says that the page holds something that is shown this once: no browser and no cache may keep it.
func showOnce(c *gin.Context) { c.Set(keyShownOnce, true) }

// sendRendered sends a page that was just rendered, and caches it where it may be. html is the caller's again afterwards. Somebody
// signed out may be typing a password: browsers do not keep such pages either.
func (s *server) sendRendered(c *gin.Context, status int, html []byte) {
	if status != http.StatusOK || viewer(c) == nil || c.GetBool(keyShownOnce) {
		c.Data(status, htmlType, html)
		return
	}
	p := newRenderedPage(viewer(c).ID, html, composerKey(c))
	key, cacheable := c.Get(keyPageKey)
	if p.reads = readsOf(c); cacheable && p.reads.Complete() {
		p.before, p.after = bytes.Clone(p.before), bytes.Clone(p.after)
		key := key.(pageKey)
		s.pages.Add(key, p, pageOverhead+len(key.uri)+len(p.before)+len(p.after)+p.reads.Size())
	}
	s.sendPage(c, p)
}

// readsOf is what was read for a tracked request; nil for others.
func readsOf(c *gin.Context) *db.Reads {
	reads, _ := c.Get(keyReads)
	r, _ := reads.(*db.Reads)
	return r
}

// newRenderedPage names a page by its content and its viewer, so that all processes of a service name it alike, and cuts it where the
// composer's key stands. The key is random: nothing else in the page is like it.
func newRenderedPage(viewer int64, html []byte, composerKey string) *renderedPage {
	p := new(renderedPage)
	p.before, p.after, p.composer = bytes.Cut(html, []byte(composerKey))
	sum := sha256.New()
	fmt.Fprintln(sum, viewer, len(p.before))
	sum.Write(p.before)
	sum.Write(p.after)
	p.etag = `W/"` + base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:16]) + `"`
	return p
}

// sendPage sends a page, or nothing but its headers to a browser that has it. Browsers ask each time whether it is still the same.
func (s *server) sendPage(c *gin.Context, p *renderedPage) {
	c.Header("Cache-Control", "private, no-cache")
	c.Header("ETag", p.etag)
	if holdsETag(c.GetHeader("If-None-Match"), p.etag) {
		c.Status(http.StatusNotModified)
		return
	}
	if !p.composer {
		c.Data(http.StatusOK, htmlType, p.before)
		return
	}
	b := s.buffers.Get().(*bytes.Buffer)
	defer s.buffers.Put(b)
	b.Reset()
	b.Write(p.before)
	b.WriteString(composerKey(c))
	b.Write(p.after)
	c.Data(http.StatusOK, htmlType, b.Bytes())
}

// holdsETag reports whether the value of If-None-Match names a weak ETag (RFC 9110, 13.1.2).
func holdsETag(list, etag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}
