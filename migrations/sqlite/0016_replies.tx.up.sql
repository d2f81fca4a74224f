-- Which message of the same room a message answers.
ALTER TABLE messages ADD COLUMN reply_to INTEGER;
CREATE INDEX messages_reply_to ON messages (room_id, reply_to, position) WHERE reply_to IS NOT NULL;
