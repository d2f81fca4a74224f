-- One-time links by which a user comes back in after a forgotten password. Only the SHA-256 of the code is stored. A link that was made on
-- the command line has no creator.
CREATE TABLE recoveries (
  hash BYTEA NOT NULL PRIMARY KEY,
  user_id BIGINT NOT NULL REFERENCES users (id),
  created_by BIGINT REFERENCES users (id),
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX recoveries_by_user ON recoveries (user_id);
