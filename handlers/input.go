package handlers

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

// uploadMemory is how much of a multipart form is held in memory; the rest waits in temporary files.
const uploadMemory = 1 << 20

// input reads a request's fields, the same from a form, a multipart form and a JSON object.
// Errors: *http.MaxBytesError, *invalid for what cannot be read, *problem with 415 for other kinds of bodies.
func input(c *gin.Context) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil {
		kind = c.ContentType()
	}
	switch kind {
	case gin.MIMEJSON:
		return jsonInput(c.Request.Body)
	case gin.MIMEPOSTForm:
		err = c.Request.ParseForm()
	case gin.MIMEMultipartPOSTForm:
		err = c.Request.ParseMultipartForm(uploadMemory)
	case "":
		if c.Request.ContentLength == 0 {
			return url.Values{}, nil
		}
		fallthrough
	default:
		return nil, &problem{status: http.StatusUnsupportedMediaType, code: "unsupported", text: "error.unsupported"}
	}
	if err != nil {
		return nil, unreadable(err)
	}
	return c.Request.PostForm, nil
}

// jsonInput reads an object of strings, numbers and booleans.
func jsonInput(body io.Reader) (url.Values, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, unreadable(err)
	}
	// encoding/json would put replacement characters where the text is broken.
	if !utf8.Valid(raw) {
		return nil, unreadable(errors.New("invalid UTF-8"))
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, unreadable(err)
	}
	values := url.Values{}
	for name, value := range fields {
		switch v := value.(type) {
		case nil:
		case string:
			values.Set(name, v)
		case bool:
			if v {
				values.Set(name, "1")
			} else {
				values.Set(name, "")
			}
		case float64:
			values.Set(name, strconv.FormatFloat(v, 'f', -1, 64))
		default:
			bad := &invalid{}
			bad.refuse(name, "error.field_type")
			return nil, bad
		}
	}
	return values, nil
}

// unreadable keeps the kind of an error about a body's size and makes everything else invalid input.
func unreadable(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	bad := &invalid{}
	bad.refuse("", "error.unreadable")
	return bad
}

// line takes a field of one line, min to max characters long.
func (e *invalid) line(in url.Values, name string, min, max int) string {
	text, ok := cleanLine(in.Get(name))
	return e.bounded(name, text, ok, min, max)
}

// text takes a field of many lines, min to max characters long.
func (e *invalid) text(in url.Values, name string, min, max int) string {
	text, ok := cleanText(in.Get(name))
	return e.bounded(name, text, ok, min, max)
}

func (e *invalid) bounded(name, text string, ok bool, min, max int) string {
	switch n := runes(text); {
	case !ok:
		e.refuse(name, "error.characters")
	case n == 0 && min > 0:
		e.refuse(name, "error.required")
	case n < min:
		e.refuse(name, "error.too_short", min)
	case n > max:
		e.refuse(name, "error.too_long", max)
	}
	return text
}

// number takes a field that is a whole number from min to max; absent when it is not there.
func (e *invalid) number(in url.Values, name string, absent, min, max int64) int64 {
	text := in.Get(name)
	if text == "" {
		return absent
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && n >= min && n <= max:
		return n
	case max == anyNumber:
		e.refuse(name, "error.number_from", min)
	default:
		e.refuse(name, "error.number", min, max)
	}
	return absent
}

// anyNumber is the bound of numbers that have none of their own.
const anyNumber = 1 << 62

// choice takes a field that is one of a few words; absent when it is not there.
func (e *invalid) choice(in url.Values, name, absent string, words ...string) string {
	text := in.Get(name)
	if text == "" {
		return absent
	}
	for _, word := range words {
		if text == word {
			return text
		}
	}
	e.refuse(name, "error.choice")
	return absent
}

// roomID is the room in the address. Nonsense is ErrNotFound to people: no room has such a name.
func roomID(c *gin.Context) (uuid.UUID, error) {
	text := c.Param("room")
	id, err := uuid.Parse(text)
	if err != nil || len(text) != len(uuid.Nil.String()) {
		return uuid.Nil, notFound(nil)
	}
	return id, nil
}

// checked tells whether a box was ticked, in any of the ways that browsers and programs say so.
func checked(in url.Values, name string) bool {
	switch strings.ToLower(in.Get(name)) {
	case "", "0", "false", "off", "no":
		return false
	}
	return true
}

// roomInput is the room in the address and the fields sent to it.
func roomInput(c *gin.Context) (uuid.UUID, url.Values, error) {
	id, err := roomID(c)
	if err != nil {
		return id, nil, err
	}
	in, err := input(c)
	return id, in, err
}

// pathNumber is a number in the address, from 1.
func pathNumber(c *gin.Context, name string) (int64, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n < 1 {
		return 0, notFound(nil)
	}
	return n, nil
}

// query reads a whole number from the address's query; absent when it is not there.
func (e *invalid) query(c *gin.Context, name string, absent, min, max int64) int64 {
	return e.number(c.Request.URL.Query(), name, absent, min, max)
}

// shown makes what somebody typed fit to stand in a form again, whatever it was.
func shown(text string) string {
	if len(text) > maxBody {
		text = text[:maxBody]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// validPasswordText refuses what cannot be typed.
func validPasswordText(password string) bool {
	return utf8.ValidString(password) && !strings.ContainsFunc(password, unicode.IsControl)
}

// inviteCode returns text when it can be the code of an invitation, else nothing.
func inviteCode(text string) string {
	if len(text) > 64 || strings.ContainsFunc(text, func(r rune) bool { return !isCodeCharacter(r) }) {
		return ""
	}
	return text
}

func isCodeCharacter(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == '_'
}
