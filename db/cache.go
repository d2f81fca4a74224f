package db

import (
	"context"

	"github.com/uptrace/bun"

	"sarangbang/internal/lru"
)

// cacheBytes bounds the cached results of queries.
const cacheBytes = 32 << 20

// cache keeps what queries returned, each result with the versions of the tags that it depends on. A result is used while none of
// them has changed, so that it is what the query would return.
//
// Cached values are shared by everybody who asks: nobody may change what a Store's method returned.
type cache struct {
	results  *lru.Cache[any, *result]
	versions versions
	// perRoom: a change of one room leaves results about the others valid.
	perRoom bool
}

// result is what a query returned, with what that depends on.
type result struct {
	value any
	reads *Reads
}

// versions tells how far the things have changed that results depend on: see tagClock (SQLite) and queriedVersions (PostgreSQL).
type versions interface {
	// now is the present state of all tags; false when nothing is known about it, so that results have to be read.
	now(context.Context) (state, bool)
	// changing is called before changes of tags are committed. The function it returns is called after that, whether or not they
	// were.
	changing([]tag) (done func())
}

// state is the versions of tags at one moment.
type state interface {
	// version is false when it is not known: the tag has changed since that moment, or is being changed.
	version(tag) (uint64, bool)
}

func newCache(v versions, perRoom bool) *cache {
	return &cache{results: lru.New[any, *result](cacheBytes), versions: v, perRoom: perRoom}
}

// get returns a cached result that is valid in a state, where that is known; nil when there is none.
func (c *cache) get(key any, now state, known bool) *result {
	if !known {
		return nil
	}
	if found, ok := c.results.Get(key); ok && found.reads.validIn(now) {
		return found
	}
	return nil
}

// add keeps a result that was read after a state was taken. It may be newer than that state, never older: a query that runs beside
// a commit leaves nothing behind that is taken for what came after it.
func (c *cache) add(key, value any, r *Reads, now state, known bool) {
	if !known {
		r.incomplete = true
	} else if r.resolve(now) {
		c.results.Add(key, &result{value, r}, r.size())
	}
}

// cached returns the result of a query out of the cache, or reads and keeps it. read declares with its Reads what the result depends
// on and how many bytes it takes; results that it reads through cached itself are declared by that. Errors are not kept.
func cached[T any](ctx context.Context, s *Store, key any, read func(context.Context, *Reads) (T, error)) (T, error) {
	outer := readsOf(ctx)
	now, known := s.cache.versions.now(ctx)
	if found := s.cache.get(key, now, known); found != nil {
		outer.include(found.reads)
		return found.value.(T), nil
	}
	r := outer.nested()
	value, err := read(r.in(ctx), r)
	s.cache.add(key, value, r, now, known && err == nil)
	outer.include(r)
	return value, err
}

// Reads is what was read with a context: tags, each with its version. A page made of nothing else is up to date while Store.Valid
// says so. It belongs to one goroutine until Complete is called, and is not changed after that.
type Reads struct {
	request *requestVersions // of the request, on PostgreSQL
	root    bool             // Track made it: a query that no cached result stands for makes it incomplete

	pending      []tag // of this result, without version yet
	dependencies []dependency
	index        map[tag]int // into dependencies
	incomplete   bool        // something is not accounted for: what was made of it must not be kept
	complete     bool        // nothing is added any more
	bytes        int         // of the result
}

type dependency struct {
	tag     tag
	version uint64
}

// dependencyBytes and resultBytes are about what a dependency and an empty result take in memory.
const (
	dependencyBytes = 48
	resultBytes     = 256
)

type readsKey struct{}

// readsOf is what collects the context's reads; nil when nothing does.
func readsOf(ctx context.Context) *Reads {
	r, _ := ctx.Value(readsKey{}).(*Reads)
	return r
}

// untracked is a context whose queries nobody collects.
func untracked(ctx context.Context) context.Context { return (*Reads)(nil).in(ctx) }

// in is a context that collects here.
func (r *Reads) in(ctx context.Context) context.Context { return context.WithValue(ctx, readsKey{}, r) }

// Track returns a context with which everything that is read is collected. On PostgreSQL all of it is as of one moment, that of the
// first cached read, until the request writes something itself. So it is for requests that read, answer and are done: what lasts
// longer, as a stream does, has to see what changes.
func (s *Store) Track(ctx context.Context, scope Scope) (context.Context, *Reads) {
	r := &Reads{root: true}
	if s.Shared() {
		r.request = &requestVersions{scope: scope}
	}
	return r.in(ctx), r
}

// Valid reports whether nothing has changed of what was read. On PostgreSQL it knows only with a context of Track whose scope is the
// same.
func (s *Store) Valid(ctx context.Context, r *Reads) bool {
	now, ok := s.cache.versions.now(ctx)
	return ok && r.validIn(now)
}

// Complete ends the collecting. It reports whether all that was read, and nothing written, is accounted for: only then what was made
// of it may be kept.
func (r *Reads) Complete() bool {
	r.complete = true
	r.request, r.pending, r.index = nil, nil, nil
	return !r.incomplete
}

// Size is about how many bytes it takes in memory.
func (r *Reads) Size() int { return resultBytes + len(r.dependencies)*dependencyBytes }

func (r *Reads) size() int { return r.Size() + r.bytes }

// nested collects what one result depends on, within the same request.
func (r *Reads) nested() *Reads {
	if r == nil {
		return &Reads{}
	}
	return &Reads{request: r.request}
}

// dependsOn declares what a result depends on.
func (r *Reads) dependsOn(tags ...tag) { r.pending = append(r.pending, tags...) }

// resolve gives the declared tags their versions in a state. False when one is not known: then the result may be older than what it
// depends on.
func (r *Reads) resolve(now state) bool {
	for _, t := range append(r.pending, tag{kind: tagEverything}) {
		version, ok := now.version(t)
		if !ok {
			r.incomplete = true
			break
		}
		r.add(dependency{t, version})
	}
	return r.Complete()
}

// include adds what another result depends on, which became part of this one.
func (r *Reads) include(other *Reads) {
	if r == nil || r.complete {
		return
	}
	r.incomplete = r.incomplete || other.incomplete
	for _, d := range other.dependencies {
		r.add(d)
	}
}

// add notes a dependency once. Of two versions one is out of date.
func (r *Reads) add(d dependency) {
	if r.index == nil {
		r.index = make(map[tag]int)
	}
	at, ok := r.index[d.tag]
	if !ok {
		r.index[d.tag] = len(r.dependencies)
		r.dependencies = append(r.dependencies, d)
		return
	}
	r.incomplete = r.incomplete || r.dependencies[at] != d
}

func (r *Reads) validIn(now state) bool {
	for _, d := range r.dependencies {
		if version, ok := now.version(d.tag); !ok || version != d.version {
			return false
		}
	}
	return true
}

// wrote ends what is known of the present: what the request reads next has to show what it wrote itself.
func (r *Reads) wrote() {
	if r == nil || r.complete {
		return
	}
	r.incomplete = true
	if r.request != nil {
		r.request.outdated = true
	}
}

// queryTracker is a bun.QueryHook that notices queries of tracked requests for which no cached result stands, so that a query which
// nobody declared makes no page out of date.
type queryTracker struct{}

func (queryTracker) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	if r := readsOf(ctx); r != nil && r.root && !r.complete {
		r.incomplete = true
	}
	return ctx
}

func (queryTracker) AfterQuery(context.Context, *bun.QueryEvent) {}
