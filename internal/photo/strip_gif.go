package photo

import (
	"bytes"
	"fmt"
)

// Parts of a GIF (GIF89a specification, appendix A).
const (
	gifHeader    = 13 // signature and description of the screen
	gifExtension = 0x21
	gifPicture   = 0x2c
	gifEnd       = 0x3b
	gifControl   = 0xf9 // the extension that says how long a picture is shown
	gifProgram   = 0xff // the extension of a program: how often the animation runs, among others
)

// stripGIF copies the pictures of a GIF, how long each is shown, and how often all of them are.
func stripGIF(content []byte) ([]byte, error) {
	if len(content) < gifHeader {
		return nil, ErrDamaged
	}
	at := gifHeader + colours(content[10])
	if at > len(content) {
		return nil, ErrDamaged
	}
	out := append(make([]byte, 0, len(content)), content[:at]...)
	for at < len(content) && content[at] != gifEnd {
		begin, end := at, 0
		keep := true
		switch {
		case content[at] == gifExtension && at+2 < len(content):
			keep = content[at+1] == gifControl || content[at+1] == gifProgram && bytes.HasPrefix(content[at+2:], []byte("\x0bNETSCAPE2.0"))
			end = blocksEnd(content, at+2)
		case content[at] == gifPicture && at+9 < len(content):
			end = blocksEnd(content, at+10+colours(content[at+9])+1)
		default:
			return nil, fmt.Errorf("%w: a GIF with a block %#x", ErrDamaged, content[at])
		}
		if keep {
			out = append(out, content[begin:end]...)
		}
		at = end
	}
	return append(out, gifEnd), nil
}

// colours returns the length of the table of colours that a description announces.
func colours(description byte) int {
	if description&0x80 == 0 {
		return 0
	}
	return 3 << (description&7 + 1)
}

// blocksEnd returns where the data blocks that begin somewhere end: behind an empty one, or with
// the file.
func blocksEnd(content []byte, at int) int {
	for at < len(content) {
		length := int(content[at])
		at += 1 + length
		if length == 0 {
			break
		}
	}
	return min(at, len(content))
}
