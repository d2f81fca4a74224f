// Package views turns what is stored into HTML and lines of text: pages and partials, the languages, and the one function that makes
// safe HTML out of what people wrote.
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

// Locale is for whom something is rendered.
type Locale struct {
	Language string // "ko" or "en"
	Zone     *time.Location
}

// Renderer holds the parsed templates and the caches of rendered messages and entries of lists of rooms. Its methods may be called by many goroutines.
type Renderer struct {
	sets        map[string]*template.Template // by language
	unreadLines map[string]template.HTML      // by language
	nonce       string
	buffers     sync.Pool // of *bytes.Buffer

	fragments *lru.Cache[fragmentKey, template.HTML] // messages
	entries   *lru.Cache[entryKey, template.HTML]    // of lists of rooms
}

// New parses all templates in all languages. nonce allows style elements inside live logs, which are shared by their readers.
// A template that cannot be made safe and a text that is missing are errors here, not when somebody opens the page.
func New(nonce string) (*Renderer, error) {
	r := &Renderer{
		sets: map[string]*template.Template{}, unreadLines: map[string]template.HTML{}, nonce: nonce,
		fragments: lru.New[fragmentKey, template.HTML](fragmentBytes),
		entries:   lru.New[entryKey, template.HTML](entryBytes),
	}
	r.buffers.New = func() any { return new(bytes.Buffer) }
	for _, language := range Languages {
		set, err := parseSet(language)
		if err != nil {
			return nil, err
		}
		r.sets[language] = set
		var line strings.Builder
		if err := r.Render(&line, "messages/_unread", language, nil); err != nil {
			return nil, err
		}
		r.unreadLines[language] = template.HTML(line.String()) // a template's own output
	}
	return r, nil
}

// document is what the layout frames.
type document struct {
	Page
	Name    string // of the template, for the style sheet: "rooms-show"
	Content template.HTML
}

// page lets Render find what every page has, also where a page's own fields shadow some of it.
func (p Page) page() Page { return p }

// Render executes the template name ("rooms/show", "rooms/_rooms") in a language. A name without underscore is put into the layout
// when its data embeds Page, all but the two parts of the live log. w gets nothing when the page itself fails.
func (r *Renderer) Render(w io.Writer, name, language string, data any) error {
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
	// A template's own output, escaped already: not text by people.
	return set.ExecuteTemplate(w, "layout", document{
		Page: framed.page(), Name: strings.ReplaceAll(name, "/", "-"), Content: template.HTML(content.String()),
	})
}

// isPartial tells templates that are no pages: partials, and the two parts of a document that is written over time.
func isPartial(name string) bool {
	return strings.HasPrefix(name[strings.LastIndexByte(name, '/')+1:], "_") || strings.HasPrefix(name, "rooms/live-")
}
