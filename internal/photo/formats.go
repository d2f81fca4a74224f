package photo

import (
	"bytes"
	"encoding/binary"
	"image"
	"iter"
	"math"
	"slices"
)

// pngSignature begins every PNG.
const pngSignature = "\x89PNG\r\n\x1a\n"

// riffHeader is the length of what precedes the chunks of a WebP: "RIFF", a length, "WEBP".
const riffHeader = 12

// still returns the picture in a file as the decoders read it, and its frame.
//
//   - PNG: without the chunks that no picture needs, because the decoder refuses a file when any
//     checksum is wrong, and with an end.
//   - WebP: the first picture of an animation, or the only one.
//   - Other formats: content as it is.
func still(content []byte) ([]byte, frame) {
	switch {
	case bytes.HasPrefix(content, []byte(pngSignature)):
		return essentialPNG(content), frame{}
	case len(content) > riffHeader && string(content[:4]) == "RIFF" && string(content[8:riffHeader]) == "WEBP":
		return stillWebP(content)
	default:
		return content, frame{}
	}
}

// frame is the place of an animation's first picture on its canvas, in pixels. The canvas is empty
// for what is no animation. The offset is empty for a GIF, which is decoded to its place.
type frame struct {
	canvas image.Point
	offset image.Point
}

// seen returns what a viewer sees of a decoded picture, in its coordinates: the canvas, or all of
// the picture.
func (f frame) seen(picture image.Rectangle) image.Rectangle {
	if f.canvas == (image.Point{}) {
		return picture
	}
	return image.Rectangle{Max: f.canvas}.Sub(f.offset)
}

// essentialPNG returns a PNG with its critical chunks and its transparency only.
func essentialPNG(content []byte) []byte {
	kept := append(make([]byte, 0, len(content)), pngSignature...)
	for name, chunk := range pngChunks(content) {
		if slices.Contains([]string{"IHDR", "PLTE", "tRNS", "IDAT"}, name) {
			kept = append(kept, chunk...)
		}
	}
	return append(kept, "\x00\x00\x00\x00IEND\xae\x42\x60\x82"...)
}

// pngChunks yields the name of each chunk, and the chunk with its length, name and checksum, each
// of four bytes (W3C PNG third edition, section 5.3). It ends at the end of the picture or at a
// chunk that is cut short.
func pngChunks(content []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		const around = 12
		for rest := content[min(len(pngSignature), len(content)):]; len(rest) >= around; {
			length := uint64(binary.BigEndian.Uint32(rest)) + around
			name := string(rest[4:8])
			if length > uint64(len(rest)) || name == "IEND" || !yield(name, rest[:length]) {
				return
			}
			rest = rest[length:]
		}
	}
}

// riffChunks yields the name and the data of each chunk of a WebP or of a frame in it (RFC 9649,
// section 2.3). It ends at a chunk that is cut short.
func riffChunks(content []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for rest := content; len(rest) >= 8; {
			name, length := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
			if rest = rest[8:]; length > uint64(len(rest)) || !yield(name, rest[:length]) {
				return
			}
			rest = rest[min(length+length%2, uint64(len(rest))):]
		}
	}
}

// stillWebP returns a WebP of the first picture in a WebP, without metadata, and the picture's
// frame.
func stillWebP(content []byte) ([]byte, frame) {
	var size []byte // of the picture: width - 1 and height - 1, of three bytes each
	for name, data := range riffChunks(content[riffHeader:]) {
		switch {
		case name == "VP8X" && len(data) >= 10:
			size = data[4:10]
		case name == "ANMF" && len(data) >= 16:
			f := frame{canvas: image.Pt(uint24(size)+1, uint24(size[min(3, len(size)):])+1)}
			f.offset = image.Pt(2*uint24(data), 2*uint24(data[3:]))
			return webpOf(data[6:12], riffChunks(data[16:])), f
		}
	}
	return webpOf(size, riffChunks(content[riffHeader:])), frame{}
}

// uint24 returns the number in the first three bytes of b; 0 when there are fewer.
func uint24(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	return int(b[0]) | int(b[1])<<8 | int(b[2])<<16
}

// webpOf returns a WebP with the picture among some chunks, and with its transparency. size is as
// in the chunks VP8X and ANMF, nil when the file has neither.
func webpOf(size []byte, chunks iter.Seq2[string, []byte]) []byte {
	var alpha []byte
	for name, data := range chunks {
		switch {
		case name == "ALPH" && alpha == nil && size != nil:
			alpha = data
		case name == "VP8 " && alpha != nil:
			const hasAlpha = 1 << 4
			return riff(chunk{"VP8X", append([]byte{hasAlpha, 0, 0, 0}, size...)}, chunk{"ALPH", alpha}, chunk{name, data})
		case name == "VP8 ", name == "VP8L":
			return riff(chunk{name, data})
		}
	}
	return riff(chunk{"VP8 ", nil}) // which the decoder refuses
}

// chunk is a named part of a WebP.
type chunk struct {
	name string
	data []byte
}

// riff returns a WebP of chunks.
func riff(chunks ...chunk) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WEBP")
	for _, c := range chunks {
		b = binary.LittleEndian.AppendUint32(append(b, c.name...), uint32(len(c.data)))
		b = append(b, c.data...)
		b = append(b, make([]byte, len(c.data)%2)...)
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

// widen brings the colours of a lossy WebP to the range that package image expects: WebP stores
// brightness as 16 to 235 and colour as 16 to 240 (RFC 6386, section 9.2), JPEG both as 0 to 255.
func widen(m image.Image) {
	var picture *image.YCbCr
	switch m := m.(type) {
	case *image.YCbCr:
		picture = m
	case *image.NYCbCrA:
		picture = &m.YCbCr
	default: // a lossless one has red, green and blue
		return
	}
	rescale(picture.Y, 16, 219, 0)
	rescale(picture.Cb, 128, 224, 128)
	rescale(picture.Cr, 128, 224, 128)
}

// rescale maps the values of a plane: from becomes to, and a span of values becomes 255.
func rescale(plane []byte, from, span, to float64) {
	var table [256]byte
	for v := range table {
		table[v] = byte(min(max(math.Round((float64(v)-from)*255/span+to), 0), 255))
	}
	for i, v := range plane {
		plane[i] = table[v]
	}
}
