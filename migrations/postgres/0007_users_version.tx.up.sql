-- The counter of changes of users, under a name that says so. A process of the version before,
-- which asks for it under its old name, is told of an error and reads everything from the other
-- tables until it is replaced.
ALTER TABLE people RENAME TO users_version;
DROP TRIGGER people_changed ON users;
DROP FUNCTION count_people();

CREATE FUNCTION raise_users_version() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN
  UPDATE users_version SET version = version + 1;
  RETURN NULL;
END';
CREATE TRIGGER users_version_raised AFTER INSERT OR UPDATE OR DELETE ON users
  FOR EACH STATEMENT EXECUTE FUNCTION raise_users_version();
