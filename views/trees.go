package views

import (
	"html/template"
	"text/template/parse"

	"sarangbang/static"
)

// fold writes into a template what is the same for everybody: texts without arguments and the addresses of files. A page has dozens
// of them, and calling a function from a template costs more than everything else in it. They stand in text and quoted attributes
// only, where the one kind of escaping fits.
func fold(list *parse.ListNode, language string) {
	if list == nil {
		return
	}
	for i, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.ActionNode:
			if html, ok := constant(n, language); ok {
				list.Nodes[i] = &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(html)}
			}
		case *parse.IfNode:
			foldBranch(&n.BranchNode, language)
		case *parse.WithNode:
			foldBranch(&n.BranchNode, language)
		case *parse.RangeNode:
			foldBranch(&n.BranchNode, language)
		}
	}
}

func foldBranch(b *parse.BranchNode, language string) {
	fold(b.List, language)
	fold(b.ElseList, language)
}

// constant returns the HTML that {{t "key"}}, {{asset "name"}} and {{modules "name" "name"}} come to.
func constant(n *parse.ActionNode, language string) (string, bool) {
	if len(n.Pipe.Decl) > 0 || len(n.Pipe.Cmds) != 1 {
		return "", false
	}
	function, isFunction := n.Pipe.Cmds[0].Args[0].(*parse.IdentifierNode)
	args, areTexts := textsOf(n.Pipe.Cmds[0].Args[1:])
	switch {
	case !isFunction || !areTexts || len(args) == 0:
		return "", false
	case function.Ident == "t" && len(args) == 1:
		return template.HTMLEscapeString(Text(language, args[0])), true
	case function.Ident == "asset":
		return template.HTMLEscapeString(static.Path(args[0])), true
	case function.Ident == "modules":
		return string(modules(args...)), true
	}
	return "", false
}

// textsOf returns the values of arguments that are all literal texts.
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
