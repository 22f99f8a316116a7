"""The database: the only room that speaks SQL. Nothing here decides what a caller hears."""
