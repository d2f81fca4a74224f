package handlers

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/views"
)

// uploadMemory bounds the part of a multipart form that is held in memory, in bytes. The rest waits
// in temporary files.
const uploadMemory = 1 << 20

// noMaximum is the upper bound of numbers that need none.
const noMaximum = 1 << 62

// input is the fields that came with a request. The methods that read a field return its value and
// note what is wrong with it; err returns all of that together, and must be asked before the values
// are used.
type input struct {
	values url.Values
	unread error // the body could not be read; values is empty then
	errs   formErrors
}

// readForm reads the fields in the body of a request: a form, a multipart form or a JSON object.
// Its errors are returned by err.
func readForm(c *gin.Context) *input {
	values, err := readBody(c)
	return &input{values: values, unread: err}
}

// readQuery reads the fields in the query of a request's address.
func readQuery(c *gin.Context) *input { return &input{values: c.Request.URL.Query()} }

// err returns what was wrong with the fields read so far: nil, *formErrors, or the reason why the
// body could not be read, which is *http.MaxBytesError, or *problem with 415 for media types that
// are neither form nor JSON.
func (in *input) err() error {
	switch {
	case in.unread != nil:
		return in.unread
	case len(in.errs.fields) > 0:
		return &in.errs
	}
	return nil
}

// addError adds a sentence for a field to what err returns.
func (in *input) addError(name, key string, args ...any) { in.errs.add(name, key, args...) }

// has reports whether a field was sent, be it empty.
func (in *input) has(name string) bool { return in.values.Has(name) }

// value returns a field as it was sent, unchecked; empty when it was not sent.
func (in *input) value(name string) string { return in.values.Get(name) }

// setDefault sets a field that was not sent.
func (in *input) setDefault(name, value string) {
	if in.unread == nil && !in.has(name) {
		in.values.Set(name, value)
	}
}

// line returns a field of one line, which has to have min to max characters.
func (in *input) line(name string, min, max int) string {
	text, ok := cleanLine(in.value(name))
	return in.bounded(name, text, ok, min, max)
}

// label returns a field with a display name or a title (cleanLabel), which has to have min to max
// characters.
func (in *input) label(name string, min, max int) string {
	text, ok := cleanLabel(in.value(name))
	return in.bounded(name, text, ok, min, max)
}

// body returns the text of a message, which has to show something.
func (in *input) body() string { return in.bodyBeside(0) }

// bodyBeside is body beside some files, which need no text.
func (in *input) bodyBeside(files int) string {
	if files > 0 && in.value("body") == "" {
		return ""
	}
	text := in.text("body", 1, maxMessage)
	if text != "" && !views.ShowsSomething(text) {
		in.addError("body", "error.required")
	}
	return text
}

// text returns a field of several lines, which has to have min to max characters.
func (in *input) text(name string, min, max int) string {
	text, ok := cleanText(in.value(name))
	return in.bounded(name, text, ok, min, max)
}

func (in *input) bounded(name, text string, ok bool, min, max int) string {
	switch n := runes(text); {
	case !ok:
		in.addError(name, "error.characters")
	case n == 0 && min > 0:
		in.addError(name, "error.required")
	case n < min:
		in.addError(name, "error.too_short", min)
	case n > max:
		in.addError(name, "error.too_long", max)
	}
	return text
}

// number returns a field that has to be a whole number from min to max. It returns absent for a
// field that is empty or was not sent, and for one that is wrong.
func (in *input) number(name string, absent, min, max int64) int64 {
	text := in.value(name)
	if text == "" {
		return absent
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && n >= min && n <= max:
		return n
	case max == noMaximum:
		in.addError(name, "error.number_from", min)
	default:
		in.addError(name, "error.number", min, max)
	}
	return absent
}

// requiredNumber returns a field that has to be sent and a whole number of at least min.
func (in *input) requiredNumber(name string, min int64) int64 {
	n := in.number(name, min-1, min, noMaximum)
	if n < min {
		in.addError(name, "error.required") // unless number has said what is wrong
	}
	return n
}

// choice returns a field that has to be one of words. It returns absent for a field that is empty
// or was not sent, and for one that is wrong.
func (in *input) choice(name, absent string, words ...string) string {
	text := in.value(name)
	switch {
	case text == "":
		return absent
	case !slices.Contains(words, text):
		in.addError(name, "error.choice")
		return absent
	}
	return text
}

// checked reports whether a box was ticked, in any of the ways in which browsers and programs say
// so.
func (in *input) checked(name string) bool {
	switch strings.ToLower(in.value(name)) {
	case "", "0", "false", "off", "no":
		return false
	}
	return true
}

// redisplay returns a field as it was typed, made fit to stand in a form again: at most maxBody
// bytes of valid UTF-8 without control characters.
func (in *input) redisplay(name string) string {
	text := in.value(name)
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

// roomID returns the room in the address. The error for anything but a UUID in its canonical form
// is that of a room that does not exist.
func roomID(c *gin.Context) (uuid.UUID, error) {
	text := c.Param("room")
	id, err := uuid.Parse(text)
	if err != nil || len(text) != len(uuid.Nil.String()) {
		return uuid.Nil, notFound(nil)
	}
	return id, nil
}

// pathNumber returns a number in the address, which has to be at least 1. The error for anything
// else is that of a page that does not exist.
func pathNumber(c *gin.Context, name string) (int64, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n < 1 {
		return 0, notFound(nil)
	}
	return n, nil
}

// validPasswordText reports whether a password is valid UTF-8 without control characters, which
// nobody can type.
func validPasswordText(password string) bool {
	return utf8.ValidString(password) && !strings.ContainsFunc(password, unicode.IsControl)
}

// inviteCode returns text when it has the form of an invitation's code, else an empty string.
func inviteCode(text string) string {
	if len(text) > 64 || strings.ContainsFunc(text, func(r rune) bool { return !isCodeCharacter(r) }) {
		return ""
	}
	return text
}

func isCodeCharacter(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == '_'
}
