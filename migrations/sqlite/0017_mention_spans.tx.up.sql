-- Which parts of a body mention whom; empty also where that was not kept when it was posted.
ALTER TABLE messages ADD COLUMN mention_spans TEXT NOT NULL DEFAULT '';
