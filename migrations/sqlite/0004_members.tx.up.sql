-- A room knows how many active members it has, so that showing it costs the same however many there are.
ALTER TABLE rooms ADD COLUMN members INTEGER NOT NULL DEFAULT 0;
UPDATE rooms SET members = (SELECT count(*) FROM users_on_room AS m JOIN users AS u ON u.id = m.user_id
  WHERE m.room_id = rooms.id AND u.deactivated_at IS NULL);

CREATE TRIGGER members_joined AFTER INSERT ON users_on_room BEGIN
  UPDATE rooms SET members = members + 1 WHERE id = NEW.room_id
    AND EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id AND deactivated_at IS NULL);
END;
CREATE TRIGGER members_left AFTER DELETE ON users_on_room BEGIN
  UPDATE rooms SET members = members - 1 WHERE id = OLD.room_id
    AND EXISTS (SELECT 1 FROM users WHERE id = OLD.user_id AND deactivated_at IS NULL);
END;
CREATE TRIGGER members_active AFTER UPDATE OF deactivated_at ON users
WHEN (OLD.deactivated_at IS NULL) <> (NEW.deactivated_at IS NULL) BEGIN
  UPDATE rooms SET members = members + CASE WHEN NEW.deactivated_at IS NULL THEN 1 ELSE -1 END
    WHERE id IN (SELECT room_id FROM users_on_room WHERE user_id = NEW.id);
END;
