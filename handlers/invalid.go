package handlers

import (
	"errors"
	"fmt"

	"sarangbang/db"
	"sarangbang/views"
)

// sentence is a text for people with its arguments.
type sentence struct {
	key  string
	args []any
}

func say(key string, args ...any) sentence { return sentence{key, args} }

// invalid is input that cannot be accepted: a sentence for each field, and the form to show again with what was typed.
type invalid struct {
	fields map[string]sentence
	form   func(views.Errors) (answer, error)
	// status is 422 when zero.
	status int
	// code is "invalid" when empty.
	code string
}

func (e *invalid) Error() string { return fmt.Sprintf("invalid input: %v", e.fields) }

// refuse notes what is wrong with a field; the first sentence stays.
func (e *invalid) refuse(field, key string, args ...any) {
	if e.fields == nil {
		e.fields = map[string]sentence{}
	}
	if _, ok := e.fields[field]; !ok {
		e.fields[field] = say(key, args...)
	}
}

// orNil is the error of a finished check: nil when nothing was refused.
func (e *invalid) orNil() error {
	if len(e.fields) == 0 {
		return nil
	}
	return e
}

// inputError takes an error as one about input, from here or from the store; nil when it is about something else.
func inputError(err error) *invalid {
	var bad *invalid
	var refused *db.InvalidError
	switch {
	case errors.As(err, &bad):
		return bad
	case errors.As(err, &refused):
		bad = &invalid{}
		for field, key := range refused.Fields {
			bad.refuse(field, key)
		}
		return bad
	}
	return nil
}

// withForm adds the form to show again to an error about input; other errors pass as they are.
func withForm(err error, form func(views.Errors) (answer, error)) error {
	bad := inputError(err)
	if bad == nil {
		return err
	}
	bad.form = form
	return bad
}

func (e *invalid) translate(lang string) views.Errors {
	if e == nil || len(e.fields) == 0 {
		return nil
	}
	out := views.Errors{}
	for field, text := range e.fields {
		out[field] = views.Text(lang, text.key, text.args...)
	}
	return out
}
