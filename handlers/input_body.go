package handlers

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// readBody reads the fields in the body of a request. Errors: *http.MaxBytesError, *formErrors for
// a body that is malformed, *problem with 415 for other media types.
func readBody(c *gin.Context) (url.Values, error) {
	mediaType, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil {
		mediaType = c.ContentType()
	}
	switch mediaType {
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
		return nil, &problem{status: http.StatusUnsupportedMediaType, code: "unsupported", text: "error.unsupported"}
	}
	if err != nil {
		return nil, unreadable(err)
	}
	return c.Request.PostForm, nil
}

// listFields are the fields that may be sent several times.
var listFields = []string{"user"}

// readJSON reads an object whose values are strings, numbers, booleans and null, or where
// a field may be sent several times lists of strings and numbers, as the fields of a form. true
// becomes 1, false becomes an empty field, null counts as not sent.
func readJSON(body io.Reader) (url.Values, error) {
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
		list, isList := value.([]any)
		if !isList || !slices.Contains(listFields, name) {
			list = []any{value}
		}
		for _, value := range list {
			text, sent, ok := fieldText(value, isList)
			if !ok {
				errs := &formErrors{unreadable: true}
				errs.add(name, "error.field_type")
				return nil, errs
			}
			if sent {
				values.Add(name, text)
			}
		}
	}
	return values, nil
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
// the body is too large, *formErrors otherwise.
func unreadable(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	errs := &formErrors{unreadable: true}
	errs.add("", "error.unreadable")
	return errs
}
