package views

import (
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	// maxSummary is the length of a summary in characters.
	maxSummary = 120
	// summarised is how many characters of a message a summary is made from.
	summarised = 500
)

// Summary returns a message as one line of plain text, without Markdown, of at most maxSummary
// characters.
func Summary(body string) string {
	body = cut(body, summarised)
	if plain := strings.ToValidUTF8(body, ""); !marked(plain) || !withinLimits([]byte(plain)) {
		return oneLine(plain)
	}
	var b strings.Builder
	source := []byte(body)
	doc := markdown.Parser().Parse(text.NewReader(source))
	// The visitor returns no error, so there is none.
	_ = ast.Walk(doc, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			summarise(&b, node, source)
		} else if node.Type() == ast.TypeBlock {
			b.WriteByte(' ')
		}
		return ast.WalkContinue, nil
	})
	return oneLine(b.String())
}

// marked reports whether there may be Markdown in a text.
func marked(s string) bool {
	return strings.ContainsAny(s, "*_`[]<>\\&") || strings.Contains(s, "~~~") ||
		strings.Contains(s, "- ") || strings.Contains(s, "+ ") ||
		strings.Contains(s, "1. ") || strings.Contains(s, "1) ")
}

// summarise writes the text of one node, without its children.
func summarise(b *strings.Builder, node ast.Node, source []byte) {
	switch n := node.(type) {
	case *ast.Text:
		value := n.Segment.Value(source)
		if n.Parent().Kind() != ast.KindCodeSpan {
			value = util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(value)))
		}
		b.Write(value)
		if n.SoftLineBreak() || n.HardLineBreak() {
			b.WriteByte(' ')
		}
	case *ast.String:
		b.Write(n.Value)
	case *ast.AutoLink:
		b.Write(n.Label(source))
	case *ast.FencedCodeBlock:
		lines := n.Lines()
		for i := range lines.Len() {
			line := lines.At(i)
			b.Write(line.Value(source))
		}
	}
}

// oneLine returns a text in one line without control characters, shortened to maxSummary
// characters.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(printable(s)), " ")
	if utf8.RuneCountInString(s) <= maxSummary {
		return s
	}
	return strings.TrimSpace(cut(s, maxSummary-1)) + "…"
}

// cut returns the first n characters of a text.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
