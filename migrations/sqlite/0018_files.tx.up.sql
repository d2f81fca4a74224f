-- What is stored under its SHA-256 in the storage for files; what no file names any more is removed from there.
CREATE TABLE contents (
  hash TEXT NOT NULL PRIMARY KEY,
  size INTEGER NOT NULL
) WITHOUT ROWID;
-- Files of messages, and those that wait for their message (without a position).
CREATE TABLE files (
  id TEXT NOT NULL PRIMARY KEY,
  room_id TEXT NOT NULL REFERENCES rooms (id),
  position INTEGER,
  uploader_id INTEGER NOT NULL REFERENCES users (id),
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  size INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  smaller TEXT NOT NULL,
  hash TEXT NOT NULL REFERENCES contents (hash),
  created_at TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX files_by_message ON files (room_id, position);
CREATE INDEX files_by_uploader ON files (uploader_id, created_at);
CREATE INDEX files_by_hash ON files (hash);
CREATE INDEX files_waiting ON files (created_at) WHERE position IS NULL;
-- The files of a message as readers get them, as JSON.
ALTER TABLE messages ADD COLUMN files TEXT NOT NULL DEFAULT '';
