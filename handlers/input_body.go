package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// readBody reads the fields in the body of a request. Errors: *http.MaxBytesError, *formErrors for
// a body that is malformed, *problem with 415 for other media types and with 408 for a body that
// arrives too slowly.
func readBody(c *gin.Context) (url.Values, error) {
	var err error
	switch mediaType(c) {
	case gin.MIMEJSON:
		return readJSON(c.Request.Body)
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
		return nil, unsupported()
	}
	if err != nil {
		return nil, unreadable(err)
	}
	if n := countValues(c.Request.PostForm); n > maxValues {
		return nil, unreadable(fmt.Errorf("%d values", n))
	}
	return c.Request.PostForm, nil
}

// unsupported is the error of a body of another media type than those of forms and JSON.
func unsupported() *problem {
	return &problem{status: http.StatusUnsupportedMediaType, code: "unsupported", text: "error.unsupported"}
}

// mediaType returns the media type of a request's body, without its parameters; empty without one.
func mediaType(c *gin.Context) string {
	if name, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err == nil {
		return name
	}
	return c.ContentType()
}

func countValues(fields url.Values) (n int) {
	for _, values := range fields {
		n += len(values)
	}
	return n
}

// maxValues bounds the values of a request's body. The longest form has fewer: a list of
// db.ConversationBound people, and some fields.
const maxValues = 128

// listFields are the fields that may be sent several times.
var listFields = []string{"user", "files"}

// readJSON reads an object whose values are strings, numbers, booleans and null, or where
// a field may be sent several times lists of strings and numbers, as the fields of a form. true
// becomes 1, false becomes an empty field, null counts as not sent. Of a name that comes several
// times the last value counts. Reading ends at maxValues.
func readJSON(body io.Reader) (url.Values, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, unreadable(err)
	}
	// encoding/json would put replacement characters where the text is broken.
	if !utf8.Valid(raw) || hasLoneSurrogate(raw) {
		return nil, unreadable(errors.New("invalid UTF-8"))
	}
	values, decoder := url.Values{}, json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, unreadable(fmt.Errorf("no object: %w", err))
	}
	for read := 0; decoder.More(); read++ {
		name, err := decoder.Token()
		if err != nil || read == maxValues {
			return nil, unreadable(fmt.Errorf("after %d fields: %w", read, err))
		}
		if err := readField(decoder, values, name.(string)); err != nil {
			return nil, err
		}
	}
	_, err = decoder.Token() // the end of the object
	if _, end := decoder.Token(); err != nil || end != io.EOF {
		return nil, unreadable(errors.New("more than an object"))
	}
	return values, nil
}

// readField reads the value of a field into values.
func readField(decoder *json.Decoder, values url.Values, name string) error {
	var value any
	if err := decoder.Decode(&value); err != nil {
		return unreadable(err)
	}
	delete(values, name)
	list, isList := value.([]any)
	if !isList || !slices.Contains(listFields, name) {
		list = []any{value}
	}
	if len(list) > maxValues {
		return unreadable(fmt.Errorf("%d values", len(list)))
	}
	for _, value := range list {
		text, sent, ok := fieldText(value, isList)
		if !ok {
			errs := &formErrors{unreadable: true}
			errs.add(name, "error.field_type")
			return errs
		}
		if sent {
			values.Add(name, text)
		}
	}
	return nil
}

// hasLoneSurrogate reports whether a JSON text names half of a surrogate pair ("\ud800"), which is
// no character. encoding/json would put a replacement character in its place.
func hasLoneSurrogate(raw []byte) bool {
	high := false // the half before awaits this one
	for i := 0; i < len(raw); i++ {
		unit := rune(0)
		if raw[i] == '\\' && i+1 < len(raw) {
			i++
			if raw[i] == 'u' && i+4 < len(raw) {
				n, _ := strconv.ParseUint(string(raw[i+1:i+5]), 16, 16) // what is no number is no JSON
				unit, i = rune(n), i+4
			}
		}
		low := unit >= 0xDC00 && unit <= 0xDFFF
		if high != low {
			return true
		}
		high = unit >= 0xD800 && unit <= 0xDBFF
	}
	return high
}

// fieldText returns a value of JSON as the text of a field, and whether it counts as sent. ok is
// false for what is no text, number, boolean or null; in a list only texts and numbers are.
func fieldText(value any, inList bool) (text string, sent, ok bool) {
	switch v := value.(type) {
	case string:
		return v, true, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true, true
	case nil:
		return "", false, !inList
	case bool:
		if v {
			text = "1"
		}
		return text, true, !inList
	}
	return "", false, false
}

// unreadable returns the error for a body that could not be read because of err: err itself where
// the body is too large or too slow, or the machine is at fault, *formErrors otherwise.
func unreadable(err error) error {
	var large *http.MaxBytesError
	var file *fs.PathError // there is no folder, or no room, for the parts of a form that wait in files
	if errors.As(err, &large) || errors.As(err, &file) || errors.Is(err, errTooSlow) {
		return err
	}
	errs := &formErrors{unreadable: true}
	errs.add("", "error.unreadable")
	return errs
}
