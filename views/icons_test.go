package views

import (
	"strings"
	"testing"
	"text/template/parse"
)

func TestIcon_IsThereWhereverATemplateNamesIt(t *testing.T) {
	set, err := parseFiles("ko", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, tmpl := range set.Templates() {
		if tmpl.Tree == nil {
			continue
		}
		walk(tmpl.Tree.Root, func(c *parse.CommandNode) {
			if name, ok := c.Args[0].(*parse.IdentifierNode); ok && name.Ident == "icon" {
				html, err := icon(c.Args[1].(*parse.StringNode).Text)
				if err != nil || !strings.Contains(string(html), "aria-hidden") {
					t.Errorf("%s: %v, %q", tmpl.Name(), err, html)
				}
			}
		})
	}
}
