package views

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// listOpener begins fewer lists than CommonMark. A numbered list begins with 1, because "2026. 11.
// 23." is a date and "3. 셋째" an answer, whose numbers must stay. No list begins with an empty
// item, because "-" alone is a face.
type listOpener struct{ parser.BlockParser }

func (p listOpener) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	line = bytes.TrimLeft(line, " \t")
	digits := len(line) - len(bytes.TrimLeft(line, "0123456789"))
	if digits > 0 && string(line[:digits]) != "1" {
		return nil, parser.NoChildren
	}
	if marker := digits + 1; tooDeep(parent) || len(bytes.TrimSpace(line[min(marker, len(line)):])) == 0 {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// tooDeep reports whether no quote or list may begin inside of parent: thousands in each other take
// time, and no browser shows them.
func tooDeep(parent ast.Node) bool {
	levels := 0
	for ; parent != nil; parent = parent.Parent() {
		levels++
	}
	return levels > maxDepth/2
}

// quoteOpener begins a quote only where a space or another > follows the first one: ">_<" is a
// face.
type quoteOpener struct{ parser.BlockParser }

func (p quoteOpener) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	line = bytes.TrimLeft(line, " \t")
	if tooDeep(parent) || len(line) < 2 || line[1] != ' ' && line[1] != '>' && line[1] != '\t' {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// fenceOpener begins a code block only where nothing but the name of a language follows the fence:
// the text of "``` 안녕" would disappear otherwise.
type fenceOpener struct{ parser.BlockParser }

func (p fenceOpener) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	if info := bytes.TrimSpace(bytes.TrimLeft(line, " `~")); len(info) > 20 || bytes.ContainsFunc(info, notInLanguage) {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

func notInLanguage(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && !(r >= '0' && r <= '9') && !strings.ContainsRune("+#-._", r)
}

// indentedParagraph makes a paragraph of indented text, which is code in CommonMark.
type indentedParagraph struct{ parser.BlockParser }

func (indentedParagraph) CanAcceptIndentedLine() bool { return true }

// blockRenderer renders the blocks that differ from CommonMark's.
type blockRenderer struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (r blockRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindFencedCodeBlock, r.fencedCode)
	reg.Register(ast.KindListItem, r.listItem)
}

// fencedCode renders code with the name of its language, and as a stop for the keyboard, because
// it may be wider than its box. Where there is no code, what stands after the fence is the text.
func (blockRenderer) fencedCode(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, _ = w.WriteString("</code></pre>\n")
		return ast.WalkContinue, nil
	}
	lines, language := node.Lines(), node.(*ast.FencedCodeBlock).Language(source)
	_, _ = w.WriteString(`<pre tabindex="0"`)
	if len(language) > 0 && lines.Len() > 0 {
		_, _ = w.WriteString(` data-language="` + string(util.EscapeHTML(language)) + `"`)
	}
	_, _ = w.WriteString("><code>")
	for i := range lines.Len() {
		line := lines.At(i)
		_, _ = w.Write(util.EscapeHTML(line.Value(source)))
	}
	if info := node.(*ast.FencedCodeBlock).Info; lines.Len() == 0 && info != nil {
		_, _ = w.Write(util.EscapeHTML(info.Segment.Value(source)))
	}
	return ast.WalkContinue, nil
}

// listItem renders an item with the number that was typed: "1. yes, 3. no" answers the first and
// the third question.
func (blockRenderer) listItem(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, _ = w.WriteString("</li>\n")
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString("<li")
	if typed := typedNumber(source, node); typed > 0 && typed != ordinal(node) {
		_, _ = w.WriteString(` value="` + strconv.Itoa(typed) + `"`)
	}
	_ = w.WriteByte('>')
	return ast.WalkContinue, nil
}

// ordinal returns an item's place in its list, from 1.
func ordinal(item ast.Node) int {
	n := 0
	for ; item != nil; item = item.PreviousSibling() {
		n++
	}
	return n
}

// typedNumber returns the number that was typed before an item; 0 for none.
func typedNumber(source []byte, item ast.Node) int {
	first := item.FirstChild()
	if first == nil || !item.Parent().(*ast.List).IsOrdered() || first.Lines().Len() == 0 {
		return 0
	}
	before := bytes.TrimRight(source[:first.Lines().At(0).Start], " \t")
	if len(before) == 0 {
		return 0
	}
	before = before[:len(before)-1] // the point or parenthesis
	digits := len(before)
	for digits > 0 && len(before)-digits < 9 && before[digits-1] >= '0' && before[digits-1] <= '9' {
		digits--
	}
	n, err := strconv.Atoi(string(before[digits:]))
	if err != nil {
		return 0
	}
	return n
}
