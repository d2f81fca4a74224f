package handlers

import (
	"errors"
	"fmt"

	"sarangbang/db"
	"sarangbang/views"
)

// sentence is a text for people: its key in the catalogue of texts, and its arguments.
type sentence struct {
	key  string
	args []any
}

// formErrors is the error of input that cannot be accepted: at most one sentence for each field.
// The sentence of the field "" is about the input as a whole.
type formErrors struct {
	fields map[string]sentence
	// form makes the page that shows the form again, with the sentences and what was typed. Nil:
	// the answer is an error page.
	form func(views.Errors) (answer, error)
	// unreadable is true when the body could not be read, so that there is no input to show again.
	unreadable bool
	status     int    // 422 when zero
	code       string // for programs; "invalid" when empty
}

func (e *formErrors) Error() string { return fmt.Sprintf("invalid input: %v", e.fields) }

// add adds a sentence for a field. The first sentence of a field stays.
func (e *formErrors) add(field, key string, args ...any) {
	if e.fields == nil {
		e.fields = map[string]sentence{}
	}
	if _, ok := e.fields[field]; !ok {
		e.fields[field] = sentence{key, args}
	}
}

// translate returns the sentences in a language; nil when there are none. e may be nil.
func (e *formErrors) translate(lang string) views.Errors {
	if e == nil || len(e.fields) == 0 {
		return nil
	}
	out := views.Errors{}
	for field, text := range e.fields {
		out[field] = views.Text(lang, text.key, text.args...)
	}
	return out
}

// asFormErrors returns the formErrors in the chain of err, made from a *db.InvalidError where the
// store found the input invalid. It returns nil for errors that are not about input.
func asFormErrors(err error) *formErrors {
	var errs *formErrors
	var invalid *db.InvalidError
	switch {
	case errors.As(err, &errs):
		return errs
	case errors.As(err, &invalid):
		errs = &formErrors{}
		for field, key := range invalid.Fields {
			errs.add(field, key)
		}
		return errs
	}
	return nil
}

// withForm makes the answer to an error about input show the form again. Other errors, and those
// of a body that could not be read, are returned as they are.
func withForm(err error, form func(views.Errors) (answer, error)) error {
	errs := asFormErrors(err)
	if errs == nil || errs.unreadable {
		return err
	}
	errs.form = form
	return errs
}
