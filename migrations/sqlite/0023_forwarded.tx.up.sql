-- Under which name the author of a message wrote it that was forwarded here; empty for one that was not.
ALTER TABLE messages ADD COLUMN forwarded_from TEXT NOT NULL DEFAULT '';
