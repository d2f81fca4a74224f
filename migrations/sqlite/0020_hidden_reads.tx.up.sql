-- A room, or somebody in all rooms, may hide who has read what.
ALTER TABLE rooms ADD COLUMN hides_reads BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN hides_reads BOOLEAN NOT NULL DEFAULT FALSE;
