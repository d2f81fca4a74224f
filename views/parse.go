package views

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strings"
	"text/template/parse"

	"sarangbang/static"
)

//go:embed *.html */*.html
var pageFiles embed.FS

// parseSet parses every template in one language, and checks them.
func parseSet(language string) (*template.Template, error) {
	set, err := parseFiles(language)
	if err != nil {
		return nil, err
	}
	return set, check(set, language)
}

// parseFiles parses every template. Its name is its path: "rooms/show".
func parseFiles(language string) (*template.Template, error) {
	set := template.New("").Funcs(template.FuncMap{
		"t":             func(key string, args ...any) (string, error) { return wanted(language, key, args...) },
		"asset":         static.Path,
		"languages":     func() []string { return Languages },
		"language_name": LanguageName,
	})
	err := fs.WalkDir(pageFiles, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := pageFiles.ReadFile(path)
		if err != nil {
			return err
		}
		_, err = set.New(strings.TrimSuffix(path, ".html")).Parse(string(raw))
		return err
	})
	return set, err
}

// wanted is Text for templates, where a missing one is an error.
func wanted(language, key string, args ...any) (string, error) {
	if _, ok := lookUp(language, key); !ok {
		return "", fmt.Errorf("text %q: missing in %s", key, language)
	}
	return Text(language, key, args...), nil
}

// check finds, before anybody opens a page, templates that html/template refuses and texts that are not there.
func check(set *template.Template, language string) error {
	if _, err := texts(); err != nil {
		return err
	}
	for _, tmpl := range set.Templates() {
		if tmpl.Tree == nil {
			continue
		}
		for _, key := range textKeys(tmpl.Tree.Root) {
			if _, err := wanted(language, key); err != nil {
				return fmt.Errorf("%s: %w", tmpl.Name(), err)
			}
		}
		// Escaping happens on first execution; without data that fails later, with an error of another type.
		var refused *template.Error
		if err := set.ExecuteTemplate(io.Discard, tmpl.Name(), nil); errors.As(err, &refused) {
			return err
		}
	}
	return nil
}

// textKeys lists the keys that a template names outright: {{t "room.create"}}.
func textKeys(node parse.Node) []string {
	var keys []string
	walk(node, func(c *parse.CommandNode) {
		if name, ok := c.Args[0].(*parse.IdentifierNode); !ok || name.Ident != "t" || len(c.Args) < 2 {
			return
		}
		if key, ok := c.Args[1].(*parse.StringNode); ok {
			keys = append(keys, key.Text)
		}
	})
	return keys
}

// walk visits every command below a node of a template.
func walk(node parse.Node, visit func(*parse.CommandNode)) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			walk(child, visit)
		}
	case *parse.ActionNode:
		walk(n.Pipe, visit)
	case *parse.IfNode:
		walkBranch(&n.BranchNode, visit)
	case *parse.WithNode:
		walkBranch(&n.BranchNode, visit)
	case *parse.RangeNode:
		walkBranch(&n.BranchNode, visit)
	case *parse.TemplateNode:
		walk(n.Pipe, visit)
	case *parse.PipeNode:
		if n == nil {
			return
		}
		for _, command := range n.Cmds {
			visit(command)
			for _, arg := range command.Args {
				walk(arg, visit)
			}
		}
	}
}

func walkBranch(b *parse.BranchNode, visit func(*parse.CommandNode)) {
	walk(b.Pipe, visit)
	walk(b.List, visit)
	walk(b.ElseList, visit)
}
