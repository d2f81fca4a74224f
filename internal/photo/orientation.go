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

// onItsSide reports whether the stored rows are columns of the picture.
func (o orientation) onItsSide() bool { return o >= 5 }

// apply returns a picture, whose first pixel is at 0, 0, turned and mirrored as it is to be seen.
func (o orientation) apply(from *image.RGBA) *image.RGBA {
	if o == upright {
		return from
	}
	last := from.Bounds().Max.Sub(image.Pt(1, 1))
	width, height := last.X+1, last.Y+1
	if o.onItsSide() {
		width, height = height, width
	}
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			to.SetRGBA(x, y, from.RGBAAt(o.stored(x, y, last)))
		}
	}
	return to
}

// stored returns the stored position of the pixel that is to be seen at x, y. last is the index of
// the last stored column and row.
func (o orientation) stored(x, y int, last image.Point) (int, int) {
	switch o {
	case 2: // the first column is on the right
		return last.X - x, y
	case 3: // upside down
		return last.X - x, last.Y - y
	case 4: // the first row is at the bottom
		return x, last.Y - y
	case 5: // rows are columns
		return y, x
	case 6: // the first row is on the right: turn clockwise
		return y, last.Y - x
	case 7: // the first row is on the right, and the first column at the bottom
		return last.X - y, last.Y - x
	case 8: // the first row is on the left, read upwards: turn anticlockwise
		return last.X - y, x
	default:
		return x, y
	}
}
