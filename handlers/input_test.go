package handlers

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"sarangbang/views"
)

// formOf returns the input of a request with a body.
func formOf(contentType, body string) *input {
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	c.Request.Header.Set("Content-Type", contentType)
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 100)
	return readForm(c)
}

func TestInput_NotesWhatIsWrongWithEachField(t *testing.T) {
	for name, c := range map[string]struct {
		value string
		read  func(*input) any
		want  any
		key   string // of the sentence; empty: nothing is wrong
	}{
		"a line":                    {" 사랑방 ", func(in *input) any { return in.line("x", 1, 3) }, "사랑방", ""},
		"a line missing":            {" ", func(in *input) any { return in.line("x", 1, 3) }, "", "error.required"},
		"a line too short":          {"가", func(in *input) any { return in.line("x", 2, 3) }, "가", "error.too_short"},
		"a line too long":           {"가나다라", func(in *input) any { return in.line("x", 1, 3) }, "가나다라", "error.too_long"},
		"a line with a line break":  {"가\n나", func(in *input) any { return in.line("x", 1, 3) }, "", "error.characters"},
		"a text with a line break":  {"가\r\n나", func(in *input) any { return in.text("x", 1, 3) }, "가\n나", ""},
		"a number":                  {"7", func(in *input) any { return in.number("x", 5, 1, 9) }, int64(7), ""},
		"a number missing":          {"", func(in *input) any { return in.number("x", 5, 1, 9) }, int64(5), ""},
		"a number too large":        {"10", func(in *input) any { return in.number("x", 5, 1, 9) }, int64(5), "error.number"},
		"a number too small":        {"0", func(in *input) any { return in.number("x", 5, 1, noMaximum) }, int64(5), "error.number_from"},
		"no number":                 {"seven", func(in *input) any { return in.number("x", 5, 1, 9) }, int64(5), "error.number"},
		"a required number":         {"1", func(in *input) any { return in.requiredNumber("x", 1) }, int64(1), ""},
		"a required number missing": {"", func(in *input) any { return in.requiredNumber("x", 1) }, int64(0), "error.required"},
		"a required number wrong":   {"-3", func(in *input) any { return in.requiredNumber("x", 1) }, int64(0), "error.number_from"},
		"a choice":                  {"ko", func(in *input) any { return in.choice("x", "en", "en", "ko") }, "ko", ""},
		"a choice missing":          {"", func(in *input) any { return in.choice("x", "en", "en", "ko") }, "en", ""},
		"a choice of nothing":       {"tlh", func(in *input) any { return in.choice("x", "en", "en", "ko") }, "en", "error.choice"},
		"a ticked box":              {"on", func(in *input) any { return in.checked("x") }, true, ""},
		"an unticked box":           {"False", func(in *input) any { return in.checked("x") }, false, ""},
		"a default":                 {"sent", func(in *input) any { in.setDefault("x", "default"); return in.value("x") }, "sent", ""},
		"another default":           {"", func(in *input) any { in.setDefault("y", "default"); return in.value("y") }, "default", ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := formOf(gin.MIMEPOSTForm, url.Values{"x": {c.value}}.Encode())
			if got := c.read(in); got != c.want {
				t.Errorf("read %v, want %v", got, c.want)
			}
			var errs *formErrors
			switch err := in.err(); {
			case c.key == "" && err != nil:
				t.Errorf("error %v, want none", err)
			case c.key != "" && (!errors.As(err, &errs) || errs.fields["x"].key != c.key):
				t.Errorf("error %v, want %s", err, c.key)
			}
		})
	}
}

func TestInput_ThatIsUnreadableShowsNoFormAgain(t *testing.T) {
	for name, c := range map[string]struct {
		contentType, body string
		status            int
	}{
		"malformed JSON":    {gin.MIMEJSON, `{"title": `, http.StatusUnprocessableEntity},
		"a list in JSON":    {gin.MIMEJSON, `{"title": ["a"]}`, http.StatusUnprocessableEntity},
		"malformed form":    {gin.MIMEPOSTForm, "title=%zz", http.StatusUnprocessableEntity},
		"not a form at all": {"application/xml", "<title/>", http.StatusUnsupportedMediaType},
		"too large":         {gin.MIMEPOSTForm, "title=" + strings.Repeat("a", 200), http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			in := formOf(c.contentType, c.body)
			in.setDefault("kind", "open")
			in.line("title", 1, 80)
			err := withForm(in.err(), func(views.Errors) (answer, error) { return answer{}, nil })
			if got := classify(err).status; got != c.status {
				t.Errorf("status %d, want %d: %v", got, c.status, err)
			}
			if errs := asFormErrors(err); errs != nil && errs.form != nil {
				t.Error("an empty form would be shown again")
			}
		})
	}
}
