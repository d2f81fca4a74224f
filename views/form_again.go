package views

import "strings"

// FormAgain is a form that could not be taken, with what was typed (errors/_again).
type FormAgain struct {
	Action string
	Fields []Field       // that people fill in
	Hidden []HiddenField // the rest: idempotency keys, ids
}

// HiddenField is a field that people do not see.
type HiddenField struct{ Name, Value string }

// typedFields are the fields that people fill in, by name.
var typedFields = map[string]Field{
	"body":             {Kind: "textarea", Rows: 5, Label: "message.body", Autocomplete: "off"},
	"title":            {Label: "again.title", Autocomplete: "off"},
	"display_name":     {Label: "user.display_name", Autocomplete: "name"},
	"name":             {Label: "user.name", Autocomplete: "username", Verbatim: true},
	"bio":              {Kind: "textarea", Rows: 3, Label: "user.bio", Autocomplete: "off"},
	"password":         {Kind: "password", Label: "user.password", Autocomplete: "current-password"},
	"current_password": {Kind: "password", Label: "profile.current_password", Autocomplete: "current-password"},
	"new_password":     {Kind: "password", Label: "profile.new_password", Autocomplete: "new-password"},
}

// Add adds a field with its value. Passwords have to be typed again.
func (f *FormAgain) Add(name, value string) {
	field, typed := typedFields[name]
	switch {
	case typed && field.Kind == "password":
		if value == "" {
			return
		}
	case typed:
		field.Value = value
	case strings.Contains(name, "password"):
		return
	default:
		f.Hidden = append(f.Hidden, HiddenField{name, value})
		return
	}
	field.Name, field.ElementID = name, "again-"+name
	f.Fields = append(f.Fields, field)
}
