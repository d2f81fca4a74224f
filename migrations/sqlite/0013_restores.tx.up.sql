-- Revisions that a room had in a life of the database that a backup ended: those after "after" and before "before". The room went on at
-- "before", so that a cursor between them is known to be of messages that are not there any more.
CREATE TABLE revision_gaps (
  room_id TEXT NOT NULL REFERENCES rooms (id),
  "after" INTEGER NOT NULL,
  "before" INTEGER NOT NULL,
  PRIMARY KEY (room_id, "after")
) WITHOUT ROWID;
