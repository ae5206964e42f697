"""What ODBC offers on this machine: the drivers that unixODBC knows. For ``epm doctor``."""

from __future__ import annotations

from dataclasses import dataclass

from db.ibmi.opening import import_pyodbc
from epm.errors import UnsupportedError

#: The driver of an IBM i, by the name that its installer registers.
IBM_I_DRIVER = "IBM i Access ODBC Driver"


@dataclass(frozen=True, slots=True)
class Odbc:
    """An ODBC installation.

    Attributes:
        version: of pyodbc.
        drivers: names under which drivers are registered.
    """

    version: str
    drivers: tuple[str, ...]

    @property
    def reaches_ibmi(self) -> bool:
        """Whether the driver of an IBM i is among them."""
        return any(name.startswith(IBM_I_DRIVER) for name in self.drivers)


def look_at_odbc() -> Odbc:
    """Return what is installed; nothing is connected.

    Raises:
        UnsupportedError: pyodbc or unixODBC is missing, or does not answer.
    """
    pyodbc = import_pyodbc()
    try:
        drivers = tuple(pyodbc.drivers())
    except pyodbc.Error as error:
        raise UnsupportedError(f"ODBC does not tell its drivers: {error}") from None
    return Odbc(str(pyodbc.version), drivers)
