package photo

import (
	"encoding/binary"
	"image"
)

// orientation is how the stored rows and columns lie in the picture: EXIF tag 274, values 1 to 8
// (EXIF 2.32, section 4.6.4).
type orientation uint16

// upright is the orientation of a picture that is stored as it is to be seen.
const upright orientation = 1

// orientationOf returns the orientation in EXIF data, which is a TIFF file; upright when the data
// has none or is malformed.
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

// apply returns a square picture turned and mirrored as it is to be seen.
func (o orientation) apply(from *image.RGBA) *image.RGBA {
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

// stored returns the stored position of the pixel that is to be seen at x, y. last is the index of
// the last row and column.
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
