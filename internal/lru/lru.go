// Package lru keeps the values used last, within a number of bytes.
package lru

import "sync"

// share is the part of a cache that one entry may take: an entry of more than 1/share of the bound is not kept, because it
// would push out everything else.
const share = 8

// Cache holds the entries used last, up to a number of bytes. Its methods may be called by many goroutines. Values are shared
// by everybody who gets them: they must not be changed.
type Cache[K comparable, V any] struct {
	bound int

	mu      sync.Mutex
	entries map[K]*entry[K, V]
	ring    entry[K, V] // its next is the entry used last, its prev the one to go first
	bytes   int
}

type entry[K comparable, V any] struct {
	key        K
	value      V
	bytes      int
	prev, next *entry[K, V]
}

// New makes an empty cache of at most bound bytes.
func New[K comparable, V any](bound int) *Cache[K, V] {
	c := &Cache[K, V]{bound: bound, entries: map[K]*entry[K, V]{}}
	c.ring.prev, c.ring.next = &c.ring, &c.ring
	return c
}

// Get returns the value added last under key. It then counts as just used.
func (c *Cache[K, V]) Get(key K) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		return value, false
	}
	if c.ring.next != e {
		e.unlink()
		e.link(&c.ring)
	}
	return e.value, true
}

// Add keeps a value of about so many bytes, its key included, in place of what was kept under the key before. Entries not used
// for the longest time go where there is no room. A value too large for the cache is not kept.
func (c *Cache[K, V]) Add(key K, value V, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.entries[key]; ok {
		c.removeLocked(old)
	}
	if bytes > c.bound/share {
		return
	}
	e := &entry[K, V]{key: key, value: value, bytes: bytes}
	c.entries[key] = e
	c.bytes += bytes
	e.link(&c.ring)
	for c.bytes > c.bound {
		c.removeLocked(c.ring.prev)
	}
}

// Bytes is what all entries take, as Add was told.
func (c *Cache[K, V]) Bytes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

func (c *Cache[K, V]) removeLocked(e *entry[K, V]) {
	e.unlink()
	delete(c.entries, e.key)
	c.bytes -= e.bytes
}

// link puts an entry behind another one.
func (e *entry[K, V]) link(after *entry[K, V]) {
	e.prev, e.next = after, after.next
	e.prev.next, e.next.prev = e, e
}

func (e *entry[K, V]) unlink() { e.prev.next, e.next.prev = e.next, e.prev }
