-- What concerns somebody: mentions, answers, reactions. A revision is that of the room with which it came about; a member has seen what came up
-- to activity_seen.
CREATE TABLE activities (
  id INTEGER NOT NULL PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  room_id TEXT NOT NULL REFERENCES rooms (id),
  position INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor_id INTEGER NOT NULL REFERENCES users (id),
  emoji TEXT NOT NULL,
  at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX activities_by_message ON activities (room_id, position, user_id, kind, actor_id, emoji);
CREATE INDEX activities_by_user ON activities (user_id, id);
CREATE INDEX activities_by_member ON activities (user_id, room_id, revision);
ALTER TABLE users_on_room ADD COLUMN activity_seen INTEGER NOT NULL DEFAULT 0;
INSERT INTO activities (user_id, room_id, position, revision, kind, actor_id, emoji, at)
SELECT user_id, room_id, position, 0, kind, actor_id, emoji, at FROM (
  SELECT m.user_id, msg.room_id, msg.position, 'mention' AS kind, msg.author_id AS actor_id, '' AS emoji, msg.posted_at AS at
  FROM messages AS msg JOIN users_on_room AS m ON m.room_id = msg.room_id AND m.user_id <> msg.author_id AND msg.mentions LIKE '% ' || m.user_id || ' %'
  WHERE msg.mentions <> ''
  UNION ALL
  SELECT quoted.author_id, msg.room_id, msg.position, 'reply', msg.author_id, '', msg.posted_at
  FROM messages AS msg JOIN messages AS quoted ON quoted.room_id = msg.room_id AND quoted.position = msg.reply_to AND quoted.author_id <> msg.author_id
  UNION ALL
  SELECT msg.author_id, msg.room_id, msg.position, 'reaction', re.user_id, re.emoji, re.reacted_at
  FROM reactions AS re JOIN messages AS msg ON msg.room_id = re.room_id AND msg.position = re.position AND msg.author_id <> re.user_id
) AS old ORDER BY at;
