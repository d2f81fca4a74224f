-- Whom a message mentions: the ids of users, with a space before, between and after them. NULL for
-- messages whose mentions were not resolved when they were posted.
ALTER TABLE messages ADD COLUMN mentions TEXT;
