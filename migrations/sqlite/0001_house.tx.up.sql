-- Times are text, "2006-01-02 15:04:05.999999+00:00" in UTC, which sorts as it should.

CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  -- the display name folded: people are found and ordered by it
  display_key TEXT NOT NULL,
  bio TEXT NOT NULL,
  language TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  version INTEGER NOT NULL,
  photo_version TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  deactivated_at TIMESTAMP
);
CREATE INDEX users_by_display_key ON users (display_key, id);

CREATE TABLE photos (
  user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id),
  version TEXT NOT NULL,
  type TEXT NOT NULL,
  content BLOB NOT NULL
);

CREATE TABLE ended_sessions (
  id TEXT NOT NULL PRIMARY KEY,
  until TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX ended_sessions_by_until ON ended_sessions (until);

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id),
  title TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  created_at TIMESTAMP NOT NULL,
  last_used_at TIMESTAMP
);
CREATE INDEX tokens_by_user ON tokens (user_id);

CREATE TABLE rooms (
  id TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  kind TEXT NOT NULL,
  direct_key TEXT UNIQUE,
  created_by INTEGER NOT NULL REFERENCES users (id),
  created_at TIMESTAMP NOT NULL,
  last_position INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  room_revision INTEGER NOT NULL,
  active_at TIMESTAMP NOT NULL
);
-- not by active_at, which every message moves
CREATE INDEX rooms_open ON rooms (id) WHERE kind = 'open';

CREATE TABLE users_on_room (
  room_id TEXT NOT NULL REFERENCES rooms (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  joined_at TIMESTAMP NOT NULL,
  read_position INTEGER NOT NULL,
  notify TEXT NOT NULL,
  PRIMARY KEY (room_id, user_id)
) WITHOUT ROWID;
CREATE INDEX users_on_room_by_user ON users_on_room (user_id);

-- Without a rowid the rows lie in the order of the primary key: a page of history is one stretch of the file.
CREATE TABLE messages (
  room_id TEXT NOT NULL REFERENCES rooms (id),
  position INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  author_id INTEGER NOT NULL REFERENCES users (id),
  body TEXT NOT NULL,
  posted_at TIMESTAMP NOT NULL,
  edited_at TIMESTAMP,
  deleted_at TIMESTAMP,
  "key" TEXT,
  continues BOOLEAN NOT NULL,
  previous_at TIMESTAMP,
  PRIMARY KEY (room_id, position)
) WITHOUT ROWID;
CREATE UNIQUE INDEX messages_by_revision ON messages (room_id, revision);
CREATE UNIQUE INDEX messages_by_key ON messages (room_id, author_id, "key") WHERE "key" IS NOT NULL;

CREATE TABLE invites (
  code TEXT NOT NULL PRIMARY KEY,
  room_id TEXT REFERENCES rooms (id),
  created_by INTEGER NOT NULL REFERENCES users (id),
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP,
  max_uses INTEGER,
  uses INTEGER NOT NULL,
  revoked_at TIMESTAMP
);
CREATE INDEX invites_by_creator ON invites (created_by);
