-- Who reacted to a message with which emoji, and the same in the message itself as readers get it.
ALTER TABLE messages ADD COLUMN reactions TEXT NOT NULL DEFAULT '';
CREATE TABLE reactions (
  room_id UUID NOT NULL,
  position BIGINT NOT NULL,
  user_id BIGINT NOT NULL REFERENCES users (id),
  emoji TEXT NOT NULL,
  reacted_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (room_id, position, user_id, emoji),
  FOREIGN KEY (room_id, position) REFERENCES messages (room_id, position)
);
