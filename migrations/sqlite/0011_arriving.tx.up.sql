-- Of an event: the position of the newest text before it; 0: there is none. Lists show that text as the room's newest line.
ALTER TABLE messages ADD COLUMN text_position INTEGER;

-- The room that everybody who signs up joins: the one that was made together with the first account.
ALTER TABLE rooms ADD COLUMN everybody BOOLEAN NOT NULL DEFAULT FALSE;
CREATE UNIQUE INDEX rooms_everybody ON rooms (everybody) WHERE everybody;
UPDATE rooms SET everybody = TRUE WHERE id = (SELECT r.id FROM rooms AS r JOIN (SELECT id, created_at FROM users ORDER BY id LIMIT 1) AS u
  ON u.id = r.created_by AND u.created_at = r.created_at WHERE r.kind = 'open' LIMIT 1);

-- Who may change the title: in a new room its creator and administrators, in rooms from before every member, as until now.
ALTER TABLE rooms ADD COLUMN members_may_rename BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE rooms SET members_may_rename = TRUE;

-- Who was put out of a room, and does not come back by itself.
CREATE TABLE room_bans (
  room_id TEXT NOT NULL REFERENCES rooms (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  banned_by INTEGER NOT NULL REFERENCES users (id),
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (room_id, user_id)
) WITHOUT ROWID;
