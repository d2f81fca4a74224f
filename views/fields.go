package views

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Field is one field of a form, as the partial _field shows it: a label, a control, a hint, and
// what is wrong with the value. Label, Hint and Placeholder are keys of texts.
type Field struct {
	Name         string // of the value in the form
	ElementID    string // empty: Name
	Kind         string // "textarea", "select" or the type of an input; empty: an input for text
	Label        string
	Hint         string // empty: none
	Placeholder  string // empty: none
	Value        string
	Error        string // translated; empty: nothing is wrong
	Autocomplete string // what browsers may fill in; empty for files only
	Accept       string // media types of a file
	EnterKey     string // what Enter does, for keyboards on screens; empty: they decide
	Rows         int    // of a textarea
	Options      []Option
	Required     bool
	Optional     bool // the label says so
	Verbatim     bool // no keyboard may change capitals or spelling
	LabelHidden  bool // the label is for screen readers alone
	Focused      bool // the page begins with the focus on it
	Alert        bool // the field does not get the focus: screen readers interrupt with the error
}

// Option is one choice of a select.
type Option struct {
	Value string
	Text  string // key of a text; empty: Label
	Label string
	Lang  string // language of Label; empty: the page's
	// Selected: the select shows this option. Without any it shows the first.
	Selected bool
}

// ID is the id of the control; those of its hint and its error begin with it.
func (f Field) ID() string { return cmp.Or(f.ElementID, f.Name) }

// of returns fields with what is wrong with each. The first of those gets the focus.
func (e Errors) of(fields ...Field) []Field {
	found := false
	for i := range fields {
		fields[i].Error = e[fields[i].Name]
		fields[i].Focused = fields[i].Error != "" && !found
		found = found || fields[i].Focused
	}
	return fields
}

// orFirst returns fields with the focus on the first one, if it is on none.
func orFirst(fields []Field) []Field {
	if !slices.ContainsFunc(fields, func(f Field) bool { return f.Focused }) {
		fields[0].Focused = true
	}
	return fields
}

// Without returns what is wrong, but for fields that say so themselves.
func (e Errors) Without(fields ...string) Errors {
	rest := maps.Clone(e)
	for _, field := range fields {
		delete(rest, field)
	}
	return rest
}

// all returns all sentences as one text, for forms of one field that have no summary.
func (e Errors) all() string {
	var sentences []string
	for _, field := range slices.Sorted(maps.Keys(e)) {
		sentences = append(sentences, e[field])
	}
	return strings.Join(sentences, " ")
}

// Fields are name and password.
func (p LogInPage) Fields() []Field {
	return orFirst(p.Errors.of(
		Field{
			Name: "name", Label: "user.name", Value: p.Name,
			Autocomplete: "username", Required: true, Verbatim: true,
		},
		Field{
			Name: "password", Label: "user.password", Kind: "password",
			Autocomplete: "current-password", Required: true,
		},
	))
}

// Fields are the new password.
func (p RecoverPage) Fields() []Field {
	return orFirst(p.Errors.of(Field{
		Name: "new_password", Label: "profile.new_password", Hint: "user.password_hint", Kind: "password",
		Autocomplete: "new-password", Required: true,
	}))
}

// Fields are those of a new user.
func (p SignUpPage) Fields() []Field {
	var fields []Field
	if p.AsksSetupCode {
		fields = append(fields, Field{
			Name: "setup_code", Label: "signup.setup_code", Hint: "signup.setup_code_hint", Value: p.SetupCode,
			Autocomplete: "off", Required: true, Verbatim: true,
		})
	}
	return orFirst(p.Errors.of(append(fields,
		Field{
			Name: "display_name", Label: "user.display_name", Value: p.DisplayName, Autocomplete: "name",
		},
		Field{
			Name: "name", Label: "user.name", Hint: "signup.name_hint", Value: p.Name,
			Autocomplete: "username", Verbatim: true,
		},
		Field{
			Name: "password", Label: "user.password", Hint: "user.password_hint", Kind: "password",
			Autocomplete: "new-password", Required: true,
		},
	)...))
}

// PhotoField is the field for a new photo.
func (p ProfilePage) PhotoField() Field {
	return p.Errors.of(Field{
		Name: "photo", Label: "profile.photo", Hint: "profile.photo_hint", Kind: "file",
		Accept: "image/jpeg,image/png,image/gif,image/webp",
	})[0]
}

// Fields are those of the profile but the photo.
func (p ProfilePage) Fields() []Field {
	return p.Errors.of(
		Field{
			Name: "display_name", Label: "user.display_name", Value: p.DisplayName,
			Autocomplete: "name", Required: true,
		},
		Field{
			Name: "bio", Label: "user.bio", Kind: "textarea", Rows: 3, Value: p.Bio,
			Autocomplete: "off", Optional: true,
		},
		Field{
			Name: "language", Label: "language", Kind: "select", Options: p.languageOptions(),
			Autocomplete: "language",
		},
		Field{
			Name: "time_zone", Label: "user.time_zone", Kind: "select", Options: p.zoneOptions(),
			Autocomplete: "off",
		},
		Field{Name: "reads", Label: "profile.reads", Hint: "profile.reads_hint", Kind: "select", Autocomplete: "off", Options: []Option{
			{Value: "shown", Text: "profile.reads_shown", Selected: p.Reads != "hidden"},
			{Value: "hidden", Text: "profile.reads_hidden", Selected: p.Reads == "hidden"},
		}},
	)
}

func (p ProfilePage) languageOptions() []Option {
	var options []Option
	for _, language := range Languages {
		options = append(options, Option{
			Value: language, Label: LanguageName(language), Lang: language, Selected: language == p.Language,
		})
	}
	return options
}

// zoneOptions offers the user's zone also when it is not in the list.
func (p ProfilePage) zoneOptions() []Option {
	var options []Option
	if !slices.Contains(p.Zones, p.Zone) {
		options = append(options, Option{Value: p.Zone, Label: p.Zone, Selected: true})
	}
	for _, zone := range p.Zones {
		options = append(options, Option{Value: zone, Label: zone, Selected: zone == p.Zone})
	}
	return options
}

// PasswordFields are those that change the password.
func (p ProfilePage) PasswordFields() []Field {
	return p.Errors.of(
		Field{
			Name: "current_password", Label: "profile.current_password", Kind: "password",
			Autocomplete: "current-password", Required: true,
		},
		Field{
			Name: "new_password", Label: "profile.new_password", Hint: "profile.new_password_hint", Kind: "password",
			Autocomplete: "new-password", Required: true,
		},
	)
}

// TitleField is the field for a room's title.
func (f RoomForm) TitleField() Field {
	return f.Errors.of(Field{
		Name: "title", Label: "room.title", Value: f.Title, Autocomplete: "off", Required: true,
	})[0]
}

// TitleField is the field for a new token's title.
func (p TokensPage) TitleField() Field {
	return p.Errors.of(Field{
		Name: "title", Label: "token.title", Hint: "token.title_hint", Value: p.NewTitle,
		Autocomplete: "off", Required: true,
	})[0]
}

// Fields are how long a link works, and how often.
func (f InviteForm) Fields() []Field {
	return f.Errors.of(
		Field{
			Name: "expires_in", Label: "invite.expires_in", Kind: "select", Options: f.expiryOptions(),
			Autocomplete: "off",
		},
		Field{
			Name: "max_uses", Label: "invite.max_uses", Kind: "number", Value: f.MaxUses,
			Autocomplete: "off", Optional: true,
		},
	)
}

func (f InviteForm) expiryOptions() []Option {
	options := []Option{
		{Text: "invite.never"},
		{Text: "invite.hour", Value: "3600"}, // seconds
		{Text: "invite.day", Value: "86400"},
		{Text: "invite.week", Value: "604800"},
	}
	for i := range options {
		options[i].Selected = f.ExpiresIn != "" && options[i].Value == f.ExpiresIn
	}
	return options
}

// BodyField is the field of the composer.
func (c Composer) BodyField() Field {
	return Field{
		Name: "body", Label: "message.body", LabelHidden: true, Placeholder: "message.placeholder",
		Kind: "textarea", Rows: 1, Value: c.Body, Error: c.Errors.all(), Alert: true, Focused: c.Focus,
		Autocomplete: "off", EnterKey: "enter",
	}
}

// BodyField is the field that edits a message. Several may be on a page.
func (f EditForm) BodyField() Field {
	return Field{
		Name: "body", ElementID: "edit-" + strconv.FormatInt(f.Position, 10), Label: "message.body",
		Kind: "textarea", Rows: 3, Value: f.Body, Error: f.Errors.all(), Alert: true,
		Autocomplete: "off", Required: true,
	}
}

// InPlace is BodyField where the message itself becomes the field: its label is for screen readers.
func (f EditForm) InPlace() Field {
	field := f.BodyField()
	field.LabelHidden, field.Rows = true, 1
	return field
}

// filterField is the field above the list of rooms.
func filterField() Field {
	return Field{
		Name: "q", ElementID: "rooms-q", Label: "rooms.filter", Placeholder: "rooms.filter", Kind: "search", Autocomplete: "off",
		Verbatim: true, LabelHidden: true,
	}
}

// jumpField is the field of the dialog that leads to a room or a person.
func jumpField() Field {
	return Field{
		Name: "q", ElementID: "jump-q", Label: "jump", Placeholder: "jump.hint", Kind: "search", Autocomplete: "off",
		Verbatim: true, LabelHidden: true,
	}
}

// searchField is the field for what is looked for.
func searchField(query string) Field {
	return Field{
		Name: "q", Label: "users.search", Kind: "search", Value: query, Autocomplete: "off", Verbatim: true,
	}
}
