// Package lru has a cache of the values used last, bounded by the bytes that they take.
package lru

import "sync"

// share bounds one entry: more than 1/share of the cache is not kept, because it would push out
// everything else.
const share = 8

// Cache holds the entries used last, up to a number of bytes. Its methods may be called by many
// goroutines. Values are shared by all who get them and must not be changed.
type Cache[K comparable, V any] struct {
	bound int

	mu      sync.Mutex
	entries map[K]*entry[K, V]
	ring    entry[K, V] // next is the entry used last, prev the one that goes first
	bytes   int
}

type entry[K comparable, V any] struct {
	key        K
	value      V
	bytes      int
	prev, next *entry[K, V]
}

// New returns an empty cache of at most bound bytes.
func New[K comparable, V any](bound int) *Cache[K, V] {
	c := &Cache[K, V]{bound: bound, entries: map[K]*entry[K, V]{}}
	c.ring.prev, c.ring.next = &c.ring, &c.ring
	return c
}

// Get returns the value of a key, which counts as just used then. False: it is not there.
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

// Add keeps a value under a key, in place of the one before. bytes is about what both take in
// memory. Where there is no room, the entries that were not used for the longest time go. A value
// of more than an eighth of the bound is not kept, and the one before goes as well.
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

// Bytes returns the sum of what Add was told of the entries.
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

// link puts an entry behind another one in the ring.
func (e *entry[K, V]) link(after *entry[K, V]) {
	e.prev, e.next = after, after.next
	e.prev.next, e.next.prev = e, e
}

func (e *entry[K, V]) unlink() { e.prev.next, e.next.prev = e.next, e.prev }
