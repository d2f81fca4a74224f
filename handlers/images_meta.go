package handlers

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
)

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	markerSOF2 = 0xc2 // start of a progressive picture
	markerRST0 = 0xd0
	markerRST7 = 0xd7
	markerEOI  = 0xd9 // end of the picture
	markerSOS  = 0xda // start of a scan
	markerAPP1 = 0xe1 // EXIF, among others
)

// exifPrefix begins a segment of EXIF data; TIFF follows.
var exifPrefix = []byte("Exif\x00\x00")

// jpegFacts are what decides how much a JPEG costs to decode, and its EXIF data as TIFF.
type jpegFacts struct {
	progressive bool
	scans       int
	exif        []byte
}

// readJPEG goes from marker to marker. It stops at the first thing it cannot make sense of; the decoder will say more about that.
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
		facts.see(marker, rest[2:length])
		rest = rest[length:]
	}
}

// nextMarker finds the next marker and what follows it. Stuffed zeros, which make an 0xff of data, are no markers, nor are fill bytes.
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

// see takes what matters from a segment.
func (f *jpegFacts) see(marker byte, segment []byte) {
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

// memory estimates the bytes per pixel that image/jpeg allocates: three components, or four which it then combines; and of a
// progressive picture each coefficient as an int32 until the end.
func (f *jpegFacts) memory(model color.Model) int64 {
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

// pngEXIF finds the chunk eXIf of a PNG (W3C PNG 3, 11.3.4.5).
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

// webpEXIF finds the chunk EXIF of a WebP (RFC 9649, 2.7.1.5). Some writers put the prefix of JPEG before it.
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

// orientation says how the stored rows and columns lie in the picture (EXIF 2.32, 4.6.4: tag 274, values 1 to 8).
type orientation uint16

// upright is the orientation of a picture that is stored as it is to be seen.
const upright orientation = 1

// orientationOf reads the orientation out of EXIF data, which is a TIFF file. Whatever is wrong with it, the picture is upright.
func orientationOf(exif []byte) orientation {
	if len(exif) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(exif[:2]) == "MM" {
		order = binary.BigEndian
	}
	start := uint64(order.Uint32(exif[4:]))
	if start+2 > uint64(len(exif)) {
		return upright
	}
	const entrySize, tagOrientation, typeShort = 12, 274, 3
	entries := exif[start+2:]
	for range order.Uint16(exif[start:]) {
		if len(entries) < entrySize {
			break
		}
		if order.Uint16(entries) == tagOrientation && order.Uint16(entries[2:]) == typeShort {
			if o := orientation(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			break
		}
		entries = entries[entrySize:]
	}
	return upright
}

// turn turns and mirrors a square picture until its rows are rows and its top is on top.
func (o orientation) turn(from *image.RGBA) *image.RGBA {
	if o == upright {
		return from
	}
	last := from.Bounds().Dx() - 1
	to := image.NewRGBA(from.Bounds())
	for y := range last + 1 {
		for x := range last + 1 {
			to.SetRGBA(x, y, from.RGBAAt(o.stored(x, y, last)))
		}
	}
	return to
}

// stored tells where the pixel that is to be seen at x, y is in the stored square, whose last row and column is last.
func (o orientation) stored(x, y, last int) (int, int) {
	switch o {
	case 2: // the first column is on the right
		return last - x, y
	case 3: // upside down
		return last - x, last - y
	case 4: // the first row is at the bottom
		return x, last - y
	case 5: // rows are columns
		return y, x
	case 6: // the first row is on the right: turn clockwise
		return y, last - x
	case 7: // the first row is on the right, and the first column at the bottom
		return last - y, last - x
	case 8: // the first row is on the left, read upwards: turn anticlockwise
		return last - y, x
	default:
		return x, y
	}
}
