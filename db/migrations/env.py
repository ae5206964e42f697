"""What alembic runs: migrate the connection that :mod:`db.schema` hands in.

INVARIANT: the connection is in a transaction already, so all migrations happen or none.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from db.activity_tables import CaptureRow
from db.schema import VERSION_TABLE

# Of the module that is imported last, so that the metadata holds every table.
_METADATA = CaptureRow.metadata


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=_METADATA,
        version_table=VERSION_TABLE,
        # SQLite cannot alter a table in place: batch mode copies it.
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_migrate(context.config.attributes["connection"])
