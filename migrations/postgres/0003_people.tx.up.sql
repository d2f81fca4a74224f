-- Counts changes of users, so that one look tells whether anything is still shown as it should be.
CREATE TABLE people (
  version BIGINT NOT NULL
);
INSERT INTO people (version) VALUES (1);

CREATE FUNCTION count_people() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN
  UPDATE people SET version = version + 1;
  RETURN NULL;
END';
CREATE TRIGGER people_changed AFTER INSERT OR UPDATE OR DELETE ON users FOR EACH STATEMENT EXECUTE FUNCTION count_people();
