package views

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// webAddress is an address as it begins in running text, in any case.
//
// Letters of other scripts belong to a path where they begin a part of it (/wiki/한국), not behind ASCII: "/menu에서" ends with the menu, and
// "https://example.com에서" with the name. Names of one word count when a port or a path follows: a machine of one's own.
var webAddress = regexp.MustCompile(`^(?i:https?)://(?:(?:` + dottedName + `|\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?(?:[/?#]` + restOfPath + `)?` +
	`|[-a-zA-Z0-9_]{1,63}(?::\d{1,5}(?:[/?#]` + restOfPath + `)?|/` + restOfPath + `))`)

const (
	dottedName = `(?:[-_\p{L}\p{M}\p{N}]{1,63}\.){1,8}(?:[a-zA-Z]{2,63}|한국)`
	// letters of other scripts, runs of them behind what divides a path, or any character of an address
	restOfPath = foreign + `*(?:[-/?#=&_+~:.(,]` + foreign + `+|[-a-zA-Z0-9@:%_+.~#$!?&/=(),;'*])*`
	foreign    = `[^\x00-\x7F\pP\pS\pZ\pC]`
)

// newLinkify finds addresses behind a space or a mark of emphasis, before that mark is taken for one inside of the address.
func newLinkify() parser.InlineParser {
	return extension.NewLinkifyParser(
		extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"}),
		extension.WithLinkifyURLRegexp(webAddress),
	)
}

// addressFinder links the addresses that begin anywhere else: behind a colon, a quotation mark or a Korean word.
type addressFinder struct{}

// Transform implements parser.ASTTransformer.
func (addressFinder) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	var texts []*ast.Text
	// The visitor returns no error, so there is none.
	_ = ast.Walk(doc, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering && (node.Kind() == ast.KindCodeSpan || node.Kind() == ast.KindLink || node.Kind() == ast.KindImage) {
			return ast.WalkSkipChildren, nil
		}
		if t, ok := node.(*ast.Text); ok && entering {
			texts = append(texts, t)
		}
		return ast.WalkContinue, nil
	})
	for _, t := range texts {
		linkAddresses(t, reader.Source())
	}
}

// linkAddresses puts links in the place of the addresses in a piece of text.
func linkAddresses(t *ast.Text, source []byte) {
	for at := t.Segment.Start; at < t.Segment.Stop; {
		found := scheme.FindIndex(source[at:t.Segment.Stop])
		if found == nil {
			return
		}
		start := at + found[0]
		at += found[1]
		before, _ := utf8.DecodeLastRune(source[t.Segment.Start:start])
		address := endOfSentence(string(webAddress.Find(source[start:t.Segment.Stop])))
		if address == "" || before < unicode.MaxASCII && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
			continue
		}
		stop := start + len(address)
		link := ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(start, stop)))
		parent := t.Parent()
		parent.InsertBefore(parent, t, ast.NewTextSegment(text.NewSegment(t.Segment.Start, start)))
		parent.InsertBefore(parent, t, link)
		t.Segment = text.NewSegment(stop, t.Segment.Stop) // keeps the line break behind it
		at = stop
	}
}

// scheme is where an address may begin.
var scheme = regexp.MustCompile(`(?i:https?)://`)

// endOfSentence takes off what ends the sentence rather than the address: punctuation, and a bracket that was opened before it.
func endOfSentence(address string) string {
	for {
		trimmed := strings.TrimRight(address, ".,:;!?'*_~(")
		if strings.HasSuffix(trimmed, ")") && strings.Count(trimmed, ")") > strings.Count(trimmed, "(") {
			trimmed = strings.TrimSuffix(trimmed, ")")
		}
		if trimmed == address {
			return address
		}
		address = trimmed
	}
}
