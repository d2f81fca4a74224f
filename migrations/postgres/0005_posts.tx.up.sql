-- The two halves of a batch of posts, as in 0002, but without a list of the columns of messages or
-- users: those of messages come with the rows, so that one that is added later needs no other
-- function, and has its default where a process does not know it yet. posting_read and
-- posting_write stay for processes of the version before.

-- posts_read locks the rooms of the members wanted, in a fixed order, so that no two batches wait
-- for each other. Then, seeing what was committed until it had the locks, it reads those of them
-- who are members, with the newest message of the room, and how many of the keys were used before.
CREATE FUNCTION posts_read(wanted json, keys json) RETURNS TABLE (
  room_id UUID, author_id BIGINT, author_version BIGINT, read_position BIGINT, last_position BIGINT, revision BIGINT,
  newest_author BIGINT, newest_at TIMESTAMPTZ, known BIGINT
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET join_collapse_limit = 1
AS $$
#variable_conflict use_column
DECLARE
  known BIGINT := 0;
BEGIN
  PERFORM FROM rooms AS r WHERE r.id IN (SELECT p.room_id FROM json_to_recordset(wanted) AS p (room_id UUID))
  ORDER BY r.id FOR UPDATE OF r;
  IF json_array_length(keys) > 0 THEN
    SELECT count(*) INTO known FROM json_to_recordset(keys) AS k (room_id UUID, user_id BIGINT, "key" TEXT)
    JOIN messages AS msg ON msg.author_id = k.user_id AND msg."key" = k."key" AND (msg.room_id = k.room_id) IS TRUE; -- by no index
  END IF;
  RETURN QUERY SELECT m.room_id, m.user_id, u.version, m.read_position, r.last_position, r.revision,
    newest.author_id, newest.posted_at, known
  FROM json_to_recordset(wanted) AS p (room_id UUID, user_id BIGINT)
  JOIN rooms AS r ON r.id = p.room_id
  JOIN users_on_room AS m ON m.room_id = p.room_id AND m.user_id = p.user_id
  JOIN users AS u ON u.id = p.user_id AND u.deactivated_at IS NULL
  LEFT JOIN LATERAL (
    SELECT msg.author_id, msg.posted_at FROM messages AS msg
    WHERE msg.room_id = r.id AND msg.position >= r.last_position ORDER BY msg.position LIMIT 1
  ) AS newest ON TRUE;
END $$;

-- posts_write stores new messages, whose columns are the keys of the first, the counters of their
-- rooms, and how far their authors have read. The insertion is planned each time, which takes no
-- time: there is one way to do it.
CREATE FUNCTION posts_write(fresh json, counters json, marks json) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  columns TEXT := (SELECT string_agg(quote_ident(k), ', ') FROM json_object_keys(fresh->0) AS k);
BEGIN
  IF columns IS NOT NULL THEN
    EXECUTE format('INSERT INTO messages (%1$s) SELECT %1$s FROM json_populate_recordset(NULL::messages, $1)', columns) USING fresh;
  END IF;
  UPDATE rooms AS r SET last_position = c.last_position, revision = c.revision, active_at = c.active_at
  FROM json_to_recordset(counters) AS c (id UUID, last_position BIGINT, revision BIGINT, active_at TIMESTAMPTZ) WHERE r.id = c.id;
  UPDATE users_on_room AS m SET read_position = c.read_position
  FROM json_to_recordset(marks) AS c (room_id UUID, user_id BIGINT, read_position BIGINT)
  WHERE m.room_id = c.room_id AND m.user_id = c.user_id AND m.read_position < c.read_position;
END $$;
