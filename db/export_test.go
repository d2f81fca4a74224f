package db

// ForgetCached empties a store's cache, as if it had just been opened.
func ForgetCached(s *Store) { s.cache = newCache(s.cache.versions, s.cache.perRoom) }
