package views

import (
	"bytes"
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	// maxMarkdown is how many bytes are read as Markdown: 10,000 characters of any script. More is shown as it stands.
	maxMarkdown = 40_000
	// maxMarkers bounds how many characters with a meaning are looked at, because finding their partners takes time that grows
	// with their square. A text with more is art, or an attack, and is shown as it stands.
	maxMarkers = 2000
	// maxDepth is how deep quotes, lists and emphasis may be in each other. Browsers give up at some hundreds.
	maxDepth = 24
)

// markdown reads CommonMark without what does not belong into a conversation: HTML, headings, rules, pictures, tables, references and code
// by indentation stay the characters that were typed. It is never changed once made, and may be used by many goroutines.
var markdown = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(listOpener{parser.NewListParser()}, 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(fenceOpener{parser.NewFencedCodeBlockParser()}, 700),
			util.Prioritized(quoteOpener{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(indentedParagraph{parser.NewParagraphParser()}, 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(emphasis{}, 500),
			util.Prioritized(newLinkify(), 999),
		),
		parser.WithASTTransformers(util.Prioritized(addressFinder{}, 100)),
	)),
	goldmark.WithRenderer(renderer.NewRenderer(renderer.WithNodeRenderers(
		util.Prioritized(linkRenderer{}, 100),
		util.Prioritized(blockRenderer{}, 100),
		util.Prioritized(html.NewRenderer(html.WithHardWraps()), 1000),
	))),
)

// Markdown turns what a person wrote into safe HTML: it escapes first, allows no raw HTML, and links only http, https and mailto.
// It is the only function of the program that makes template.HTML out of such text.
func Markdown(body string) template.HTML {
	if plain(body) {
		return template.HTML("<p>" + body + "</p>\n")
	}
	return readMarkdown(body)
}

// readMarkdown is Markdown for any text.
func readMarkdown(body string) template.HTML {
	var b sheet
	if source := []byte(body); readable(source) {
		doc := markdown.Parser().Parse(text.NewReader(source))
		if depth(doc) <= maxDepth && markdown.Renderer().Render(&b, source, doc) == nil {
			return template.HTML(b.String())
		}
		b.Reset()
	}
	asItStands(&b.Buffer, body)
	return template.HTML(b.String())
}

// plain tells a line in which no character has a meaning, in Markdown, in addresses or in HTML: most of what people say is such, and
// reading it is most of what a message costs. It need not find all: the reader makes the same of them.
func plain(body string) bool {
	if body == "" || strings.Contains(body, "www") {
		return false
	}
	begin, _ := utf8.DecodeRuneInString(strings.TrimLeft(body, "0123456789"))
	if !unicode.IsLetter(begin) && (begin != ' ' || body[0] == ' ') || body[len(body)-1] == ' ' { // "1." begins a list
		return false
	}
	for _, r := range body {
		switch {
		case r == ' ', r == '.', r == ',', r == '?', r == '!', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsSymbol(r)) && r != utf8.RuneError:
		default:
			return false
		}
	}
	return true
}

// sheet is what goldmark writes on. To any other writer it writes through a buffer of its own, of 4 KiB for each message.
type sheet struct{ bytes.Buffer }

func (s *sheet) Buffered() int { return s.Len() }

func (*sheet) Flush() error { return nil }

// readable tells texts whose reading takes no more time than their writing deserves.
func readable(source []byte) bool {
	if len(source) > maxMarkdown {
		return false
	}
	markers := 0
	for _, c := range source {
		switch c {
		case '*', '_', '[', ']', '`', '<', '>', '!', '&', '\\':
			markers++
		}
	}
	return markers <= maxMarkers
}

// depth is how deep the deepest node of a text is.
func depth(doc ast.Node) int {
	deepest, now := 0, 0
	// The visitor returns no error, so there is none.
	_ = ast.Walk(doc, func(_ ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			now++
			deepest = max(deepest, now)
		} else {
			now--
		}
		return ast.WalkContinue, nil
	})
	return deepest
}

// asItStands writes a text without reading anything into it: paragraphs of lines.
func asItStands(b *bytes.Buffer, body string) {
	b.WriteString("<p>")
	for i, line := range strings.Split(strings.TrimSpace(body), "\n") {
		if i > 0 {
			b.WriteString("<br>\n")
		}
		template.HTMLEscape(b, []byte(strings.TrimRight(line, "\r")))
	}
	b.WriteString("</p>\n")
}
