package static

import (
	"bytes"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// scripts is a folder of modules, beside the style sheets that have to be there.
func scripts(modules map[string]string) fstest.MapFS {
	folder := styles()
	for name, script := range modules {
		folder["js/"+name+".js"] = &fstest.MapFile{Data: []byte(script)}
	}
	return folder
}

func TestModules_ImportEachOtherByHashedName(t *testing.T) {
	a, err := load(scripts(map[string]string{
		"app":  "import { log } from './log.js';\nimport './dom.js';\nlog('./dom.js');\n",
		"log":  "import { $, $$ } from './dom.js';\nexport const log = $;\n",
		"dom":  "export const $ = 1, $$ = 2;\n",
		"lone": "",
	}))
	if err != nil {
		t.Fatal(err)
	}
	dom, log := a.addresses["js/dom.js"], a.addresses["js/log.js"]
	want := "import { log } from './" + path.Base(log) + "';\nimport './" + path.Base(dom) + "';\nlog('./dom.js');\n"
	if got := string(a.byAddress[a.addresses["js/app.js"]].plain); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got, want := a.imports["js/app.js"], []string{dom, log}; !slices.Equal(got, want) {
		t.Errorf("imports: got %q, want %q", got, want)
	}
	if got := a.imports["js/lone.js"]; len(got) != 0 {
		t.Errorf("imports of none: got %q", got)
	}
}

// A browser keeps a module for ever, and with it the addresses of what it imports.
func TestModules_ChangeTheirAddressWithWhatTheyImport(t *testing.T) {
	modules := map[string]string{
		"app": "import './log.js';\n", "log": "import './dom.js';\n", "dom": "1;\n", "lone": "2;\n",
	}
	before, err := load(scripts(modules))
	if err != nil {
		t.Fatal(err)
	}
	modules["dom"] = "3;\n"
	after, err := load(scripts(modules))
	if err != nil {
		t.Fatal(err)
	}
	changes := map[string]bool{"js/app.js": true, "js/log.js": true, "js/dom.js": true, "js/lone.js": false}
	for name, want := range changes {
		if got := before.addresses[name] != after.addresses[name]; got != want {
			t.Errorf("%s has another address: %v, want %v", name, got, want)
		}
	}
}

func TestModules_ThatCannotBeLinkedAreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		modules map[string]string
		want    string
	}{
		"an unknown import":    {map[string]string{"app": "import './no.js';\n"}, "imports js/no.js, which is not there"},
		"itself":               {map[string]string{"app": "import './app.js';\n"}, "js/app.js → js/app.js"},
		"a circle":             {map[string]string{"a": "import './b.js';\n", "b": "import './a.js';\n"}, "in a circle"},
		"several lines":        {map[string]string{"app": "import {\n$ } from './dom.js';\n", "dom": ""}, "not written as"},
		"double quotes":        {map[string]string{"app": "import \"./dom.js\";\n", "dom": ""}, "not written as"},
		"from elsewhere":       {map[string]string{"app": "import 'https://example.org/x.js';\n"}, "not written as"},
		"while it runs":        {map[string]string{"app": "await import('./dom.js');\n", "dom": ""}, "not written as"},
		"an export of another": {map[string]string{"app": "export { $ } from './dom.js';\n", "dom": ""}, "not written as"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := load(scripts(c.modules)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestModules_EmbeddedOnesAreServedWithTheirImports(t *testing.T) {
	a, err := load(embedded)
	if err != nil {
		t.Fatal(err)
	}
	address := regexp.MustCompile(`(?m)^import .*'(.+)';$`)
	for name := range a.addresses {
		if path.Dir(name) != "js" {
			continue
		}
		answer := get(t, "GET", Path(name), "")
		script := body(t, answer.Body)
		for _, found := range address.FindAllSubmatch(script, -1) {
			imported := path.Join(path.Dir(Path(name)), string(found[1]))
			if !slices.Contains(Imports(name), imported) {
				t.Errorf("%s imports %s, which is not among its imports", name, imported)
			}
			if status := get(t, "GET", imported, "").StatusCode; status != http.StatusOK {
				t.Errorf("%s imports %s: status %d", name, imported, status)
			}
		}
		if lines := bytes.Count(script, []byte("\n")); lines >= 120 {
			t.Errorf("%s has %d lines, want fewer than 120: a module is one feature", name, lines)
		}
		if !bytes.HasPrefix(script, []byte("// ")) {
			t.Errorf("%s does not begin with what it is for", name)
		}
	}
}

// Every module is reached from one of the two that pages name; another would be dead.
func TestModules_AreAllUsed(t *testing.T) {
	entries := []string{"js/app.js", "js/composer.js"}
	var used []string
	for _, entry := range entries {
		used = append(append(used, Path(entry)), Imports(entry)...)
	}
	for name, address := range embeddedAssets().addresses {
		if path.Dir(name) == "js" && !slices.Contains(used, address) {
			t.Errorf("%s: no page needs it", name)
		}
	}
}
