// Package static holds the files that browsers fetch, under names that change with their content.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.css *.js *.svg *.txt
var embedded embed.FS

// prefix is where Handler is mounted.
const prefix = "/static/"

// types are the kinds of files that are served.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

// file is one embedded file, ready to be sent.
type file struct {
	mediaType string
	plain     []byte
	gzipped   []byte // nil when it would not be smaller
}

// folder is everything there is to serve.
type folder struct {
	paths map[string]string // name → address
	files map[string]file   // address → file
}

// contents is a pure function of the embedded files, worked out once.
var contents = sync.OnceValue(load)

// load reads, hashes and compresses every file. It panics when an embedded file cannot be read, which the compiler rules out.
func load() folder {
	entries, err := embedded.ReadDir(".")
	if err != nil {
		panic(err)
	}
	f := folder{paths: map[string]string{}, files: map[string]file{}}
	for _, entry := range entries {
		mediaType, ok := types[path.Ext(entry.Name())]
		if !ok {
			continue
		}
		plain, err := embedded.ReadFile(entry.Name())
		if err != nil {
			panic(err)
		}
		address := prefix + hashedName(entry.Name(), plain)
		f.paths[entry.Name()] = address
		f.files[address] = file{mediaType: mediaType, plain: plain, gzipped: compress(plain)}
	}
	return f
}

// hashedName puts a part of the content's hash before the extension: "app.css" → "app.3f9a….css".
func hashedName(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:8]) + ext
}

func compress(plain []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	if _, err := w.Write(plain); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	if b.Len() >= len(plain) {
		return nil
	}
	return b.Bytes()
}

// Path returns the address of a file with its content's hash in it: "app.css" → "/static/app.3f9a….css". It panics for unknown names.
func Path(name string) string {
	address, ok := contents().paths[name]
	if !ok {
		panic(fmt.Sprintf("static: no file %q", name))
	}
	return address
}

// Handler serves /static/…, for ever cacheable.
func Handler() http.Handler {
	f := contents()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := f.files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		file.serve(w, r)
	})
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
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

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3): gzip must be named, and not with a weight of zero.
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
