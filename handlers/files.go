package handlers

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/files"
	"sarangbang/views"
)

const (
	// maxFileName bounds the name of a file, in characters.
	maxFileName = 150
	// uploadsUnderWay is how many uploads of one person may be under way.
	uploadsUnderWay = 4
)

// uploadFile receives a file ahead of its message.
func (s *server) uploadFile(c *gin.Context) error {
	room, err := roomID(c)
	if err != nil {
		return err
	}
	came, err := s.beginUpload(c, room)
	if err != nil {
		return err
	}
	defer came.end()
	if mediaType(c) != gin.MIMEMultipartPOSTForm {
		return unsupported()
	}
	form := readParts(c, came)
	if err := form.err(); err != nil {
		return err
	}
	if len(came.files) != 1 {
		form.addError("files", "error.required")
		return form.err()
	}
	return s.respondSaved(c, saved{to: newestPath(room), created: true, json: fileJSON(s.views, came.files[0])})
}

// incoming is the files that come with a request.
type incoming struct {
	s       *server
	c       *gin.Context
	room    uuid.UUID
	passage *passage // of uploadsOnWay
	files   []db.File
	hashes  []string // of their contents
}

// beginUpload checks whether the viewer may upload files to a room, before any of them is read. The
// caller ends what it returns.
func (s *server) beginUpload(c *gin.Context, room uuid.UUID) (*incoming, error) {
	passageOf(c).rest() // from here on it waits for the client
	size := max(0, c.Request.ContentLength-maxBody)
	if err := s.store.CheckUpload(c.Request.Context(), viewer(c), room, size, s.maxStorage); err != nil {
		return nil, err
	}
	u := &incoming{s: s, c: c, room: room}
	if s.limits.on {
		if u.passage = s.uploadsOnWay.begin(limitKey(c)); u.passage == nil {
			return nil, tooMany(busyRetry)
		}
	}
	return u, nil
}

func (u *incoming) end() { u.passage.end() }

// add receives one file and stores it. Errors: what is wrong with it, as *formErrors;
// db.ErrConflict where there is no room for it.
func (u *incoming) add(name string, content io.Reader) error {
	if len(u.files) == db.MaxFiles {
		return fileError("error.files", db.MaxFiles)
	}
	if err := u.s.limit(u.c, limitUploads); err != nil {
		return err
	}
	ctx := u.c.Request.Context()
	name = fileName(name)
	received, err := u.s.files.Receive(ctx, name, content)
	switch {
	case errors.Is(err, files.ErrTooLarge):
		return fileError("error.file_bytes", name, u.s.files.MaxFile>>20)
	case errors.Is(err, files.ErrEmpty):
		return fileError("error.file_empty", name)
	case err != nil:
		return unreadable(err)
	}
	defer received.Close()
	file, err := u.s.store.AddFile(ctx, viewer(u.c), u.room, db.File{
		Name: name, Type: received.Type, Size: received.Size, Width: received.Width, Height: received.Height, Smaller: received.SmallerNames(),
		Preview: received.Preview,
	}, received.Hash, u.s.maxStorage)
	if err != nil {
		return err
	}
	if err := u.s.files.Store(ctx, received); err != nil {
		return &problem{status: http.StatusServiceUnavailable, code: "unavailable", text: "error.unavailable", cause: err, after: streamRetry}
	}
	u.files, u.hashes = append(u.files, *file), append(u.hashes, received.Hash)
	return nil
}

// fileError returns the error about files as input.
func fileError(key string, args ...any) error {
	errs := &formErrors{}
	errs.add("files", key, args...)
	return errs
}

// fileName returns the name of an uploaded file as it is stored: of a path the last part, in one
// line, without what is invisible, and not too long, with its end, which tells what it is.
func fileName(sent string) string {
	sent = strings.ToValidUTF8(sent, "\uFFFD")
	sent = sent[strings.LastIndexAny(sent, `/\`)+1:]
	sent = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) || isDirectionControl(r) {
			return -1
		}
		return r
	}, sent)
	name, _ := cleanLabel(sent) // nothing is left that it refuses
	if strings.Trim(name, ". ") == "" {
		return "file"
	}
	if n := utf8.RuneCountInString(name); n > maxFileName {
		end := path.Ext(name)
		if utf8.RuneCountInString(end) > maxFileName/4 {
			end = ""
		}
		name = string([]rune(name)[:maxFileName-utf8.RuneCountInString(end)]) + end
	}
	return name
}

// filePolicy is the Content-Security-Policy of a file that browsers show: nothing in it runs, and
// it has none of the rights of this service. A viewer of PDF needs no sandbox to be harmless, and
// shows nothing in one.
func filePolicy(kind files.Kind) string {
	policy := "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
	if kind == files.KindPDF {
		return policy + "; object-src 'self'"
	}
	return policy + "; sandbox"
}

// showFile answers with a file, or with one of its smaller pictures where there is one.
func (s *server) showFile(c *gin.Context) error {
	id, err := uuid.Parse(c.Param("id"))
	if err != nil {
		return notFound(err)
	}
	f, err := s.store.File(c.Request.Context(), viewer(c), id)
	if err != nil {
		return err
	}
	passageOf(c).rest()
	size, kind, mediaType := c.Query("size"), files.KindOf(f.Type), f.Type
	if !f.HasSmaller(size) {
		size = ""
	}
	content, err := files.Open(c.Request.Context(), s.files.Storage, f.Hash, size)
	if err != nil {
		return fmt.Errorf("file %s: %w", id, err)
	}
	defer content.Close()
	disposition := "inline"
	if kind == files.KindOther || c.Query("download") != "" {
		disposition = "attachment"
	}
	h := c.Writer.Header()
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", filePolicy(kind))
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", versionedLife)
	h.Set("ETag", `"`+f.Hash[:32]+size+`"`)
	if size == "" {
		h.Set("Content-Type", mediaType)
	} // else ServeContent finds out: a smaller picture is JPEG or PNG
	http.ServeContent(c.Writer, c.Request, "", f.CreatedAt, content)
	return nil
}

// removeFile removes a file of the viewer's that waits for its message.
func (s *server) removeFile(c *gin.Context) error {
	id, err := uuid.Parse(c.Param("id"))
	if err != nil {
		return notFound(err)
	}
	if err := s.store.RemoveWaitingFile(c.Request.Context(), viewer(c), id); err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: "/"})
}

// fileShape is a file of a message.
type fileShape struct {
	ID     uuid.UUID `json:"id"`
	Name   string    `json:"name"`
	Type   string    `json:"type"` // media type
	Size   int64     `json:"size"` // bytes
	Width  int       `json:"width,omitempty"`
	Height int       `json:"height,omitempty"`
	URL    string    `json:"url"`
	// SmallURL is a smaller picture, or the picture itself where that is small.
	SmallURL string `json:"small_url,omitempty"`
}

func fileJSON(r *views.Renderer, f db.File) fileShape {
	shape := fileShape{
		ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, Width: f.Width, Height: f.Height, URL: r.Address(views.FilePath(f, "")),
	}
	if f.Width > 0 {
		shape.SmallURL = r.Address(views.FilePath(f, files.Small))
	}
	return shape
}

func filesJSON(r *views.Renderer, m *db.Message) []fileShape {
	all := []fileShape{}
	for _, f := range m.Files.All() {
		all = append(all, fileJSON(r, f))
	}
	return all
}
