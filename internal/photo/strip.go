package photo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
)

// Strip returns a JPEG, PNG, GIF or WebP without what it tells beside the picture: where, when and
// with what it was taken, comments, smaller pictures of it, and whatever follows its end. What the
// picture looks like stays as it is: its pixels are not encoded anew, and colour profile,
// orientation and animation stay. Errors: ErrFormat, ErrDamaged.
func Strip(content []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xd8")):
		return stripJPEG(content)
	case bytes.HasPrefix(content, []byte(pngSignature)):
		return stripPNG(content)
	case bytes.HasPrefix(content, []byte("GIF8")):
		return stripGIF(content)
	case len(content) > riffHeader && string(content[:4]) == "RIFF" && string(content[8:riffHeader]) == "WEBP":
		return stripWebP(content)
	}
	return nil, ErrFormat
}

// exifOf returns EXIF data that tells nothing but an orientation; nil for upright.
func exifOf(o orientation) []byte {
	if o == upright {
		return nil
	}
	b := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	return append(binary.BigEndian.AppendUint16(b, uint16(o)), 0, 0, 0, 0, 0, 0)
}

// jpegKept are the markers of application data that tell how the picture looks: APP0 the shape of
// pixels, APP2 the colour profile, APP14 what its components are.
var jpegKept = []byte{0xe0, 0xe2, 0xee}

// stripJPEG copies the segments that a picture needs, with all that follows the first scan until
// the end of the picture. A JPEG without an end gets one.
func stripJPEG(content []byte) ([]byte, error) {
	facts := readJPEG(content)
	if len(facts.scans) == 0 {
		return nil, fmt.Errorf("%w: a JPEG without a scan", ErrDamaged)
	}
	out := append(make([]byte, 0, len(content)), 0xff, 0xd8)
	if exif := exifOf(orientationOf(facts.exif)); exif != nil {
		out = appendSegment(out, markerAPP1, append(slices.Clone(exifPrefix), exif...))
	}
	for rest := content[2:]; ; {
		marker, after := nextMarker(rest)
		if marker == 0 || len(after) < 2 {
			return nil, ErrDamaged
		}
		if marker == markerSOS {
			scans := content[len(content)-len(after)-2:]
			return append(append(out, scans[:endOfJPEG(scans)]...), 0xff, markerEOI), nil
		}
		length := int(binary.BigEndian.Uint16(after))
		if length < 2 || length > len(after) {
			return nil, ErrDamaged
		}
		if isApp := marker >= 0xe0 && marker <= 0xef || marker == 0xfe; !isApp || slices.Contains(jpegKept, marker) && !isOtherData(marker, after[2:length]) {
			out = appendSegment(out, marker, after[2:length])
		}
		rest = after[length:]
	}
}

// isOtherData reports whether a kept segment holds something else than what it is kept for: APP2 is
// also used for further pictures.
func isOtherData(marker byte, data []byte) bool {
	return marker == 0xe2 && !bytes.HasPrefix(data, []byte("ICC_PROFILE\x00"))
}

func appendSegment(out []byte, marker byte, data []byte) []byte {
	out = binary.BigEndian.AppendUint16(append(out, 0xff, marker), uint16(len(data)+2))
	return append(out, data...)
}

// endOfJPEG returns where the marker of the end begins in the scans of a JPEG, or their length.
func endOfJPEG(scans []byte) int {
	for rest := scans; ; {
		marker, after := nextMarker(rest)
		if marker == 0 {
			return len(scans)
		}
		at := len(scans) - len(after) - 2
		switch {
		case marker == markerEOI:
			return at
		case marker >= markerRST0 && marker <= markerRST7:
			rest = after
		case len(after) < 2 || int(binary.BigEndian.Uint16(after)) > len(after):
			return len(scans)
		default:
			rest = after[max(2, int(binary.BigEndian.Uint16(after))):]
		}
	}
}

// pngDropped are the chunks of a PNG that tell something beside the picture.
var pngDropped = []string{"tEXt", "zTXt", "iTXt", "tIME", "eXIf", "dSIG"}

func stripPNG(content []byte) ([]byte, error) {
	out := append(make([]byte, 0, len(content)), pngSignature...)
	first := true
	for name, chunk := range pngChunks(content) {
		if !slices.Contains(pngDropped, name) {
			out = append(out, chunk...)
		}
		if exif := exifOf(orientationOf(pngEXIF(content))); first && exif != nil {
			named := append([]byte("eXIf"), exif...)
			out = append(binary.BigEndian.AppendUint32(out, uint32(len(exif))), named...)
			out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(named))
		}
		first = false
	}
	return append(out, "\x00\x00\x00\x00IEND\xae\x42\x60\x82"...), nil
}

// stripWebP copies the chunks of a WebP but EXIF and XMP, and says so in its header.
func stripWebP(content []byte) ([]byte, error) {
	const hasEXIF, hasXMP = 1 << 3, 1 << 2
	exif := exifOf(orientationOf(webpEXIF(content)))
	var chunks []chunk
	for name, data := range riffChunks(content[riffHeader:]) {
		switch {
		case name == "EXIF", name == "XMP ":
			continue
		case name == "VP8X" && len(data) >= 10:
			data = slices.Clone(data)
			data[0] &^= hasEXIF | hasXMP
			if exif != nil {
				data[0] |= hasEXIF
			}
		}
		chunks = append(chunks, chunk{name, data})
	}
	if len(chunks) > 0 && chunks[0].name == "VP8X" && exif != nil {
		chunks = append(chunks, chunk{"EXIF", exif})
	}
	return riff(chunks...), nil
}
