"""Db2 for i over ODBC: the rule store's dialect, connections, and fetching SK entries by SQL."""
