-- The first lines of a file that is text.
ALTER TABLE files ADD COLUMN preview TEXT NOT NULL DEFAULT '';
