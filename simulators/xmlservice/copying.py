"""What copying in and copying out share: their error, where an overlay begins, labels."""

from __future__ import annotations

from epm.errors import EpmError, FormatError
from simulators.xmlservice.layout import Data, Overlay
from simulators.xmlservice.storage import Place, Storage

#: Bytes of all values that one document may copy in and out.
MAX_COPIED = 512_000_000
#: Values and structures that one document may copy, empty ones included.
MAX_VALUES = 500_000


class CopyError(EpmError):
    """A value could not be copied in or out.

    Attributes:
        element: the start tag it belongs to.
        data: the text, or the storage in hex, that was wrong.
    """

    def __init__(self, message: str, element: str, data: str) -> None:
        """Take the one-line text, the element and the data."""
        super().__init__(message)
        self.element = element
        self.data = data


class Count:
    """Bounds the work of a document: an array of arrays of nothing is small and endless."""

    def __init__(self) -> None:
        self._used = 0
        self._bytes = 0

    def size(self, start: str, size: int) -> None:
        """Count the bytes of a value: overlays may copy the same ones often.

        Raises:
            CopyError: they are too many.
        """
        self._bytes += size
        if self._bytes > MAX_COPIED:
            raise CopyError(f"more than {MAX_COPIED} bytes of values", start, "")

    def one(self, start: str) -> None:
        """Count a value or a structure.

        Raises:
            CopyError: it is one too many.
        """
        self._used += 1
        if self._used > MAX_VALUES:
            raise CopyError(f"more than {MAX_VALUES} values", start, "")


def overlay_offset(overlay: Overlay, storage: Storage) -> int:
    """Return where an overlay begins: its number, or what its label's value is now."""
    if isinstance(overlay.offset, int):
        return overlay.offset
    try:
        return storage.value("offset", overlay.offset) or 0
    except FormatError as error:
        raise CopyError(str(error), overlay.start, overlay.offset) from None


def set_labels(storage: Storage, data: Data, place: Place) -> None:
    """Remember where a labelled value stands; of an array's elements the last one counts."""
    for kind, label in (("enddo", data.count), ("offset", data.offset), ("next", data.following)):
        if label:
            storage.labels[kind, label] = place
