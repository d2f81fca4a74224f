package views

import (
	"html/template"
	"sync"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"

	"sarangbang/db"
)

const (
	// cacheShards share the work of many goroutines; neighbouring messages are in different ones.
	cacheShards = 16
	// shardFragments and shardBytes bound each shard: whichever is reached first. All shards together hold at most 32 MiB of HTML.
	shardFragments = 4096
	shardBytes     = 2 << 20
)

// fragmentKey names everything that a rendered message depends on.
type fragmentKey struct {
	room                       uuid.UUID
	position, revision, author int64 // author: the version of the message's author, whose name and photo are in it
	form                       form
	language, zone             string // of the items
}

// form is what a message is rendered as.
type form uint8

const (
	listItem form = iota // the item that pages, htmx answers and streams share
	logItem              // the item of the live log
	bodyHTML             // its text alone
	jsonText             // for programs
)

// keyOf is the key of a form that is the same in every language and zone.
func keyOf(m *db.Message, f form) fragmentKey {
	return fragmentKey{room: m.RoomID, position: m.Position, revision: m.Revision, author: m.Author.Version, form: f}
}

// fragmentCache keeps the messages rendered last, in each form.
type fragmentCache struct {
	shards [cacheShards]cacheShard
}

type cacheShard struct {
	mu        sync.Mutex
	fragments *simplelru.LRU[fragmentKey, template.HTML]
	bytes     int
}

func newFragmentCache() *fragmentCache {
	c := &fragmentCache{}
	for i := range c.shards {
		shard := &c.shards[i]
		lru, err := simplelru.NewLRU(shardFragments, func(_ fragmentKey, html template.HTML) { shard.bytes -= len(html) })
		if err != nil {
			panic(err) // the size is a constant above zero
		}
		shard.fragments = lru
	}
	return c
}

func (c *fragmentCache) shard(key *fragmentKey) *cacheShard {
	return &c.shards[uint64(key.position)%cacheShards]
}

func (c *fragmentCache) get(key *fragmentKey) (template.HTML, bool) {
	shard := c.shard(key)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	return shard.fragments.Get(*key)
}

func (c *fragmentCache) put(key *fragmentKey, html template.HTML) {
	shard := c.shard(key)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	shard.fragments.Remove(*key) // so that what was there is no longer counted
	shard.fragments.Add(*key, html)
	shard.bytes += len(html)
	for shard.bytes > shardBytes {
		shard.fragments.RemoveOldest()
	}
}
