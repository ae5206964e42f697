"""How a migration alters a table on Db2 for i: Alembic knows no such database by itself.

Source: IBM documentation, Db2 for i SQL reference, ALTER TABLE and RENAME. What differs from the
common spelling is said here; what Db2 for i has no statement for is refused, never guessed.
"""

from __future__ import annotations

from typing import Any

from alembic.ddl.base import ColumnName, ColumnType, RenameTable, alter_column, alter_table
from alembic.ddl.impl import DefaultImpl
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles


class IbmiImpl(DefaultImpl):
    """Found by Alembic through its name.

    Tables are made and altered under commitment control, so a migration is done whole or not at
    all; that is documented for Db2 for i, and was not tried on one.
    """

    __dialect__ = "ibmi"
    transactional_ddl = True


@compiles(ColumnType, "ibmi")
def _column_type(element: ColumnType, compiler: Any, **_kw: Any) -> str:
    column = alter_column(compiler, str(element.column_name))
    kind = compiler.dialect.type_compiler_instance.process(element.type_)
    return (
        f"{alter_table(compiler, element.table_name, element.schema)} {column} SET DATA TYPE {kind}"
    )


@compiles(RenameTable, "ibmi")
def _rename_table(element: RenameTable, compiler: Any, **_kw: Any) -> str:
    # The new name takes no schema: a table is renamed where it is.
    old, new = (
        str(compiler.preparer.quote(n)) for n in (element.table_name, element.new_table_name)
    )
    schema = f"{compiler.preparer.quote(element.schema)}." if element.schema else ""
    return f"RENAME TABLE {schema}{old} TO {new}"


@compiles(ColumnName, "ibmi")
def _rename_column(element: ColumnName, _compiler: Any, **_kw: Any) -> str:
    raise CompileError(
        f"column {element.column_name} of {element.table_name}: Db2 for i renames no column; "
        "add the new one, copy, and drop the old one"
    )
