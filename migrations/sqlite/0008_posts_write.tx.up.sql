-- A function of PostgreSQL; SQLite's statements are prepared by the program.
SELECT 1;
