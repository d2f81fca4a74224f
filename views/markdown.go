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
	// maxMarkdown is how many bytes are parsed as Markdown: 10,000 characters of any script. A
	// longer text is shown as typed.
	maxMarkdown = 40_000
	// maxMarkers is how many characters with a meaning in Markdown a text may have to be parsed:
	// pairing them takes time that grows with their square. A text with more is art, or an attack,
	// and is shown as typed.
	maxMarkers = 2000
	// maxDepth is how deep quotes, lists and emphasis may be nested. Browsers give up at some
	// hundreds.
	maxDepth = 24
)

// markdown parses and renders CommonMark without what does not belong into a conversation: HTML,
// headings, rules, pictures, tables, references and indented code stay the characters that were
// typed. It is never changed, and may be used by many goroutines.
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

// Markdown returns what a person wrote as safe HTML, block elements such as <p>. It escapes first,
// allows no raw HTML, and links only http, https and mailto. No other function of the program makes
// template.HTML out of people's text.
func Markdown(body string) template.HTML {
	if plain(body) {
		return template.HTML("<p>" + body + "</p>\n")
	}
	return parseMarkdown(body)
}

// parseMarkdown is Markdown without the fast path for plain lines.
func parseMarkdown(body string) template.HTML {
	var b bufWriter
	if source := []byte(body); withinLimits(source) {
		doc := markdown.Parser().Parse(text.NewReader(source))
		if depth(doc) <= maxDepth && markdown.Renderer().Render(&b, source, doc) == nil {
			return template.HTML(b.String())
		}
		b.Reset()
	}
	plainHTML(&b.Buffer, body)
	return template.HTML(b.String())
}

// plain reports whether body is one line without any character that means something in Markdown, in
// addresses or in HTML. Most messages are such lines, and parsing is most of what a message costs.
// False negatives do no harm: the parser returns the same HTML.
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

// bufWriter is goldmark's util.BufWriter. To any other writer goldmark writes through a buffer of
// its own, which costs 4 KiB for each message.
type bufWriter struct{ bytes.Buffer }

// Buffered implements util.BufWriter.
func (w *bufWriter) Buffered() int { return w.Len() }

// Flush implements util.BufWriter.
func (*bufWriter) Flush() error { return nil }

// withinLimits reports whether a text is short and simple enough to be parsed.
func withinLimits(source []byte) bool {
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

// depth returns how deep the deepest node of a document is.
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

// plainHTML writes a text as one paragraph of lines, escaped, without parsing it.
func plainHTML(b *bytes.Buffer, body string) {
	b.WriteString("<p>")
	for i, line := range strings.Split(strings.TrimSpace(body), "\n") {
		if i > 0 {
			b.WriteString("<br>\n")
		}
		template.HTMLEscape(b, []byte(strings.TrimRight(line, "\r")))
	}
	b.WriteString("</p>\n")
}
