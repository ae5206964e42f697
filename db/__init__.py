"""The rule store: tables, migrations, revisions, history, captures, messages."""
