package db_test

import (
	"os"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestWhatIsWrittenReachesTheFileWhileTheStoreIsOpen(t *testing.T) {
	url := dbtest.URL(t, "sqlite")
	s := dbtest.Open(t, db.Options{URL: url})
	alice := dbtest.User(t, s, "alice")
	room := dbtest.Room(t, s, db.KindOpen, alice)
	size := func() int64 {
		return must[os.FileInfo](t)(os.Stat(strings.TrimPrefix(url, "sqlite:"))).Size()
	}
	before := size()
	text := strings.Repeat("마당 ", 500)
	for range 1000 { // 4 MB, far less than what makes a commit copy by itself
		dbtest.Post(t, s, alice, room, text)
		if size() > before {
			return
		}
	}
	t.Errorf("the file has %d bytes, as before", before)
}
