package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
)

const (
	// pageBytes bounds the cached pages of all viewers together: some 600 pages of rooms.
	pageBytes = 32 << 20
	// pageOverhead is about what a cached page takes beside its HTML, its address and its reads,
	// in bytes.
	pageOverhead = 512
)

const (
	keyReads     = "reads"      // *db.Reads of a request that is tracked
	keyPageKey   = "page key"   // pageKey of a page that may be cached
	keyShownOnce = "shown once" // the page holds something that is shown this once
)

// pageKey is what the request itself contributes to a page. Everything else that the page is made
// from is tracked while it is read.
type pageKey struct {
	viewer                      int64
	uri, language, zone, origin string
	theme                       string
	year, day                   int  // a time of today is shown in another way
	main                        bool // the main part alone
}

// renderedPage is the HTML of a page around the composer's key, of which each answer has a new one.
type renderedPage struct {
	before, after []byte
	composer      bool   // a key stands between before and after
	plain         bool   // it holds a secret, and is not compressed
	etag          string // of the page without the key
	reads         *db.Reads

	mu    sync.Mutex
	coded map[*coding][]byte // the page without a composer's key, compressed when it was first asked for
}

// track collects everything that is read for the request from now on.
func (s *server) track(c *gin.Context, scope db.Scope) {
	if id, err := roomID(c); err == nil {
		scope.Room = id
	}
	ctx, reads := s.store.Track(c.Request.Context(), scope)
	c.Request = c.Request.WithContext(ctx)
	c.Set(keyReads, reads)
}

// cached wraps a handler of a tracked route (identifyTracked). It answers with the page that an
// equal request got, if nothing has changed of what was read for that page; else h answers, and
// sendRendered caches the page.
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
		if !key.main {
			// The page needs the list in any case. Read first, it saves a query on PostgreSQL:
			// the room of the page is taken from it.
			if _, err := s.store.RoomsOf(c.Request.Context(), viewer(c)); err != nil {
				return err
			}
		}
		return h(c)
	}
}

// mayBeCached reports whether the answer is a page for a browser, without a flash. A prefetch or
// HEAD does not count: its answer may differ, because it joins no room.
func mayBeCached(c *gin.Context) bool {
	v := visitorOf(c)
	return v.session.ID != "" && !v.flashes && !wantsJSON(c) && !isHTMX(c) && !prefetched(c)
}

func (s *server) pageKey(c *gin.Context) pageKey {
	l := s.locale(c)
	today := s.now().In(l.Zone)
	return pageKey{
		viewer: viewer(c).ID, uri: c.Request.URL.RequestURI(), language: l.Language, zone: l.Zone.String(), origin: s.origin(c),
		theme: theme(c),
		year:  today.Year(), day: today.YearDay(), main: wantsMain(c),
	}
}

// showOnce marks a page that shows something only this time. Neither the browser nor this service
// keeps such a page.
func showOnce(c *gin.Context) {
	c.Set(keyShownOnce, true)
	keepPlain(c)
}

// sendRendered answers with a page that was just rendered, and caches it if its request was let
// through by cached and all its reads are accounted for. The caller keeps ownership of html. Pages
// for visitors who are signed out stay no-store and plain: they have fields for passwords.
func (s *server) sendRendered(c *gin.Context, status int, html []byte) {
	if viewer(c) == nil {
		keepPlain(c)
	}
	if status != http.StatusOK || viewer(c) == nil || c.GetBool(keyShownOnce) {
		s.send(c, status, htmlType, html)
		return
	}
	p := newRenderedPage(viewer(c).ID, html, composerKey(c))
	p.plain = c.GetBool(keyPlain)
	key, cacheable := c.Get(keyPageKey)
	if p.reads = readsOf(c); cacheable && p.reads.Complete() {
		p.before, p.after = bytes.Clone(p.before), bytes.Clone(p.after)
		key := key.(pageKey)
		size := len(p.before) + len(p.after)
		if !p.composer {
			size += size / 2 // for its compressed forms
		}
		s.pages.Add(key, p, pageOverhead+len(key.uri)+size+p.reads.Size())
	}
	s.sendPage(c, p)
}

// readsOf returns what was read for a tracked request; nil for others.
func readsOf(c *gin.Context) *db.Reads {
	reads, _ := c.Get(keyReads)
	r, _ := reads.(*db.Reads)
	return r
}

// newRenderedPage cuts html at the composer's key, which is random, so that no other text of the
// page equals it. The ETag is a digest of the rest and the viewer: it is the same in every process
// of the service and after a restart. The page's parts share the memory of html.
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

// sendPage answers with a page, or with 304 to a browser that has it already. Browsers ask each
// time before they show a page that they have kept.
func (s *server) sendPage(c *gin.Context, p *renderedPage) {
	c.Header("Cache-Control", "private, no-cache")
	c.Header("ETag", p.etag)
	if holdsETag(c.GetHeader("If-None-Match"), p.etag) {
		c.Status(http.StatusNotModified)
		return
	}
	if p.plain {
		keepPlain(c)
	}
	if !p.composer {
		s.sendKept(c, p)
		return
	}
	s.send(c, http.StatusOK, htmlType, p.before, []byte(composerKey(c)), p.after)
}

// sendKept answers with a page that is the same in each answer. It is compressed once.
func (s *server) sendKept(c *gin.Context, p *renderedPage) {
	k := s.codingFor(c, len(p.before))
	if k == nil {
		s.sendCoded(c, http.StatusOK, htmlType, "", p.before)
		return
	}
	coded, err := p.inCoding(k)
	if err != nil {
		s.log.Error("compress", "coding", k.name, "err", err, "request_id", requestID(c))
		s.sendCoded(c, http.StatusOK, htmlType, "", p.before)
		return
	}
	s.sendCoded(c, http.StatusOK, htmlType, k.name, coded)
}

// inCoding returns the page in a coding.
func (p *renderedPage) inCoding(k *coding) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if coded, ok := p.coded[k]; ok {
		return coded, nil
	}
	var b bytes.Buffer
	if err := k.compress(&b, p.before); err != nil {
		return nil, err
	}
	if p.coded == nil {
		p.coded = map[*coding][]byte{}
	}
	p.coded[k] = b.Bytes()
	return b.Bytes(), nil
}

// holdsETag reports whether the value of If-None-Match names an ETag, by weak comparison
// (RFC 9110, section 13.1.2).
func holdsETag(list, etag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}
