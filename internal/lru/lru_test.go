package lru

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

func TestCache_EntryUnusedForLongestGoesFirst(t *testing.T) {
	c := New[string, int](80)
	for i, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		c.Add(key, i, 10)
	}
	c.Get("a")
	c.Add("i", 8, 10)
	if _, ok := c.Get("b"); ok {
		t.Error("b is still there, which was not used for the longest time")
	}
	if v, ok := c.Get("a"); !ok || v != 0 {
		t.Errorf("a is %d, %v, although it was just used", v, ok)
	}
}

func TestCache_NewValueReplacesTheOldOne(t *testing.T) {
	c := New[string, int](80)
	c.Add("a", 1, 10)
	c.Add("a", 2, 5)
	if v, _ := c.Get("a"); v != 2 || c.Bytes() != 5 {
		t.Errorf("value %d, %d bytes; want 2 and 5", v, c.Bytes())
	}
}

func TestCache_OneEntryMayNotTakeItAll(t *testing.T) {
	c := New[string, int](80)
	c.Add("small", 1, 10)
	c.Add("large", 1, 11)
	if _, ok := c.Get("large"); ok {
		t.Error("an entry of more than an eighth of the bound is kept")
	}
	c.Add("small", 2, 11)
	if _, ok := c.Get("small"); ok || c.Bytes() != 0 {
		t.Errorf("an old value stays where the new one is too large; %d bytes", c.Bytes())
	}
}

// TestCache_AgreesWithModel compares random operations with a list that is searched from end to
// end.
func TestCache_AgreesWithModel(t *testing.T) {
	const bound = 160
	r := rand.New(rand.NewPCG(1, 2))
	c, model := New[int, int](bound), []item{}
	for step := range 20_000 {
		key := r.IntN(40)
		at := slices.IndexFunc(model, func(i item) bool { return i.key == key })
		if r.IntN(2) == 0 {
			value, ok := c.Get(key)
			if ok != (at >= 0) || ok && value != model[at].value {
				t.Fatalf("step %d: key %d is %d, %v; the model says %v", step, key, value, ok, model)
			}
			if ok {
				used := model[at]
				model = append(slices.Delete(model, at, at+1), used)
			}
			continue
		}
		added := item{key, step, r.IntN(bound/share + 2)}
		c.Add(key, added.value, added.bytes)
		if model = added.addTo(model, at, bound); sum(model) != c.Bytes() {
			t.Fatalf("step %d: %d bytes, the model says %d", step, c.Bytes(), sum(model))
		}
	}
}

// item is an entry of the model, which is ordered by last use.
type item struct{ key, value, bytes int }

func (i item) addTo(model []item, at, bound int) []item {
	if at >= 0 {
		model = slices.Delete(model, at, at+1)
	}
	if i.bytes <= bound/share {
		model = append(model, i)
	}
	for sum(model) > bound {
		model = model[1:]
	}
	return model
}

func sum(model []item) (bytes int) {
	for _, i := range model {
		bytes += i.bytes
	}
	return bytes
}

func TestCache_IsSafeForManyGoroutines(t *testing.T) {
	c := New[int, int](1 << 10)
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 2000 {
				key := (g*31 + i) % 100
				c.Add(key, key, 20)
				if v, ok := c.Get(key); ok && v != key {
					t.Errorf("key %d is %d", key, v)
				}
			}
		})
	}
	group.Wait()
	if c.Bytes() > 1<<10 {
		t.Errorf("%d bytes, the bound is %d", c.Bytes(), 1<<10)
	}
}

func BenchmarkGet(b *testing.B) {
	c := New[string, int](1 << 20)
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = fmt.Sprint("key ", i)
		c.Add(keys[i], i, 100)
	}
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			c.Get(keys[i%len(keys)])
		}
	})
}
