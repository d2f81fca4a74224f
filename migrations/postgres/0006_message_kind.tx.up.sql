-- What a message is: text that somebody wrote, or an event, which tells what happened to the room.
ALTER TABLE messages ADD COLUMN kind TEXT NOT NULL DEFAULT 'text' CHECK (kind IN ('text', 'event'));
