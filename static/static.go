// Package static serves the files that browsers fetch, under names that change with their content:
// the style sheet, the scripts and the icon. They are embedded, and need no build.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed css/*.css js/*.js *.js *.svg *.txt
var embedded embed.FS

// prefix is the address under which Handler is mounted.
const prefix = "/static/"

// mediaTypes holds the Content-Type of each kind of file that is served, by extension.
var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

// asset is one file, ready to be sent.
type asset struct {
	mediaType string
	plain     []byte
	gzipped   []byte // nil when it would not be smaller
}

// assets are all files that are served. They do not change once they are loaded.
type assets struct {
	addresses map[string]string   // by name: "app.css" → "/static/app.3f9a….css"
	byAddress map[string]asset    // by address
	imports   map[string][]string // by name of a module: the addresses of all that it imports, directly or not
	build     string              // a hash of all addresses
}

// embeddedAssets loads the embedded files once. It panics when they do not fit together, which a
// test rules out.
var embeddedAssets = sync.OnceValue(func() *assets {
	a, err := load(embedded)
	if err != nil {
		panic(err)
	}
	return a
})

// load reads, joins, links, hashes and compresses the files of a folder. It fails when a style
// sheet is not in the list of sheets, and when a module imports what is not there.
func load(folder fs.FS) (*assets, error) {
	sources, err := read(folder)
	if err != nil {
		return nil, err
	}
	if sources, err = joinSheets(sources); err != nil {
		return nil, err
	}
	l := newLinker(sources)
	a := &assets{addresses: map[string]string{}, byAddress: map[string]asset{}, imports: map[string][]string{}}
	for name := range sources {
		m, err := l.link(name)
		if err != nil {
			return nil, fmt.Errorf("static: %w", err)
		}
		a.addresses[name] = m.address
		a.byAddress[m.address] = asset{mediaTypes[path.Ext(name)], m.content, compress(m.content)}
		for _, imported := range m.imports {
			a.imports[name] = append(a.imports[name], l.linked[imported].address)
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(maps.Keys(a.byAddress)), "\n")))
	a.build = hex.EncodeToString(sum[:6])
	return a, nil
}

// read returns the content of all files of a folder whose media type is known, by path.
func read(folder fs.FS) (map[string][]byte, error) {
	sources := map[string][]byte{}
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || mediaTypes[path.Ext(name)] == "" {
			return err
		}
		sources[name], err = fs.ReadFile(folder, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("static: read files: %w", err)
	}
	return sources, nil
}

// Path returns the address of a file, with a hash of its content in it: "app.css" →
// "/static/app.3f9a….css". It panics for names of which there is no file.
func Path(name string) string {
	address, ok := embeddedAssets().addresses[name]
	if !ok {
		panic(fmt.Sprintf("static: no file %q", name))
	}
	return address
}

// Build returns a short name for all files as they are in this build of the program: when one of
// them changes, so does the name.
func Build() string { return embeddedAssets().build }

// Imports returns the addresses of all modules that a module imports, directly or not, each after
// those that it imports itself. The caller owns the slice.
func Imports(name string) []string { return slices.Clone(embeddedAssets().imports[name]) }

// Handler serves all files below /static/. Browsers may keep them for ever: another content has
// another address.
func Handler() http.Handler {
	a := embeddedAssets()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := a.byAddress[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		file.serve(w, r)
	})
}

// serve answers GET and HEAD with the file, compressed for clients that accept it.
func (f asset) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.mediaType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	content := f.plain
	if f.gzipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			content = f.gzipped
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(content) // a browser that has gone away needs no answer
	}
}

// acceptsGzip reports whether an Accept-Encoding header (RFC 9110, section 12.5.3) names gzip, and
// not with a weight of zero.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		weight, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !found {
			return true
		}
		q, err := strconv.ParseFloat(weight, 64)
		return err == nil && q > 0
	}
	return false
}
