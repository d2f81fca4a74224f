-- Messages that a room keeps at hand, and how many they are.
ALTER TABLE messages ADD COLUMN pinned_at TIMESTAMP;
CREATE INDEX messages_pinned ON messages (room_id, pinned_at) WHERE pinned_at IS NOT NULL;
ALTER TABLE rooms ADD COLUMN pins INTEGER NOT NULL DEFAULT 0;
