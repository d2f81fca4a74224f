package views

import (
	"net/url"
	"strconv"
	"strings"

	"sarangbang/db"
	"sarangbang/files"
)

// shownSide is the longer side of a picture in the log, in CSS pixels.
const shownSide = 320

// FileItem is a file of a message, or of the composer.
type FileItem struct {
	ID   string
	Name string
	Kind files.Kind
	Path string // address of the file
	Size string // "1.2 MB"
	// Preview is the first lines of a text.
	Preview string
	// Of a picture: the addresses of the smaller ones, its size in the log in CSS pixels, and its
	// own in pixels.
	Small, Large          string
	Width, Height         int
	FullWidth, FullHeight int
}

// FilesOf returns files as they are shown.
func FilesOf(all []db.File) []FileItem {
	items := make([]FileItem, 0, len(all))
	for _, f := range all {
		item := FileItem{
			ID: f.ID.String(), Name: f.Name, Kind: files.KindOf(f.Type), Path: FilePath(f, ""), Size: bytesText(f.Size), Preview: f.Preview,
			Small: FilePath(f, files.Small), Large: FilePath(f, files.Large),
		}
		if f.Type == "image/gif" || f.Type == "image/webp" {
			item.Large = item.Path // the smaller ones do not move
		}
		item.FullWidth, item.FullHeight = f.Width, f.Height
		longer := max(f.Width, f.Height, shownSide)
		item.Width, item.Height = max(1, f.Width*shownSide/longer), max(1, f.Height*shownSide/longer)
		items = append(items, item)
	}
	return items
}

// FilePath returns the address of a file, or that of a smaller picture; where there is none of that
// size it is the picture's own.
func FilePath(f db.File, size string) string {
	path := "/files/" + f.ID.String() + "/" + url.PathEscape(f.Name)
	if f.HasSmaller(size) {
		path += "?size=" + size
	}
	return path
}

// bytesText returns a number of bytes as people read it: "12 KB", "1.2 MB".
func bytesText(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1_000_000:
		return strconv.FormatInt((n+500)/1000, 10) + " KB"
	}
	tenths := (n + 50_000) / 100_000
	text := strconv.FormatInt(tenths/10, 10)
	if tenths < 100 && tenths%10 > 0 {
		text += "." + strconv.FormatInt(tenths%10, 10)
	}
	return text + " MB"
}

// filesLine returns files as text: "📎 a.png 12 KB, b.pdf 1.2 MB".
func filesLine(all []db.File) string {
	words := make([]string, len(all))
	for i, f := range all {
		words[i] = printable(f.Name) + " " + bytesText(f.Size)
	}
	return "📎 " + strings.Join(words, ", ")
}

// SummaryOf returns a message as one line of plain text: its text, or without one its files.
func SummaryOf(body string, all db.FileList) string {
	if text := Summary(body); text != "" || all == "" {
		return text
	}
	names := ""
	for i, f := range all.All() {
		if i > 0 {
			names += ", "
		}
		names += f.Name
	}
	return oneLine("📎 " + names)
}
