"""SQL of Db2 for i over SQLite: names, functions, services, catalogue."""
