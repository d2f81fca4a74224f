-- One-time links by which a user comes back in after a forgotten password. Only the SHA-256 of the code is stored. A link that was made on
-- the command line has no creator.
CREATE TABLE recoveries (
  hash BLOB NOT NULL PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  created_by INTEGER REFERENCES users (id),
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX recoveries_by_user ON recoveries (user_id);
