-- A room knows how many active members it has, so that showing it costs the same however many there are.
ALTER TABLE rooms ADD COLUMN members BIGINT NOT NULL DEFAULT 0;
UPDATE rooms SET members = (SELECT count(*) FROM users_on_room AS m JOIN users AS u ON u.id = m.user_id
  WHERE m.room_id = rooms.id AND u.deactivated_at IS NULL);

CREATE FUNCTION count_member() RETURNS trigger LANGUAGE plpgsql AS '
DECLARE
  m users_on_room := coalesce(NEW, OLD);
BEGIN
  UPDATE rooms SET members = members + CASE TG_OP WHEN ''INSERT'' THEN 1 ELSE -1 END WHERE id = m.room_id
    AND EXISTS (SELECT 1 FROM users WHERE id = m.user_id AND deactivated_at IS NULL);
  RETURN NULL;
END';
CREATE TRIGGER members_counted AFTER INSERT OR DELETE ON users_on_room FOR EACH ROW EXECUTE FUNCTION count_member();

CREATE FUNCTION count_active_member() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN
  UPDATE rooms SET members = members + CASE WHEN NEW.deactivated_at IS NULL THEN 1 ELSE -1 END
    WHERE id IN (SELECT room_id FROM users_on_room WHERE user_id = NEW.id);
  RETURN NULL;
END';
CREATE TRIGGER members_active AFTER UPDATE OF deactivated_at ON users FOR EACH ROW
  WHEN ((OLD.deactivated_at IS NULL) <> (NEW.deactivated_at IS NULL)) EXECUTE FUNCTION count_active_member();
