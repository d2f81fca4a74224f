package views

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// control matches the start of an element that takes a value, and its attributes.
var control = regexp.MustCompile(`<(?:input|textarea|select)\b([^>]*)`)

// unlabelled are attributes of controls that are no fields of their own: nobody sees them, or the
// label stands around them.
var unlabelled = regexp.MustCompile(`type="(?:hidden|checkbox|radio|file)"|\bhidden$`)

// partial matches the place of a field in a form.
var partial = regexp.MustCompile(`\{\{template "_(?:field|control)" `)

func TestFields_OfAllFormsComeFromOnePartial(t *testing.T) {
	used := 0
	err := fs.WalkDir(pageFiles, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "_control.html" {
			return err
		}
		source, err := fs.ReadFile(pageFiles, name)
		if err != nil {
			return err
		}
		for _, found := range control.FindAllSubmatch(source, -1) {
			if !unlabelled.Match(found[1]) {
				t.Errorf("%s: %s> does not come from the partial _field or _control", name, found[0])
			}
		}
		used += len(partial.FindAll(source, -1))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if used < 10 {
		t.Errorf("%d forms use the partials: this test sees nothing", used)
	}
}

func TestField_ShowsALabelAControlAHintAndWhatIsWrong(t *testing.T) {
	r := newRenderer(t)
	for _, c := range []struct {
		name     string
		field    Field
		selector string
		wants    map[string]string // attributes; those of the same name in gone are not there
		gone     []string
	}{
		{
			"a name", Field{
				Name: "name", Label: "user.name", Hint: "signup.name_hint", Value: "Jimin",
				Autocomplete: "username", Required: true, Verbatim: true,
			},
			"input#name", map[string]string{
				"name": "name", "value": "Jimin", "autocomplete": "username", "required": "", "autocapitalize": "none",
				"spellcheck": "false", "aria-describedby": "name-hint name-error",
			}, []string{"type", "aria-invalid"},
		},
		{
			"a password that is wrong", Field{
				Name: "password", Kind: "password", Label: "user.password", Error: "Wrong.", Autocomplete: "off",
			},
			"input#password", map[string]string{
				"type": "password", "aria-invalid": "true", "aria-describedby": "password-error",
			}, []string{"value", "required", "spellcheck"},
		},
		{
			"a number", Field{Name: "max_uses", Kind: "number", Label: "invite.max_uses", Optional: true},
			"input#max_uses", map[string]string{"type": "number", "min": "1", "inputmode": "numeric"}, []string{"autocomplete"},
		},
		{
			"a file", Field{Name: "photo", Kind: "file", Label: "profile.photo", Accept: "image/png"},
			".file > input#photo", map[string]string{"type": "file", "accept": "image/png"}, []string{"value"},
		},
		{
			"one of several texts", Field{
				Name: "body", ElementID: "edit-17", Kind: "textarea", Rows: 3, Label: "message.body",
				EnterKey: "send", Placeholder: "message.placeholder",
			},
			"textarea#edit-17", map[string]string{
				"name": "body", "rows": "3", "enterkeyhint": "send", "aria-describedby": "edit-17-error",
				"placeholder": Text("en", "message.placeholder"),
			}, nil,
		},
	} {
		doc := render(t, r, "_field", "en", c.field)
		element := doc.Find(".field > " + c.selector)
		if element.Length() != 1 {
			t.Errorf("%s: no %s", c.name, c.selector)
			continue
		}
		for name, want := range c.wants {
			if got, there := element.Attr(name); !there || got != want {
				t.Errorf("%s: %s=%q, want %q", c.name, name, got, want)
			}
		}
		for _, name := range c.gone {
			if got, there := element.Attr(name); there {
				t.Errorf("%s: %s=%q, want none", c.name, name, got)
			}
		}
		label := doc.Find(`label[for="` + c.field.ID() + `"]`).Text()
		if want := Text("en", c.field.Label); !strings.HasPrefix(label, want) {
			t.Errorf("%s: label %q, want %q", c.name, label, want)
		}
		if got := doc.Find(".optional").Length() == 1; got != c.field.Optional {
			t.Errorf("%s: optional %v, want %v", c.name, got, c.field.Optional)
		}
		if got := doc.Find("#" + c.field.ID() + "-error").Text(); got != c.field.Error {
			t.Errorf("%s: error %q, want %q", c.name, got, c.field.Error)
		}
	}
}

func TestField_OffersItsOptions(t *testing.T) {
	form := InviteForm{ExpiresIn: "86400"}
	doc := render(t, newRenderer(t), "_field", "en", form.Fields()[0])
	if got := doc.Find("select#expires_in option").Length(); got != 4 {
		t.Errorf("%d options, want 4", got)
	}
	selected := doc.Find("option[selected]")
	if selected.Length() != 1 || selected.AttrOr("value", "") != "86400" || selected.Text() != Text("en", "invite.day") {
		t.Errorf("selected: %d options, %q, %q", selected.Length(), selected.AttrOr("value", ""), selected.Text())
	}
	page := ProfilePage{Language: "ko", Zone: "Mars/Olympus", Zones: []string{"Asia/Seoul", "UTC"}}
	zones := render(t, newRenderer(t), "_field", "en", page.Fields()[3])
	if got := zones.Find("option").Text(); got != "Mars/OlympusAsia/SeoulUTC" {
		t.Errorf("zones: %q", got)
	}
	if got := zones.Find("option[selected]").Text(); got != "Mars/Olympus" {
		t.Errorf("selected zone: %q", got)
	}
}

// Forms of several fields put the focus on the first wrong one, which reads it out.
func TestField_AlertsOnlyWhereNothingElseTells(t *testing.T) {
	for name, c := range map[string]struct {
		field Field
		want  bool
	}{
		"in a form with focus": {RoomForm{Errors: Errors{"title": "Wrong."}}.TitleField(), false},
		"in the composer":      {Composer{Errors: Errors{"body": "Wrong."}}.BodyField(), true},
		"in a good composer":   {Composer{}.BodyField(), false},
	} {
		doc := render(t, newRenderer(t), "_control", "en", c.field)
		if got := doc.Find(`[role="alert"]`).Length() == 1; got != c.want {
			t.Errorf("%s: an alert %v, want %v", name, got, c.want)
		}
	}
}
