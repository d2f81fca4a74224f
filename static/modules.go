package static

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	// importLine is the one form of import that modules here use: a whole line that names a file of
	// the same folder.
	importLine = regexp.MustCompile(`(?m)^(import (?:[^'"\n]+ from )?')(\./[^'"\n]+)(';)$`)
	// importWord finds all imports of whatever form, also those that importLine does not
	// understand.
	importWord = regexp.MustCompile(`(?m)^\s*import\b|\bimport\(|^\s*export\b[^'"\n]*\bfrom\b`)
)

// module is a file that browsers can fetch. In a script, the names of imported modules are replaced
// by those with their hashes.
type module struct {
	address string
	content []byte
	imports []string // names of all modules that it needs, each after those that it needs itself
}

// linker gives files their addresses. The hash of a module is that of what is sent, with the
// addresses of its imports in it: when a module changes, so do the addresses of all that import it.
// A module that needs itself therefore cannot have an address.
type linker struct {
	sources map[string][]byte
	linked  map[string]module
	open    []string // the modules being linked, each imported by the one before it
}

func newLinker(sources map[string][]byte) *linker {
	return &linker{sources: sources, linked: map[string]module{}}
}

// link returns the module of a name, after linking all that it imports. It fails for imports of
// unknown modules, for cycles, and for imports in a form that importLine does not match.
func (l *linker) link(name string) (module, error) {
	if m, ok := l.linked[name]; ok {
		return m, nil
	}
	content, ok := l.sources[name]
	if !ok {
		return module{}, fmt.Errorf("%s imports %s, which is not there", l.open[len(l.open)-1], name)
	}
	if slices.Contains(l.open, name) {
		return module{}, fmt.Errorf("modules import each other in a circle: %s", strings.Join(append(l.open, name), " → "))
	}
	l.open = append(l.open, name)
	m := module{content: content}
	if path.Dir(name) == "js" {
		if err := l.linkImports(name, &m); err != nil {
			return module{}, err
		}
	}
	m.address = prefix + hashedName(name, m.content)
	l.open = l.open[:len(l.open)-1]
	l.linked[name] = m
	return m, nil
}

// linkImports replaces the names of imported modules in the content of m by those with their
// hashes, which hold wherever the service lies on its host, and lists them.
func (l *linker) linkImports(name string, m *module) error {
	found := importLine.FindAllSubmatchIndex(m.content, -1)
	if words := importWord.FindAllIndex(m.content, -1); len(words) != len(found) {
		return fmt.Errorf("%s has an import that is not written as: import { x } from './file.js';", name)
	}
	var linked bytes.Buffer
	written := 0
	for _, at := range found {
		from, to := at[4], at[5] // the file's name
		importedName := path.Join(path.Dir(name), string(m.content[from:to]))
		imported, err := l.link(importedName)
		if err != nil {
			return err
		}
		linked.Write(m.content[written:from])
		linked.WriteString("./" + path.Base(imported.address))
		written = to
		m.add(imported.imports...)
		m.add(importedName)
	}
	linked.Write(m.content[written:])
	m.content = linked.Bytes()
	return nil
}

// add appends names to the module's imports that are not among them.
func (m *module) add(names ...string) {
	for _, name := range names {
		if !slices.Contains(m.imports, name) {
			m.imports = append(m.imports, name)
		}
	}
}
