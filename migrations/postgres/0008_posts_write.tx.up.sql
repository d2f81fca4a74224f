-- messages_write stores new messages, the counters of their rooms, and how far their authors have
-- read, as posts_write does, which stays for processes of the version before.
--
-- A process that knows all columns of messages (known of them) has the insertion planned once for
-- each connection, like the other statements: to plan it takes as long as to run it. PostgreSQL
-- plans it anew when a column is added. A process that knows fewer columns, because a newer one has
-- added some meanwhile, gives those the defaults, and the insertion is planned each time.
CREATE FUNCTION messages_write(fresh json, known int, counters json, marks json) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  columns TEXT;
BEGIN
  INSERT INTO messages SELECT f.* FROM pg_class AS t CROSS JOIN json_populate_recordset(NULL::messages, fresh) AS f
  WHERE t.oid = 'messages'::regclass AND t.relnatts = known;
  IF NOT FOUND AND json_array_length(fresh) > 0 THEN
    columns := (SELECT string_agg(quote_ident(k), ', ') FROM json_object_keys(fresh->0) AS k);
    EXECUTE format('INSERT INTO messages (%1$s) SELECT %1$s FROM json_populate_recordset(NULL::messages, $1)', columns) USING fresh;
  END IF;
  UPDATE rooms AS r SET last_position = c.last_position, revision = c.revision, active_at = c.active_at
  FROM json_to_recordset(counters) AS c (id UUID, last_position BIGINT, revision BIGINT, active_at TIMESTAMPTZ) WHERE r.id = c.id;
  UPDATE users_on_room AS m SET read_position = c.read_position
  FROM json_to_recordset(marks) AS c (room_id UUID, user_id BIGINT, read_position BIGINT)
  WHERE m.room_id = c.room_id AND m.user_id = c.user_id AND m.read_position < c.read_position;
END $$;
