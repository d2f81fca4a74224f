package handlers

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/url"

	"github.com/gin-gonic/gin"
)

// readParts reads a multipart form part by part, so that no file has to wait in memory or elsewhere
// for the others: the fields become those of the form, the files of the field "files" are added to
// an upload. A browser sends an empty part without a name where no file was chosen.
func readParts(c *gin.Context, to *incoming) *input {
	in := &input{values: url.Values{}}
	reader, err := c.Request.MultipartReader()
	if err != nil {
		in.unread = unreadable(err)
		return in
	}
	for left := int64(maxBody); ; {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			c.Request.PostForm = in.values // for formAgain
			return in
		}
		if err == nil && countValues(in.values) >= maxValues {
			err = fmt.Errorf("more than %d values", maxValues)
		}
		if err == nil {
			err = in.readPart(part, to, &left)
		} else {
			err = unreadable(err)
		}
		var errs *formErrors
		switch {
		case errors.As(err, &errs) && !errs.unreadable: // the other parts are worth to be read
			for field, sentence := range errs.fields {
				in.addError(field, sentence.key, sentence.args...)
			}
		case err != nil:
			in.unread = err
			return in
		}
	}
}

// readPart reads a field or a file. left is how many bytes of fields there may still be.
func (in *input) readPart(part *multipart.Part, to *incoming, left *int64) error {
	defer part.Close()
	if part.FileName() != "" {
		if part.FormName() != "files" {
			return nil
		}
		return to.add(part.FileName(), part)
	}
	value, err := io.ReadAll(io.LimitReader(part, *left+1))
	if err != nil {
		return unreadable(err)
	}
	if *left -= int64(len(value)); *left < 0 {
		return tooLarge(nil)
	}
	if part.FormName() != "files" || len(value) > 0 {
		in.values.Add(part.FormName(), string(value))
	}
	return nil
}
