package handlers

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"
)

// compressFrom is the length from which a body is compressed: a shorter one fits into the same
// packet anyway.
const compressFrom = 1 << 10

// The levels were chosen by measuring a room's page of 128 kB, with 200 rooms beside it: gzip 2
// takes 0.32 ms to 14.0 kB (6: 0.95 ms, 13.2 kB), brotli 2 takes 0.52 ms to 12.4 kB (4: 2.4 ms,
// 12.0 kB).
const (
	gzipLevel   = 2
	brotliLevel = 2
)

const keyPlain = "plain" // true for an answer that holds a secret

// keepPlain marks an answer that holds a secret, as a new token or an invitation: it is not
// compressed. From the lengths of compressed answers to requests of their own choice, others on the
// line can guess what else is in them (BREACH).
func keepPlain(c *gin.Context) { c.Set(keyPlain, true) }

// coding is a content coding (RFC 9110, section 8.4.1).
type coding struct {
	name    string
	writers sync.Pool // of resettableWriter
}

type resettableWriter interface {
	io.WriteCloser
	Reset(io.Writer)
}

// newCodings returns the codings of the service, the best one first.
func newCodings() []*coding {
	br, gz := &coding{name: "br"}, &coding{name: "gzip"}
	br.writers.New = func() any { return brotli.NewWriterV2(io.Discard, brotliLevel) }
	gz.writers.New = func() any {
		w, err := gzip.NewWriterLevel(io.Discard, gzipLevel)
		if err != nil {
			panic(err) // the level is a constant
		}
		return w
	}
	return []*coding{br, gz}
}

// compress writes a body, which is in pieces, in the coding to b.
func (k *coding) compress(b *bytes.Buffer, body ...[]byte) error {
	w := k.writers.Get().(resettableWriter)
	defer k.writers.Put(w)
	w.Reset(b)
	for _, piece := range body {
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	return w.Close()
}

// codingFor returns the coding in which an answer of a length is sent; nil for none.
func (s *server) codingFor(c *gin.Context, length int) *coding {
	accepted := c.GetHeader("Accept-Encoding")
	if accepted == "" || length < compressFrom || c.GetBool(keyPlain) {
		return nil
	}
	var best *coding
	least := weight(accepted, "identity")
	for _, k := range s.codings {
		if q := weight(accepted, k.name); q > 0 && q >= least && (best == nil || q > weight(accepted, best.name)) {
			best = k
		}
	}
	return best
}

// weight returns the weight of a coding in a header Accept-Encoding (RFC 9110, section 12.5.3): 0
// for one that is refused or not named.
func weight(accepted, name string) float64 {
	rest := 0.0
	for item := range strings.SplitSeq(accepted, ",") {
		coding, params, _ := strings.Cut(item, ";")
		coding = strings.TrimSpace(coding)
		if !strings.EqualFold(coding, name) && (coding != "*" || name == "identity") {
			continue
		}
		q := 1.0
		if text, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q="); ok {
			q, _ = strconv.ParseFloat(strings.TrimSpace(text), 64) // what is no number refuses
		}
		if coding != "*" {
			return q
		}
		rest = q
	}
	return rest
}

// send answers with a body, which may be in pieces, compressed if the client accepts that. The
// caller keeps ownership of the body.
func (s *server) send(c *gin.Context, status int, mediaType string, body ...[]byte) {
	k := s.codingFor(c, length(body))
	if k == nil {
		s.sendCoded(c, status, mediaType, "", body...)
		return
	}
	b := s.buffer()
	defer s.release(b)
	if err := k.compress(b, body...); err != nil {
		s.log.Error("compress", "coding", k.name, "err", err, "request_id", requestID(c))
		s.sendCoded(c, status, mediaType, "", body...)
		return
	}
	s.sendCoded(c, status, mediaType, k.name, b.Bytes())
}

// sendCoded answers with a body that is in a coding already; the empty one is none.
func (s *server) sendCoded(c *gin.Context, status int, mediaType, coding string, body ...[]byte) {
	if coding != "" {
		c.Header("Content-Encoding", coding)
	}
	c.Header("Content-Type", mediaType)
	c.Header("Content-Length", strconv.Itoa(length(body)))
	c.Status(status)
	passageOf(c).holds(length(body))
	for _, piece := range body {
		if _, err := c.Writer.Write(piece); err != nil {
			return // the client has left, or takes nothing
		}
	}
}

func length(pieces [][]byte) (n int) {
	for _, piece := range pieces {
		n += len(piece)
	}
	return n
}

// maxPooled bounds the buffers that are kept for later answers, in bytes. Larger ones are rare, and
// the few that were needed at a time would stay for good.
const maxPooled = 256 << 10

// buffer returns an empty buffer, which release takes back.
func (s *server) buffer() *bytes.Buffer { return s.buffers.Get().(*bytes.Buffer) }

func (s *server) release(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		b.Reset()
		s.buffers.Put(b)
	}
}

// sendJSON answers with a shape as JSON, and a line feed for terminals. A json.RawMessage is sent
// as it is.
func (s *server) sendJSON(c *gin.Context, status int, shape any) error {
	if encoded, ok := shape.(json.RawMessage); ok {
		s.send(c, status, jsonType, encoded, []byte{'\n'})
		return nil
	}
	b := s.buffer()
	defer s.release(b)
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(shape); err != nil {
		return err
	}
	s.send(c, status, jsonType, b.Bytes())
	return nil
}
