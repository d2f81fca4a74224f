-- The counter of changes of users, under a name that says so.
DROP TRIGGER people_added;
DROP TRIGGER people_changed;
DROP TRIGGER people_removed;
ALTER TABLE people RENAME TO users_version;

CREATE TRIGGER users_version_inserted AFTER INSERT ON users BEGIN UPDATE users_version SET version = version + 1; END;
CREATE TRIGGER users_version_updated AFTER UPDATE ON users BEGIN UPDATE users_version SET version = version + 1; END;
CREATE TRIGGER users_version_deleted AFTER DELETE ON users BEGIN UPDATE users_version SET version = version + 1; END;
