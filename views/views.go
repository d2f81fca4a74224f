// Package views renders what is stored as HTML and lines of text: pages and partials in several
// languages, and in one function what people wrote as safe HTML.
package views

import (
	"bytes"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"

	"sarangbang/internal/lru"
)

// Locale is the language and the time zone that something is rendered for.
type Locale struct {
	Language string // "ko" or "en"
	Zone     *time.Location
}

// Renderer holds the parsed templates, and caches rendered messages and entries of lists of rooms
// by all that they depend on. Its methods may be called by many goroutines.
type Renderer struct {
	sets    map[string]*template.Template // by language
	nonce   string                        // of style elements in live logs
	base    string                        // the path of the service on its host; empty at the root
	buffers sync.Pool                     // of *bytes.Buffer

	fragments *lru.Cache[fragmentKey, template.HTML] // messages
	entries   *lru.Cache[entryKey, template.HTML]    // of lists of rooms
}

// New returns a renderer with all templates, parsed in all languages. nonce is that of the style
// elements in live logs, which all readers share; base is the path under which the service lies on
// its host, such as /chat, or empty. It fails for a template that cannot be escaped and for a
// missing text, so that no page does.
func New(nonce, base string) (*Renderer, error) {
	r := &Renderer{
		sets: map[string]*template.Template{}, nonce: nonce, base: base,
		fragments: lru.New[fragmentKey, template.HTML](fragmentBytes),
		entries:   lru.New[entryKey, template.HTML](entryBytes),
	}
	r.buffers.New = func() any { return new(bytes.Buffer) }
	for _, language := range Languages {
		set, err := parseSet(language, base)
		if err != nil {
			return nil, err
		}
		r.sets[language] = set
	}
	return r, nil
}

// document is the data of the layout.
type document struct {
	Page
	Name    string // of the template, for the style sheet: "rooms-show"
	Content template.HTML
}

// page returns the data that every page has, also where fields of a page hide some of it.
func (p Page) page() Page { return p }

// inPlaceLayout is the template of a page that takes the place of another one.
const inPlaceLayout = "_in-place"

// Render executes a template ("rooms/show", "rooms/_rooms") in a language, or in the first one when
// that is unknown. Data that embeds Page is put into the layout, except for partials, whose names
// begin with an underscore, and the two parts of the live log. Nothing is written to w when the
// content of a page fails.
func (r *Renderer) Render(w io.Writer, name, language string, data any) error {
	return r.render(w, "layout", name, language, data)
}

// RenderInPlace is Render, but writes of a page only what takes the place of the page before it
// (static/js/navigate.js): the title and the main part, without the list of rooms
// and what stands in noscript elements.
func (r *Renderer) RenderInPlace(w io.Writer, name, language string, data any) error {
	return r.render(w, inPlaceLayout, name, language, data)
}

func (r *Renderer) render(w io.Writer, layout, name, language string, data any) error {
	set, ok := r.sets[language]
	if !ok {
		set = r.sets[Languages[0]]
	}
	framed, ok := data.(interface{ page() Page })
	if !ok || isPartial(name) {
		return set.ExecuteTemplate(w, name, data)
	}
	content := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(content)
	content.Reset()
	if err := set.ExecuteTemplate(content, name, data); err != nil {
		return err
	}
	html := content.String()
	if layout == inPlaceLayout {
		html = withoutNoscript(html)
	}
	// A template's own output, escaped already: not text by people.
	return set.ExecuteTemplate(w, layout, document{
		Page: framed.page(), Name: strings.ReplaceAll(name, "/", "-"), Content: template.HTML(html),
	})
}

// withoutNoscript returns a template's output without its noscript elements. A script that puts
// them into a page would make their content part of it.
func withoutNoscript(html string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(html, "<noscript>")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, html, _ = strings.Cut(rest, "</noscript>")
	}
}

// isPartial reports whether a template is not put into the layout: a partial, or a part of the live
// log, which is written over time.
func isPartial(name string) bool {
	return strings.HasPrefix(name[strings.LastIndexByte(name, '/')+1:], "_") || strings.HasPrefix(name, "rooms/live-")
}
