package views

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// schemes are those that may be linked. Others can make a browser or another program do something.
var schemes = [][]byte{[]byte("http://"), []byte("https://"), []byte("mailto:")}

// maySafelyLink reports whether an address, escaped as for the page, has one of the schemes.
func maySafelyLink(address []byte) bool {
	lower := bytes.ToLower(address[:min(len(address), len("https://"))])
	for _, scheme := range schemes {
		if bytes.HasPrefix(lower, scheme) {
			return true
		}
	}
	return false
}

// linkRenderer renders safe addresses as links and all others as text: nothing that was typed
// disappears.
type linkRenderer struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (r linkRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindLink, r.link)
	reg.Register(ast.KindImage, r.image)
	reg.Register(ast.KindAutoLink, r.autoLink)
}

func (r linkRenderer) link(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	return r.target(w, node.(*ast.Link).Destination, entering)
}

// image renders a link to a picture, not the picture: its server would learn who reads the message.
func (r linkRenderer) image(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if inLink(node) {
		return ast.WalkContinue, nil
	}
	return r.target(w, node.(*ast.Image).Destination, entering)
}

func (r linkRenderer) target(w util.BufWriter, destination []byte, entering bool) (ast.WalkStatus, error) {
	address := util.URLEscape(destination, true)
	switch safe := maySafelyLink(address); {
	case safe && entering:
		openLink(w, address)
	case safe:
		_, _ = w.WriteString("</a>")
	case !entering:
		_, _ = w.WriteString(" (")
		_, _ = w.Write(util.EscapeHTML(destination))
		_ = w.WriteByte(')')
	}
	return ast.WalkContinue, nil
}

func (r linkRenderer) autoLink(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.AutoLink)
	address := util.URLEscape(n.URL(source), false)
	if n.AutoLinkType == ast.AutoLinkEmail && !bytes.HasPrefix(bytes.ToLower(address), []byte("mailto:")) {
		address = append([]byte("mailto:"), address...)
	}
	label := util.EscapeHTML(n.Label(source))
	switch {
	case !maySafelyLink(address): // <scheme:…>, as it was typed
		_, _ = w.WriteString("&lt;")
		_, _ = w.Write(label)
		_, _ = w.WriteString("&gt;")
		return ast.WalkContinue, nil
	case inLink(node):
		_, _ = w.Write(label)
		return ast.WalkContinue, nil
	}
	openLink(w, address)
	_, _ = w.Write(label)
	_, _ = w.WriteString("</a>")
	return ast.WalkContinue, nil
}

// roomAddress matches the address of a room, in this house or in another one of the same program:
// the text is the same under every name that the house has.
var roomAddress = regexp.MustCompile(`^(?i:https?://)[^/?#]+/rooms/[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?:[?#]|$)`)

// openLink begins a link, which opens beside the conversation. A link into this house opens in its
// place, by links.js.
//
// Browsers say to the server of the page itself that a link to a room was followed from here, which
// leads to the room's preview: by Referer, since they send Fetch Metadata over HTTPS and to
// localhost alone. No other server learns anything.
func openLink(w util.BufWriter, address []byte) {
	_, _ = w.WriteString(`<a href="`)
	_, _ = w.Write(util.EscapeHTML(address))
	if roomAddress.Match(address) {
		_, _ = w.WriteString(`" rel="nofollow noopener ugc" referrerpolicy="same-origin"`)
	} else {
		_, _ = w.WriteString(`" rel="nofollow noopener noreferrer ugc"`)
	}
	if !bytes.HasPrefix(address, []byte("mailto:")) {
		_, _ = w.WriteString(` target="_blank"`)
	}
	_ = w.WriteByte('>')
}

// inLink reports whether a node is inside of a link: HTML has no links in links.
func inLink(node ast.Node) bool {
	for parent := node.Parent(); parent != nil; parent = parent.Parent() {
		switch parent.Kind() {
		case ast.KindLink, ast.KindImage:
			return true
		}
	}
	return false
}
