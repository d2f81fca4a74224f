package views

import (
	"html/template"
	"strings"
	"text/template/parse"

	"sarangbang/static"
)

// inlineConstants replaces calls in a template whose result is always the same by that result:
// texts without arguments, addresses of files, icons, and script elements. A page has dozens of
// them, and calling a function costs more than everything else that a template does (80 µs of a
// page).
//
// html/template escapes by context, and what is inlined is escaped here, as HTML. So a call is left
// alone where that would not do: see takesText.
func inlineConstants(root *parse.ListNode, language, base string) {
	(&inliner{language: language, base: base}).list(root)
}

type inliner struct {
	language string
	base     string // the path of the service
	before   string // the literal text of the template up to the node at hand
}

func (in *inliner) list(list *parse.ListNode) {
	if list == nil {
		return
	}
	for i, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			in.before += string(n.Text)
		case *parse.ActionNode:
			if html, ok := in.constant(n); ok {
				list.Nodes[i] = &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(html)}
			}
		case *parse.IfNode:
			in.branch(&n.BranchNode)
		case *parse.WithNode:
			in.branch(&n.BranchNode)
		case *parse.RangeNode:
			in.branch(&n.BranchNode)
		}
	}
}

// branch goes through both parts, which html/template requires to end in the same context.
func (in *inliner) branch(b *parse.BranchNode) {
	before := in.before
	in.list(b.List)
	after := in.before
	in.before = before
	in.list(b.ElseList)
	in.before = after
}

// takesText reports whether escaped text may follow the HTML before: between tags, or in the quoted
// value of an attribute. It may not in a tag elsewhere, in a value without quotes, in a script or
// style, or in an attribute that holds one.
func takesText(before string) bool {
	lower := strings.ToLower(before)
	for _, element := range []string{"script", "style"} {
		if strings.LastIndex(lower, "<"+element) > strings.LastIndex(lower, "</"+element) {
			return false
		}
	}
	if strings.HasSuffix(strings.TrimRight(lower, " \t\r\n"), "=") {
		return false
	}
	tag, open := openTag(lower)
	if !open {
		return true
	}
	value := strings.LastIndex(tag, `="`)
	if value < 0 || strings.Count(tag, `"`)%2 == 0 {
		return false
	}
	attribute := tag[strings.LastIndexAny(tag[:value], " \t\r\n")+1 : value]
	return attribute != "style" && attribute != "srcdoc" && !strings.HasPrefix(attribute, "on")
}

// openTag returns the tag in which HTML ends, from its < on; false when it ends between tags.
func openTag(html string) (tag string, open bool) {
	i := strings.LastIndexByte(html, '<')
	if i <= strings.LastIndexByte(html, '>') { // none of either: both are -1
		return "", false
	}
	return html[i:], true
}

// constant returns the HTML of {{t "key"}}, {{asset "name"}}, {{icon "name"}} and
// {{modules "name" "name"}}; false for every other action, and where the HTML may not follow the
// text before.
func (in *inliner) constant(n *parse.ActionNode) (string, bool) {
	if len(n.Pipe.Decl) > 0 || len(n.Pipe.Cmds) != 1 {
		return "", false
	}
	function, isFunction := n.Pipe.Cmds[0].Args[0].(*parse.IdentifierNode)
	args, areTexts := textsOf(n.Pipe.Cmds[0].Args[1:])
	switch {
	case !isFunction || !areTexts || len(args) == 0 || !takesText(in.before):
		return "", false
	case function.Ident == "t" && len(args) == 1:
		return template.HTMLEscapeString(Text(in.language, args[0])), true
	case function.Ident == "asset":
		return template.HTMLEscapeString(under(in.base, static.Path(args[0]))), true
	case function.Ident == "icon":
		html, err := icon(args[0])
		_, inTag := openTag(in.before)
		return string(html), err == nil && !inTag
	case function.Ident == "modules":
		_, inTag := openTag(in.before)
		return string(modules(in.base, args...)), !inTag
	}
	return "", false
}

// textsOf returns the values of arguments; false unless all are literal texts.
func textsOf(args []parse.Node) ([]string, bool) {
	var texts []string
	for _, arg := range args {
		text, ok := arg.(*parse.StringNode)
		if !ok {
			return nil, false
		}
		texts = append(texts, text.Text)
	}
	return texts, true
}

// textKeys returns the keys that a template names literally, such as {{t "room.create"}}.
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

// walk calls visit for every command below a node of a template.
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
