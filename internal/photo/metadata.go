package photo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/color"
)

// metadata is what a file tells about a picture beside its size.
type metadata struct {
	bytesPerPixel int64  // estimate of what the decoder allocates
	exif          []byte // EXIF data, a TIFF file; nil when there is none
}

// readMetadata walks through the chunks of a file. It returns ErrFormat for a JPEG with more than
// maxScans scans and for other formats than JPEG, PNG, WebP and GIF.
func readMetadata(content []byte, format string, model color.Model) (metadata, error) {
	switch format {
	case "jpeg":
		facts := readJPEG(content)
		if facts.scans > maxScans {
			return metadata{}, fmt.Errorf("%w: %d scans", ErrFormat, facts.scans)
		}
		return metadata{facts.bytesPerPixel(model), facts.exif}, nil
	case "png": // twice the picture, because interlaced ones are put together from smaller ones
		if model == color.RGBA64Model || model == color.NRGBA64Model {
			return metadata{16, pngEXIF(content)}, nil
		}
		return metadata{8, pngEXIF(content)}, nil
	case "webp": // the transparency is a picture of its own
		return metadata{8, webpEXIF(content)}, nil
	case "gif":
		return metadata{bytesPerPixel: 1}, nil
	default: // a format that another package of the program has registered with package image
		return metadata{}, fmt.Errorf("%w: %s", ErrFormat, format)
	}
}

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	markerSOF2 = 0xc2 // start of a progressive picture
	markerRST0 = 0xd0
	markerRST7 = 0xd7
	markerEOI  = 0xd9 // end of the picture
	markerSOS  = 0xda // start of a scan
	markerAPP1 = 0xe1 // EXIF, among others
)

// exifPrefix begins a JPEG segment of EXIF data; a TIFF file follows.
var exifPrefix = []byte("Exif\x00\x00")

// jpegFacts are the properties of a JPEG that decide how much it costs to decode, and its EXIF
// data.
type jpegFacts struct {
	progressive bool
	scans       int
	exif        []byte
}

// readJPEG goes from marker to marker. It stops at the first malformed segment, which the decoder
// will report.
func readJPEG(content []byte) jpegFacts {
	var facts jpegFacts
	for rest := content; ; {
		var marker byte
		if marker, rest = nextMarker(rest); marker == 0 || marker == markerEOI {
			return facts
		}
		if marker >= markerRST0 && marker <= markerRST7 || marker == 0xd8 {
			continue
		}
		if len(rest) < 2 {
			return facts
		}
		length := int(binary.BigEndian.Uint16(rest))
		if length < 2 || length > len(rest) {
			return facts
		}
		facts.add(marker, rest[2:length])
		rest = rest[length:]
	}
}

// nextMarker returns the next marker and what follows it; 0 at the end. A stuffed zero, which marks
// an 0xff as data, is no marker, nor is a fill byte.
func nextMarker(content []byte) (marker byte, rest []byte) {
	for {
		at := bytes.IndexByte(content, 0xff)
		if at < 0 || at+1 >= len(content) {
			return 0, nil
		}
		content = content[at+1:]
		if content[0] != 0 && content[0] != 0xff {
			return content[0], content[1:]
		}
	}
}

// add notes what a segment tells.
func (f *jpegFacts) add(marker byte, segment []byte) {
	switch marker {
	case markerSOF2:
		f.progressive = true
	case markerSOS:
		f.scans++
	case markerAPP1:
		if tiff, found := bytes.CutPrefix(segment, exifPrefix); found && f.exif == nil {
			f.exif = tiff
		}
	}
}

// bytesPerPixel estimates what image/jpeg allocates: three components, or four, which it then
// combines; for a progressive picture also each coefficient as an int32.
func (f *jpegFacts) bytesPerPixel(model color.Model) int64 {
	switch {
	case model == color.CMYKModel && f.progressive:
		return 24
	case f.progressive:
		return 16
	case model == color.CMYKModel:
		return 8
	default:
		return 4
	}
}

// pngEXIF returns the eXIf chunk of a PNG (W3C PNG third edition, section 11.3.4.5), nil without
// one.
func pngEXIF(content []byte) []byte {
	const signature, around = 8, 4 // a chunk is its length, its name, its data, and a checksum of four bytes
	for rest := content[min(signature, len(content)):]; len(rest) >= 8; {
		name, length := string(rest[4:8]), uint64(binary.BigEndian.Uint32(rest))
		if rest = rest[8:]; length > uint64(len(rest)) {
			return nil
		}
		if name == "eXIf" {
			return rest[:length]
		}
		rest = rest[min(length+around, uint64(len(rest))):]
	}
	return nil
}

// webpEXIF returns the EXIF chunk of a WebP (RFC 9649, section 2.7.1.5), nil without one. Some
// programs write the prefix of JPEG before it, which is cut off.
func webpEXIF(content []byte) []byte {
	const header = 12 // "RIFF", length, "WEBP"
	for rest := content[min(header, len(content)):]; len(rest) >= 8; {
		name, length := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		if rest = rest[8:]; length > uint64(len(rest)) {
			return nil
		}
		if name == "EXIF" {
			return bytes.TrimPrefix(rest[:length], exifPrefix)
		}
		rest = rest[min(length+length%2, uint64(len(rest))):]
	}
	return nil
}
