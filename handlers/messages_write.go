package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

func (s *server) postMessage(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	form, came, err := s.readPost(c, id)
	if err != nil {
		return err
	}
	form.setDefault("key", c.GetHeader("Idempotency-Key"))
	files := form.files(came)
	body, key := form.bodyBeside(len(files)), form.line("key", 0, maxKey)
	read := form.number("read", 0, 0, noMaximum) // the newest position that the author had on the page
	answered := form.number("reply_to", 0, 1, noMaximum)
	if err := form.err(); err != nil {
		return s.failPost(c, id, form, files, err)
	}
	m, created, err := s.store.Post(c.Request.Context(), viewer(c), id, db.NewMessage{
		Body: body, Key: keyOfText(key, strings.Join(append(came.contents(form), body), "\n")), ReplyTo: answered, Files: files, Read: read,
	})
	if err != nil {
		return s.failPost(c, id, form, files, err)
	}
	return s.respondSaved(c, saved{to: newestPath(id), message: m, created: created})
}

// readPost reads the form of a message, with the files that come with it.
func (s *server) readPost(c *gin.Context, room uuid.UUID) (*input, *incoming, error) {
	if mediaType(c) != gin.MIMEMultipartPOSTForm {
		return readForm(c), &incoming{}, nil
	}
	came, err := s.beginUpload(c, room)
	if err != nil {
		return nil, nil, err
	}
	defer came.end()
	return readParts(c, came), came, nil
}

// files returns the ids of the files of a message: those that were uploaded ahead, and then those
// that came with it.
func (in *input) files(came *incoming) []uuid.UUID {
	var ids []uuid.UUID
	for _, text := range in.values["files"] {
		id, err := uuid.Parse(text)
		if err != nil {
			in.addError("files", db.UnknownFile)
		} else if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, f := range came.files {
		ids = append(ids, f.ID)
	}
	if len(ids) > db.MaxFiles {
		in.addError("files", "error.files", db.MaxFiles)
	}
	return ids
}

// contents names what the files of a message are, which is the same for a form that is sent twice.
func (u *incoming) contents(in *input) []string {
	return slices.Concat(in.values["files"], u.hashes)
}

// composerKeyPrefix is the beginning of the idempotency keys that pages have in their composers.
const composerKeyPrefix = "page-"

// composerKey returns the idempotency key of the composer on the page of a request.
func composerKey(c *gin.Context) string { return composerKeyPrefix + requestID(c) }

// keyOfText returns the idempotency key that a text sent with key is stored under. Keys of pages
// are combined with the text: a browser that goes back shows a page with its old key, and another
// text sent from there is another message, while the same text sent twice is one.
func keyOfText(key, text string) string {
	if !strings.HasPrefix(key, composerKeyPrefix) {
		return key
	}
	sum := sha256.Sum256([]byte(text))
	return key + "-" + hex.EncodeToString(sum[:8])
}

// failPost returns the error of a message that is not posted. Where that is what is in the form,
// its page is the room with the message still in its composer.
func (s *server) failPost(c *gin.Context, id uuid.UUID, form *input, files []uuid.UUID, err error) error {
	return withForm(err, func(e views.Errors) (answer, error) {
		room, err := s.store.Room(c.Request.Context(), viewer(c), id)
		if err != nil {
			return answer{}, err
		}
		waiting, err := s.store.WaitingFiles(c.Request.Context(), viewer(c), files)
		if err != nil {
			return answer{}, err
		}
		composer := views.Composer{Body: form.redisplay("body"), Key: form.redisplay("key"), Files: views.FilesOf(waiting), Errors: e}
		if e["key"] != "" {
			composer.Key = "" // roomPage makes a new one: with this one the form could never be sent
		}
		if e["reply_to"] == "" {
			composer.Answered, err = s.answered(c, room, form.number("reply_to", 0, 1, noMaximum))
		}
		if err != nil {
			return answer{}, err
		}
		return s.roomPage(c, room, roomStart{newest: true}, composer)
	})
}

// answered returns the message at a position of a room as the composer shows it which is to answer
// it; nothing for 0. Errors: db.ErrNotFound, also for one that cannot be answered.
func (s *server) answered(c *gin.Context, room *db.RoomView, position int64) (views.Answered, error) {
	if position == 0 {
		return views.Answered{}, nil
	}
	one := db.Window{After: position - 1, First: position == 1, Limit: 1} // as a page that may be cached reads it
	page, err := s.store.Messages(c.Request.Context(), viewer(c), room.ID, one)
	if err != nil {
		return views.Answered{}, err
	}
	if len(page.Messages) == 0 || !mayReply(room, page.Messages[0]) {
		return views.Answered{}, db.ErrNotFound
	}
	return *views.NewAnswered(s.language(c), room.ID.String(), page.Messages[0].Quote()), nil
}

// mayReply reports whether a message can be answered.
func mayReply(room *db.RoomView, m *db.Message) bool {
	return m.Kind == db.MessageText && m.DeletedAt == nil && room.ArchivedAt == nil
}

func (s *server) editMessage(c *gin.Context) error {
	room, m, err := s.messageInPath(c)
	if err != nil {
		return err
	}
	form := readForm(c)
	body := form.body()
	if err := form.err(); err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			edit := views.EditForm{RoomID: m.RoomID.String(), Position: m.Position, Body: form.redisplay("body"), Errors: e}
			a := s.messagePage(c, room, m, edit)
			a.fragment = func() (template.HTML, error) { return s.partial(c, "messages/_edit", edit) }
			return a, nil
		})
	}
	edited, err := s.store.EditMessage(c.Request.Context(), viewer(c), m.RoomID, m.Position, body)
	return s.messageWritten(c, edited, err)
}

func (s *server) deleteMessage(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	position, err := pathNumber(c, "position")
	if err != nil {
		return err
	}
	deleted, err := s.store.DeleteMessage(c.Request.Context(), viewer(c), id, position)
	return s.messageWritten(c, deleted, err)
}

// messageWritten answers a change of a message, or returns its error.
func (s *server) messageWritten(c *gin.Context, m *db.Message, err error) error {
	if err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: contextPath(m.RoomID, m.Position), message: m})
}
