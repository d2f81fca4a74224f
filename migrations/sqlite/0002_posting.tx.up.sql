-- As in PostgreSQL, where an index that begins with the room is mistaken for any other that does. The other part of that migration is
-- functions, which SQLite does not keep: its statements are prepared on the one connection that writes.
DROP INDEX messages_by_key;
CREATE UNIQUE INDEX messages_by_key ON messages (author_id, "key", room_id) WHERE "key" IS NOT NULL;
