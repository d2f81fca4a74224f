package views

import (
	"html/template"
	"strings"
	"testing"
)

// inlined returns a template after inlineConstants, as text.
func inlined(t *testing.T, source string) string {
	t.Helper()
	functions := template.FuncMap{"t": func(string, ...any) string { return "" }, "modules": func(...string) string { return "" }}
	tmpl, err := template.New("").Funcs(functions).Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	inlineConstants(tmpl.Tree.Root, "en", "")
	return tmpl.Tree.Root.String()
}

func TestConstant_IsInlinedWhereEscapedTextFits(t *testing.T) {
	for _, source := range []string{
		`{{t "room.create"}}`,
		`<p>{{t "room.create"}}</p>`,
		`<p title="{{t "room.create"}}">`,
		`<input disabled placeholder="one: {{t "room.create"}}">`,
		`<script src="x"></script><style>a { color: red }</style>{{t "room.create"}}`,
		`{{if .A}}<p title="{{else}}<i title="{{end}}{{t "room.create"}}">`,
		`{{range .A}}<b>{{t "room.create"}}</b>{{else}}{{t "room.create"}}{{end}}`,
		` placeholder="{{t "room.create"}}"`, // a partial inside of a tag
	} {
		if got := inlined(t, source); strings.Contains(got, "{{t ") {
			t.Errorf("%s becomes %s", source, got)
		}
	}
}

func TestConstant_StaysWhereEscapedTextDoesNotFit(t *testing.T) {
	for _, source := range []string{
		`<p {{t "room.create"}}>`,
		`<{{t "room.create"}}>`,
		`<p title={{t "room.create"}}>`,
		`<p title = {{t "room.create"}}>`,
		`<p title="a" {{t "room.create"}}>`,
		`<p title='{{t "room.create"}}'>`,
		` title={{t "room.create"}}`,
		`<p onclick="say('{{t "room.create"}}')">`,
		`<p ONCLICK="say('{{t "room.create"}}')">`,
		`<p style="content: '{{t "room.create"}}'">`,
		`<iframe srcdoc="{{t "room.create"}}"></iframe>`,
		`<script>say({{t "room.create"}})</script>`,
		`<SCRIPT type="module">if (1 < 2 && 2 > 1) say("{{t "room.create"}}")</script>`,
		`<style>p::after { content: "{{t "room.create"}}" }</style>`,
		`{{if .A}}<script>{{else}}<script async>{{t "room.create"}}{{end}}</script>`,
		`{{if .A}}<p {{end}}{{t "room.create"}}`,
	} {
		if got := inlined(t, source); !strings.Contains(got, `{{t "room.create"}}`) {
			t.Errorf("%s becomes %s", source, got)
		}
	}
}

func TestModules_AreInlinedBetweenTagsOnly(t *testing.T) {
	if got := inlined(t, `<head>{{modules "js/app.js"}}`); strings.Contains(got, "{{") {
		t.Errorf("between tags: %s", got)
	}
	if got := inlined(t, `<p title="{{modules "js/app.js"}}">`); !strings.Contains(got, "{{") {
		t.Errorf("in an attribute: %s", got)
	}
}

func TestConstants_OfAllTemplatesAreInlined(t *testing.T) {
	set, err := parseSet("en", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, tmpl := range set.Templates() {
		if tmpl.Tree == nil {
			continue
		}
		for _, key := range textKeys(tmpl.Tree.Root) {
			if !strings.Contains(Text("en", key), "%") { // else it has an argument
				t.Errorf("%s still calls for %q", tmpl.Name(), key)
			}
		}
	}
}
