package views

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// kept holds what was rendered last, up to a number of bytes. Its methods may be called by many goroutines.
type kept[K comparable, V any] struct {
	mu    sync.Mutex
	lru   *simplelru.LRU[K, weighed[V]]
	bytes int
	bound int
}

type weighed[V any] struct {
	value V
	bytes int
}

// newKept bounds the bytes of everything kept, and its number.
func newKept[K comparable, V any](number, bytes int) *kept[K, V] {
	k := &kept[K, V]{bound: bytes}
	lru, err := simplelru.NewLRU(number, func(_ K, w weighed[V]) { k.bytes -= w.bytes })
	if err != nil {
		panic(err) // numbers are constants above zero
	}
	k.lru = lru
	return k
}

func (k *kept[K, V]) get(key K) (V, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	w, ok := k.lru.Get(key)
	return w.value, ok
}

func (k *kept[K, V]) put(key K, value V, bytes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lru.Remove(key) // so that what was there is no longer counted
	k.lru.Add(key, weighed[V]{value, bytes})
	k.bytes += bytes
	for k.bytes > k.bound {
		k.lru.RemoveOldest()
	}
}
