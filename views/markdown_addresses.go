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

// webAddress matches an http or https address at the beginning of a text.
//
// Letters of other scripts belong to a path where they begin a part of it (/wiki/한국), not after
// ASCII: in "/menu에서" the address ends after menu, in "https://example.com에서" after com. A host
// name without a dot counts when a port or a path follows: it is a machine in one's own network.
var webAddress = regexp.MustCompile(`^(?i:https?)://(?:(?:` + dottedName + `|\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?(?:[/?#]` + restOfPath + `)?` +
	`|[-a-zA-Z0-9_]{1,63}(?::\d{1,5}(?:[/?#]` + restOfPath + `)?|/` + restOfPath + `))`)

const (
	dottedName = `(?:[-_\p{L}\p{M}\p{N}]{1,63}\.){1,8}(?:[a-zA-Z]{2,63}|한국)`
	// Letters of other scripts; runs of them after a delimiter of the path; ASCII characters of
	// addresses.
	restOfPath = foreign + `*(?:[-/?#=&_+~:.(,]` + foreign + `+|[-a-zA-Z0-9@:%_+.~#$!?&/=(),;'*])*`
	foreign    = `[^\x00-\x7F\pP\pS\pZ\pC]`
)

// newLinkify returns a parser for addresses after a space or a mark of emphasis. It runs before
// marks inside of the address could be taken for emphasis.
func newLinkify() parser.InlineParser {
	return extension.NewLinkifyParser(
		extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"}),
		extension.WithLinkifyURLRegexp(webAddress),
	)
}

// addressFinder links the addresses that begin anywhere else: after a colon, a quotation mark or a
// Korean word.
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

// linkAddresses replaces the addresses in a text node by links.
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

// scheme matches the beginning of an address.
var scheme = regexp.MustCompile(`(?i:https?)://`)

// endOfSentence returns an address without what ends the sentence around it: punctuation, and a
// bracket that was opened before the address.
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
