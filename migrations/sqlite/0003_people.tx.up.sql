-- Counts changes of users.
CREATE TABLE people (
  version INTEGER NOT NULL
);
INSERT INTO people (version) VALUES (1);

CREATE TRIGGER people_added AFTER INSERT ON users BEGIN UPDATE people SET version = version + 1; END;
CREATE TRIGGER people_changed AFTER UPDATE ON users BEGIN UPDATE people SET version = version + 1; END;
CREATE TRIGGER people_removed AFTER DELETE ON users BEGIN UPDATE people SET version = version + 1; END;
