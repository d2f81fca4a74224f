-- A room may be archived: it takes no posts and leaves the lists of every day.
ALTER TABLE rooms ADD COLUMN archived_at TIMESTAMP;
-- Who deleted a message, under the name of that time, where it was not its author.
ALTER TABLE messages ADD COLUMN deleted_by INTEGER;
ALTER TABLE messages ADD COLUMN deleted_by_name TEXT NOT NULL DEFAULT '';
-- When somebody was last online. A table of its own: users are read everywhere and cached.
CREATE TABLE last_seen (
  user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id),
  at TIMESTAMP NOT NULL
);
