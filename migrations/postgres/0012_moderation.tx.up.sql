-- A room may be archived: it takes no posts and leaves the lists of every day.
ALTER TABLE rooms ADD COLUMN archived_at TIMESTAMPTZ;
-- Who deleted a message, under the name of that time, where it was not its author.
ALTER TABLE messages ADD COLUMN deleted_by BIGINT;
ALTER TABLE messages ADD COLUMN deleted_by_name TEXT NOT NULL DEFAULT '';
-- When somebody was last online. A table of its own: users are read everywhere and cached.
CREATE TABLE last_seen (
  user_id BIGINT NOT NULL PRIMARY KEY REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL
);

-- As in 0005, but an archived room has nobody who may write in it, and an event has no author whom
-- the next message could continue. Who has read every text has read the events after it.
CREATE OR REPLACE FUNCTION posts_read(wanted json, keys json) RETURNS TABLE (
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
  RETURN QUERY SELECT m.room_id, m.user_id, u.version,
    CASE WHEN newest.text_position <= m.read_position THEN r.last_position ELSE m.read_position END, r.last_position, r.revision,
    CASE newest.kind WHEN 'text' THEN newest.author_id ELSE 0 END, newest.posted_at, known
  FROM json_to_recordset(wanted) AS p (room_id UUID, user_id BIGINT)
  JOIN rooms AS r ON r.id = p.room_id AND r.archived_at IS NULL
  JOIN users_on_room AS m ON m.room_id = p.room_id AND m.user_id = p.user_id
  JOIN users AS u ON u.id = p.user_id AND u.deactivated_at IS NULL
  LEFT JOIN LATERAL (
    SELECT msg.author_id, msg.posted_at, msg.kind, msg.text_position FROM messages AS msg
    WHERE msg.room_id = r.id AND msg.position >= r.last_position ORDER BY msg.position LIMIT 1
  ) AS newest ON TRUE;
END $$;
