package db

import (
	"context"

	"github.com/uptrace/bun"

	"sarangbang/internal/lru"
)

// cacheBytes bounds the cached results of queries.
const cacheBytes = 32 << 20

// cache holds results of queries, each with the versions of the tags that it depends on. A result
// is used while none of them has changed: it is then what the query would return.
//
// Values are shared by all callers, which must not change what a method of Store returned.
type cache struct {
	results  *lru.Cache[any, *result]
	versions versions
	// perRoom says that a change of one room leaves results about other rooms valid.
	perRoom bool
}

// result is what a query returned, and what that depends on.
type result struct {
	value any
	reads *Reads
}

// versions knows the versions of tags: tagClock on SQLite, queriedVersions on PostgreSQL.
type versions interface {
	// now returns the present versions of all tags. False: they are not known, and results have to
	// be read from the database.
	now(context.Context) (state, bool)
	// changing is called before a change of tags is committed. Its result is called after that,
	// whether or not the commit succeeded.
	changing([]tag) (done func())
}

// state is the versions of all tags at one moment.
type state interface {
	// version returns false when a version is not known: the tag has changed since that moment, or
	// is being changed.
	version(tag) (uint64, bool)
}

func newCache(v versions, perRoom bool) *cache {
	return &cache{results: lru.New[any, *result](cacheBytes), versions: v, perRoom: perRoom}
}

// get returns the result of a key if it is valid in a state; nil otherwise, and where the state is
// not known.
func (c *cache) get(key any, now state, known bool) *result {
	if !known {
		return nil
	}
	if found, ok := c.results.Get(key); ok && found.reads.validIn(now) {
		return found
	}
	return nil
}

// add keeps a value that was read after a state was taken. The value may be newer than that state,
// never older, so that a query which runs beside a commit leaves nothing that passes for what came
// after it.
func (c *cache) add(key, value any, r *Reads, now state, known bool) {
	if !known {
		r.incomplete = true
	} else if r.resolve(now) {
		c.results.Add(key, &result{value, r}, r.size())
	}
}

// cached returns the result of a key from the cache, or reads and keeps it. read declares in its
// Reads what the result depends on and about how many bytes it takes. What read gets from cached
// itself is declared already. Errors are not kept.
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

// Reads collects what is read with a context: tags with their versions. A page made from it is up
// to date while Store.Valid reports so. One goroutine owns it until Complete; after that it does
// not change, and any may read it.
type Reads struct {
	request *requestVersions // the request's versions; nil on SQLite
	root    bool             // made by Track, which makes queries outside of cached results incomplete

	pending      []tag // declared, without a version yet
	dependencies []dependency
	index        map[tag]int // of a tag in dependencies
	incomplete   bool        // not all is accounted for, and nothing made from it may be kept
	complete     bool        // nothing is added any more
	bytes        int         // about what the value takes in memory
}

// dependency is a tag with the version that was read.
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

// readsOf returns what collects the reads of a context; nil when nothing does.
func readsOf(ctx context.Context) *Reads {
	r, _ := ctx.Value(readsKey{}).(*Reads)
	return r
}

// untracked returns a context whose reads are not collected.
func untracked(ctx context.Context) context.Context { return (*Reads)(nil).in(ctx) }

// in returns a context whose reads are collected in r.
func (r *Reads) in(ctx context.Context) context.Context { return context.WithValue(ctx, readsKey{}, r) }

// Track returns a context whose reads are collected. On PostgreSQL cached results are then those of
// one moment, the first read, until the request itself writes. It is for requests that read, answer
// and end: a stream must not use it, because it would never see a change.
func (s *Store) Track(ctx context.Context, scope Scope) (context.Context, *Reads) {
	r := &Reads{root: true}
	if s.Shared() {
		r.request = &requestVersions{scope: scope}
	}
	return r.in(ctx), r
}

// Valid reports whether nothing has changed of what was read. On PostgreSQL ctx has to come from
// Track with the scope that r was tracked with; else Valid reports false.
func (s *Store) Valid(ctx context.Context, r *Reads) bool {
	now, ok := s.cache.versions.now(ctx)
	return ok && r.validIn(now)
}

// Complete ends the collection. It reports whether everything read is accounted for and nothing was
// written: only then what was made from it may be kept.
func (r *Reads) Complete() bool {
	r.complete = true
	r.request, r.pending, r.index = nil, nil, nil
	return !r.incomplete
}

// Size returns about how many bytes r takes in memory.
func (r *Reads) Size() int { return resultBytes + len(r.dependencies)*dependencyBytes }

// size is Size with the value.
func (r *Reads) size() int { return r.Size() + r.bytes }

// nested returns Reads for one result within the request of r, which may be nil.
func (r *Reads) nested() *Reads {
	if r == nil {
		return &Reads{}
	}
	return &Reads{request: r.request}
}

// dependsOn declares tags that a result depends on.
func (r *Reads) dependsOn(tags ...tag) { r.pending = append(r.pending, tags...) }

// resolve gives the declared tags their versions in a state, and ends the collection. It reports
// whether all are known; else the result may be older than what it depends on.
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

// include adds the dependencies of a result that became part of this one. Whether the session holds
// is no dependency of a page: every request asks that itself.
func (r *Reads) include(other *Reads) {
	if r == nil || r.complete {
		return
	}
	r.incomplete = r.incomplete || other.incomplete
	for _, d := range other.dependencies {
		if !r.root || d.tag.kind != tagSession {
			r.add(d)
		}
	}
}

// add notes a dependency, once for each tag. Of two versions of a tag one is out of date.
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

// wrote makes r incomplete and the request's versions unknown: what the request reads next has to
// show what it wrote.
func (r *Reads) wrote() {
	if r == nil || r.complete {
		return
	}
	r.incomplete = true
	if r.request != nil {
		r.request.outdated = true
	}
}

// queryTracker is a bun.QueryHook that makes a tracked request incomplete when it queries outside
// of cached results. So a query that declares nothing cannot leave a page that is out of date.
type queryTracker struct{}

func (queryTracker) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	if r := readsOf(ctx); r != nil && r.root && !r.complete {
		r.incomplete = true
	}
	return ctx
}

func (queryTracker) AfterQuery(context.Context, *bun.QueryEvent) {}
