-- A member's favourites stand on top of its list of rooms.
ALTER TABLE users_on_room ADD COLUMN favourite BOOLEAN NOT NULL DEFAULT FALSE;
-- In which order a user likes its list of rooms.
ALTER TABLE users ADD COLUMN room_order TEXT NOT NULL DEFAULT 'activity' CHECK (room_order IN ('activity', 'unread'));
-- Whether the title of a room is the names of its people.
ALTER TABLE rooms ADD COLUMN named_by_people BOOLEAN NOT NULL DEFAULT FALSE;
