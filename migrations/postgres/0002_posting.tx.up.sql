-- The two halves of a batch of posts. As functions their statements are planned once for each connection, and each half is one
-- round trip, through poolers as well. They take lists as JSON; between them the program decides what is written.
--
-- A plan is kept however much the tables grow after it was made, and while they are small every index looks as good as another. So
-- there is only one it can be: go through the list, and find what belongs to each item by the one index that leads to it.

-- Author and key first: with the room first, every index that begins with a room seemed to do, and went through all of its history.
DROP INDEX messages_by_key;
CREATE UNIQUE INDEX messages_by_key ON messages (author_id, "key", room_id) WHERE "key" IS NOT NULL;

-- posting_read locks the rooms of places, in a fixed order, so that no two batches wait for each other. Then, seeing what was
-- committed until it had the locks, it reads those of the places whose user is a member, with the newest message of the room, and
-- how many of the keys are known.
CREATE FUNCTION posting_read(places json, keys json) RETURNS TABLE (
  room_id UUID, author_id BIGINT, read_position BIGINT, last_position BIGINT, revision BIGINT,
  newest_author BIGINT, newest_at TIMESTAMPTZ, known BIGINT,
  author__id BIGINT, author__name TEXT, author__name_key TEXT, author__display_name TEXT, author__bio TEXT, author__language TEXT,
  author__time_zone TEXT, author__role TEXT, author__epoch BIGINT, author__version BIGINT, author__photo_version TEXT,
  author__created_at TIMESTAMPTZ
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET join_collapse_limit = 1
AS $$
#variable_conflict use_column
DECLARE
  known BIGINT := 0;
BEGIN
  PERFORM FROM rooms AS r WHERE r.id IN (SELECT p.room_id FROM json_to_recordset(places) AS p (room_id UUID))
  ORDER BY r.id FOR UPDATE OF r;
  IF json_array_length(keys) > 0 THEN
    SELECT count(*) INTO known FROM json_to_recordset(keys) AS k (room_id UUID, user_id BIGINT, "key" TEXT)
    JOIN messages AS msg ON msg.author_id = k.user_id AND msg."key" = k."key" AND (msg.room_id = k.room_id) IS TRUE; -- by no index
  END IF;
  RETURN QUERY SELECT m.room_id, m.user_id, m.read_position, r.last_position, r.revision, newest.author_id, newest.posted_at, known,
    u.id, u.name, u.name_key, u.display_name, u.bio, u.language, u.time_zone, u.role, u.epoch, u.version, u.photo_version, u.created_at
  FROM json_to_recordset(places) AS p (room_id UUID, user_id BIGINT)
  JOIN rooms AS r ON r.id = p.room_id
  JOIN users_on_room AS m ON m.room_id = p.room_id AND m.user_id = p.user_id
  JOIN users AS u ON u.id = p.user_id AND u.deactivated_at IS NULL
  LEFT JOIN LATERAL (
    SELECT msg.author_id, msg.posted_at FROM messages AS msg
    WHERE msg.room_id = r.id AND msg.position >= r.last_position ORDER BY msg.position LIMIT 1
  ) AS newest ON TRUE;
END $$;

-- posting_write stores new messages, the state of their rooms, and how far their authors have read.
CREATE FUNCTION posting_write(fresh json, states json, marks json) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
  INSERT INTO messages (room_id, position, revision, author_id, body, posted_at, "key", continues, previous_at)
  SELECT f.room_id, f.position, f.revision, f.author_id, f.body, f.posted_at, f."key", f.continues, f.previous_at
  FROM json_to_recordset(fresh) AS f (room_id UUID, position BIGINT, revision BIGINT, author_id BIGINT, body TEXT,
    posted_at TIMESTAMPTZ, "key" TEXT, continues BOOLEAN, previous_at TIMESTAMPTZ);
  UPDATE rooms AS r SET last_position = s.last_position, revision = s.revision, active_at = s.active_at
  FROM json_to_recordset(states) AS s (id UUID, last_position BIGINT, revision BIGINT, active_at TIMESTAMPTZ) WHERE r.id = s.id;
  UPDATE users_on_room AS m SET read_position = s.read_position
  FROM json_to_recordset(marks) AS s (room_id UUID, user_id BIGINT, read_position BIGINT)
  WHERE m.room_id = s.room_id AND m.user_id = s.user_id AND m.read_position < s.read_position;
END $$;
