package db

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
)

// quietStore is a store whose file nobody else changes.
func quietStore() (*Store, *tagClock) {
	nobody := func(context.Context) (int64, error) { return 1, nil }
	clock := newTagClock(nobody, time.Now)
	return &Store{dialect: sqliteDialect{}, cache: newCache(clock, true)}, clock
}

// ask asks for a result that depends on user 3 and tells whether it had to be read.
func ask(t *testing.T, s *Store, key any, bytes int, meanwhile func()) (read bool) {
	t.Helper()
	_, err := cached(t.Context(), s, key, func(_ context.Context, r *Reads) (int, error) {
		read = true
		meanwhile()
		r.dependsOn(userTag(3))
		r.bytes = bytes
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func nothing() {}

func TestResult_IsValidUntilItsTagChanges(t *testing.T) {
	s, clock := quietStore()
	wants := func(what string, want bool) {
		t.Helper()
		if got := ask(t, s, "key", 1, nothing); got != want {
			t.Errorf("%s: read %v, want %v", what, got, want)
		}
	}
	wants("the first time", true)
	wants("the second time", false)
	clock.changing([]tag{userTag(4), roomTag(uuid.New()), {kind: tagAnyRoom}})()
	wants("after a change of something else", false)
	done := clock.changing([]tag{userTag(3)})
	wants("while it is being changed", true)
	wants("while it is being changed, again", true)
	done()
	wants("after the change", true)
	wants("some time after the change", false)
	clock.changing([]tag{{kind: tagEverything}})()
	wants("after a change of everything", true)
}

func TestResult_ThatRacedACommitIsNotKept(t *testing.T) {
	s, clock := quietStore()
	ask(t, s, "key", 1, func() { clock.changing([]tag{userTag(3)})() })
	if !ask(t, s, "key", 1, nothing) {
		t.Error("it comes out of the cache, although it may be older than the commit")
	}
}

func TestCache_IsBounded(t *testing.T) {
	s, _ := quietStore()
	const large = cacheBytes/8 - 1<<10
	for i := range 40 {
		ask(t, s, i, large, nothing)
		if n := s.cache.results.Bytes(); n > cacheBytes {
			t.Fatalf("%d bytes after %d results, want at most %d", n, i+1, cacheBytes)
		}
	}
	if ask(t, s, 39, 1, nothing) || !ask(t, s, 0, 1, nothing) {
		t.Error("the newest result is forgotten, or the oldest one is not")
	}
}

func TestCache_IsNotUsedWhileNobodyCanLookForOtherPrograms(t *testing.T) {
	s, clock := quietStore()
	clock.external = func(context.Context) (int64, error) { return 0, errors.New("busy") }
	for range 2 {
		if !ask(t, s, "key", 1, nothing) {
			t.Error("it comes out of the cache, although another program may have changed the file")
		}
	}
}

// TestReads_DependOnAllThatWasRead reads results within results.
func TestReads_DependOnAllThatWasRead(t *testing.T) {
	s, clock := quietStore()
	read := func() *Reads {
		ctx, reads := s.Track(t.Context(), Scope{})
		_, err := cached(ctx, s, "list", func(ctx context.Context, r *Reads) (int, error) {
			r.dependsOn(userTag(4))
			return cached(ctx, s, "one", func(_ context.Context, r *Reads) (int, error) {
				r.dependsOn(userTag(3))
				return 0, nil
			})
		})
		if err != nil || !reads.Complete() {
			t.Fatalf("error %v; incomplete", err)
		}
		return reads
	}
	for _, changed := range []tag{userTag(3), userTag(4), {kind: tagEverything}} {
		for range 2 { // read, and out of the cache
			if !s.Valid(t.Context(), read()) {
				t.Error("out of date at once")
			}
		}
		reads := read()
		clock.changing([]tag{changed})()
		if s.Valid(t.Context(), reads) {
			t.Errorf("up to date after a change of %v", changed)
		}
	}
}

// TestReads_AreIncomplete tells of what no tag stands for.
func TestReads_AreIncomplete(t *testing.T) {
	s, clock := quietStore()
	failing := func(context.Context, *Reads) (int, error) { return 0, ErrNotFound }
	for what, read := range map[string]func(ctx context.Context){
		"after an error":           func(ctx context.Context) { _, _ = cached(ctx, s, "fails", failing) },
		"after a query of its own": func(ctx context.Context) { queryTracker{}.BeforeQuery(ctx, nil) },
		"after a write":            func(ctx context.Context) { readsOf(ctx).wrote() },
		"after a race": func(ctx context.Context) {
			_, _ = cached(ctx, s, "raced", func(_ context.Context, r *Reads) (int, error) {
				r.dependsOn(userTag(3))
				clock.changing([]tag{userTag(3)})()
				return 0, nil
			})
		},
	} {
		ctx, reads := s.Track(t.Context(), Scope{})
		if read(ctx); reads.Complete() {
			t.Errorf("%s what was read is taken for complete", what)
		}
	}
}
