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
	visits        int64  // how many times the decoder visits each pixel
	exif          []byte // EXIF data, a TIFF file; nil when there is none
	cut           bool   // a JPEG's end is missing
}

// readMetadata walks through the chunks of a file. It returns ErrFormat for other formats than
// JPEG, PNG, WebP and GIF.
func readMetadata(content []byte, format string, model color.Model) (metadata, error) {
	switch format {
	case "jpeg":
		facts := readJPEG(content)
		return metadata{facts.bytesPerPixel(model), int64(len(facts.scans)), facts.exif, facts.cut}, nil
	case "png": // twice the picture, because interlaced ones are put together from smaller ones
		if model == color.RGBA64Model || model == color.NRGBA64Model {
			return metadata{bytesPerPixel: 16, visits: 1, exif: pngEXIF(content)}, nil
		}
		return metadata{bytesPerPixel: 8, visits: 1, exif: pngEXIF(content)}, nil
	case "webp": // the transparency is a picture of its own
		return metadata{bytesPerPixel: 8, visits: 1, exif: webpEXIF(content)}, nil
	case "gif":
		return metadata{bytesPerPixel: 1, visits: 1}, nil
	default: // a format that another package of the program has registered with package image
		return metadata{}, fmt.Errorf("%w: %s", ErrFormat, format)
	}
}

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	markerSOF0 = 0xc0 // start of a picture: baseline, extended, or progressive
	markerSOF1 = 0xc1
	markerSOF2 = 0xc2
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
	header      []byte // the content of the picture's header: precision, height, width, components
	scans       []int  // where the scans begin
	cut         bool   // the end is missing
	exif        []byte
}

// readJPEG goes from marker to marker. It stops at the first malformed segment, which the decoder
// will report.
func readJPEG(content []byte) jpegFacts {
	var facts jpegFacts
	for rest := content; ; {
		var marker byte
		if marker, rest = nextMarker(rest); marker == 0 || marker == markerEOI {
			facts.cut = marker == 0
			return facts
		}
		if marker >= markerRST0 && marker <= markerRST7 || marker == 0xd8 {
			continue
		}
		if len(rest) < 2 {
			facts.cut = true
			return facts
		}
		length := int(binary.BigEndian.Uint16(rest))
		if length < 2 || length > len(rest) {
			facts.cut = length > len(rest)
			return facts
		}
		if marker == markerSOS {
			facts.scans = append(facts.scans, len(content)-len(rest)-2)
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
	case markerSOF0, markerSOF1, markerSOF2:
		f.progressive, f.header = marker == markerSOF2, segment
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
	for name, chunk := range pngChunks(content) {
		if name == "eXIf" {
			return chunk[8 : len(chunk)-4]
		}
	}
	return nil
}

// webpEXIF returns the EXIF chunk of a WebP (RFC 9649, section 2.7.1.5), nil without one. Some
// programs write the prefix of JPEG before it, which is cut off.
func webpEXIF(content []byte) []byte {
	for name, data := range riffChunks(content[min(riffHeader, len(content)):]) {
		if name == "EXIF" {
			return bytes.TrimPrefix(data, exifPrefix)
		}
	}
	return nil
}
