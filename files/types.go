package files

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is how browsers show a file.
type Kind string

const (
	KindPicture Kind = "picture"
	KindVideo   Kind = "video"
	KindSound   Kind = "sound"
	KindPDF     Kind = "pdf"
	KindText    Kind = "text"
	KindOther   Kind = "other" // as a download
)

const (
	typeText  = "text/plain; charset=utf-8"
	typeOther = "application/octet-stream"
)

// kinds are the media types that browsers show here. None of them can run scripts: neither HTML nor
// SVG is among them, whatever a file calls itself.
var kinds = map[string]Kind{
	"image/jpeg": KindPicture, "image/png": KindPicture, "image/gif": KindPicture, "image/webp": KindPicture,
	"video/mp4": KindVideo, "video/webm": KindVideo, "video/quicktime": KindVideo,
	"audio/mpeg": KindSound, "audio/wave": KindSound, "audio/ogg": KindSound, "audio/aac": KindSound, "audio/flac": KindSound, "audio/mp4": KindSound,
	"application/pdf": KindPDF, typeText: KindText,
}

// KindOf returns how browsers show files of a media type that Receive has found.
func KindOf(mediaType string) Kind {
	if kind, known := kinds[mediaType]; known {
		return kind
	}
	return KindOther
}

// sniffed is how many bytes of a content tell what it is.
const sniffed = 512

// typeOf returns the media type of a content that begins with some bytes and has a name. The name
// tells text from what is not, and sounds among what looks like a video; nothing else.
func typeOf(head []byte, whole bool, name string) string {
	found := http.DetectContentType(head)
	extension := strings.ToLower(filepath.Ext(name))
	switch {
	case found == "video/mp4" || isISOMedia(head):
		return isoType(head, extension)
	case found == "application/ogg":
		return "audio/ogg"
	case bytes.HasPrefix(head, []byte("fLaC")):
		return "audio/flac"
	case found == "audio/mpeg" || extension == ".mp3" && isMPEGFrame(head):
		return "audio/mpeg"
	case kinds[found] != "":
		return found
	case isText(head, whole):
		return typeText
	}
	if strings.HasPrefix(found, "application/") {
		return found // such as application/zip; browsers save it
	}
	return typeOther
}

// isISOMedia reports whether a content is of the family of MP4 (ISO/IEC 14496-12, section 4.3).
func isISOMedia(head []byte) bool { return len(head) >= 12 && string(head[4:8]) == "ftyp" }

func isoType(head []byte, extension string) string {
	switch brand := string(head[8:12]); {
	case brand == "M4A " || brand == "M4B " || extension == ".m4a":
		return "audio/mp4"
	case brand == "heic" || brand == "heix" || brand == "mif1":
		return "image/heic" // most browsers do not show it
	case brand == "avif" || brand == "avis":
		return "image/avif"
	case brand == "qt  ":
		return "video/quicktime"
	}
	return "video/mp4"
}

// isMPEGFrame reports whether a content begins with a frame of MPEG sound.
func isMPEGFrame(head []byte) bool { return len(head) > 2 && head[0] == 0xff && head[1]&0xe0 == 0xe0 }

// isText reports whether a content is text in UTF-8, as far as its beginning tells.
func isText(head []byte, whole bool) bool {
	if len(head) == 0 {
		return false
	}
	for cut := 0; !whole && cut < utf8.UTFMax && !utf8.Valid(head) && len(head) > 0; cut++ {
		head = head[:len(head)-1] // a character may go on behind the beginning
	}
	return utf8.Valid(head) && bytes.IndexFunc(head, isControl) < 0
}

func isControl(r rune) bool {
	return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' && r != 0x1b
}

const (
	previewLines      = 4
	previewCharacters = 200
)

// preview returns the first lines of a text that begins with some bytes.
func preview(head []byte) string {
	text := strings.TrimPrefix(strings.ToValidUTF8(string(head), ""), "\ufeff")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, text)
	lines := strings.SplitN(text, "\n", previewLines+1)
	text = strings.Join(lines[:min(previewLines, len(lines))], "\n")
	if runes := []rune(text); len(runes) > previewCharacters {
		text = string(runes[:previewCharacters])
	}
	return strings.TrimRight(text, " \t\n")
}
