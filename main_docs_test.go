package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// commentColumns is the width at which comments and documents are wrapped.
const commentColumns = 100

var (
	// namedFile matches a file of this repository in a text: a path with a known extension.
	namedFile = regexp.MustCompile(`[\w./-]*\w\.(?:go|md|html|sql|js|css)\b`)
	// address matches an address of the service in a document; it ends like a file and is none.
	address = regexp.MustCompile("`(?:GET |POST )?/[^`]*`")
	// namedFunction matches "`path.go` (`name`" in a document.
	namedFunction = regexp.MustCompile("`([\\w/]+\\.go)`,? \\(?`(\\w+)`")
	// link matches the target of a Markdown link.
	link = regexp.MustCompile(`\]\(([^)#:]+)\)`)
)

func TestDocuments_NameWhatExists(t *testing.T) {
	files := repositoryFiles(t)
	for _, doc := range files {
		if !ourDocument(doc) {
			continue
		}
		text := readFile(t, doc)
		for _, name := range namedFile.FindAllString(address.ReplaceAllString(text, ""), -1) {
			if !namesFile(files, doc, name) {
				t.Errorf("%s names %s, which is not in the repository", doc, name)
			}
		}
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if !namesFile(files, doc, found[1]) {
				t.Errorf("%s links to %s, which is not in the repository", doc, found[1])
			}
		}
		for _, found := range namedFunction.FindAllStringSubmatch(text, -1) {
			if !declares(t, found[1], found[2]) {
				t.Errorf("%s names %s in %s, which declares no such function", doc, found[2], found[1])
			}
		}
	}
}

func TestDocuments_AreWrapped(t *testing.T) {
	for _, doc := range repositoryFiles(t) {
		if !ourDocument(doc) {
			continue
		}
		code := false
		for i, line := range strings.Split(readFile(t, doc), "\n") {
			if strings.HasPrefix(line, "```") {
				code = !code
			}
			table, indented := strings.HasPrefix(line, "|"), strings.HasPrefix(line, "    ")
			if n := len([]rune(line)); n > commentColumns && !code && !table && !indented {
				t.Errorf("%s:%d has %d columns", doc, i+1, n)
			}
		}
	}
}

func TestComments_AreWrappedAndNameWhatExists(t *testing.T) {
	files := repositoryFiles(t)
	for _, path := range files {
		if filepath.Ext(path) != ".go" {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(readFile(t, path), "\n")
		for _, group := range parsed.Comments {
			for _, comment := range group.List {
				at := set.Position(comment.Pos())
				line := strings.ReplaceAll(lines[at.Line-1], "\t", "    ")
				alone := strings.HasPrefix(strings.TrimSpace(line), "//") && !strings.HasPrefix(comment.Text, "//go:")
				if n := len([]rune(line)); alone && n > commentColumns {
					t.Errorf("%s: a comment of %d columns", at, n)
				}
				for _, name := range namedFile.FindAllString(comment.Text, -1) {
					if strings.Contains(name, "/") && strings.HasSuffix(name, ".go") && !namesFile(files, path, name) {
						t.Errorf("%s: the comment names %s, which is not in the repository", at, name)
					}
				}
			}
		}
	}
}

// ourDocument reports whether a file is a document about this program, and not about vendored
// files.
func ourDocument(path string) bool {
	return filepath.Ext(path) == ".md" && !strings.HasPrefix(filepath.Base(path), "VENDORED")
}

// repositoryFiles returns the paths of all files, relative to the root, without hidden folders and
// what a run leaves behind.
func repositoryFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || path == "data") {
			return filepath.SkipDir
		}
		if !entry.IsDir() {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// namesFile reports whether a name in a file is that of a file or folder in the repository: as a
// path from the root, as a path from the folder it is named in, or as a base name.
func namesFile(files []string, in, name string) bool {
	name = filepath.Clean(name)
	near := filepath.Join(filepath.Dir(in), name)
	return slices.ContainsFunc(files, func(path string) bool {
		return path == name || path == near || strings.HasPrefix(path, name+"/") || strings.HasSuffix(path, "/"+name)
	})
}

// declares reports whether a Go file has a function or method of that name.
func declares(t *testing.T, path, name string) bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return false
	}
	return slices.ContainsFunc(parsed.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Name.Name == name
	})
}

func TestReadme_NamesEverySetting(t *testing.T) {
	text := readFile(t, "README.md")
	for _, s := range new(config).settings() {
		if row := "\n| `" + s.name + "` |"; !strings.Contains(text, row) {
			t.Errorf("README.md has no row for %s", s.name)
		}
	}
}
