"""Character sets of rule images: how names are stored, and how they fold to upper case.

On IBM i names are single bytes of an EBCDIC CCSID, and the exit program must fold them as the
engine does, which is Python's ``str.upper``: sharp s becomes two letters, and y with diaeresis
a letter that the code page lacks. So the image carries the folding as a table of bytes. A letter
that the code page lacks is written as the byte of its lower-case form: no folded text ever holds
that byte for itself, so nothing else compares equal to it.

On other systems names are UTF-8, folded by whoever calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from epm.errors import SettingsError
from exitprograms.ile.layout import CHARSET, SINGLE_BYTE, UTF8, UTF8_CCSID

#: EBCDIC code pages whose folding the table can say; a CCSID's number is the code page's.
CCSIDS = (37, 273, 500, 1140)


class Charset:
    """One character set: text to bytes, for names as they are and as they compare.

    Attributes:
        ccsid: 1208 for UTF-8.
        codec: Python's name of it.
    """

    def __init__(self, ccsid: int) -> None:
        """Take a character set by its CCSID.

        Raises:
            SettingsError: it is none that a rule image may be in.
        """
        if ccsid not in (*CCSIDS, UTF8_CCSID):
            known = ", ".join(map(str, (*CCSIDS, UTF8_CCSID)))
            raise SettingsError(f"CCSID {ccsid} is none of a rule image's ({known})")
        self.ccsid = ccsid
        self.is_utf8 = ccsid == UTF8_CCSID
        self.codec = "utf-8" if self.is_utf8 else f"cp{ccsid:03}"
        self._upper = {} if self.is_utf8 else dict(_stand_ins(self.codec))

    def encode(self, text: str) -> bytes:
        """Return text for display; what the set lacks becomes ``?``."""
        return text.encode(self.codec, "surrogatepass" if self.is_utf8 else "replace")

    def exact(self, text: str) -> bytes | None:
        """Return text as it is compared; ``None`` where no name in this set can equal it."""
        try:
            return text.encode(self.codec, "surrogatepass" if self.is_utf8 else "strict")
        except UnicodeEncodeError:
            return None

    def folded(self, text: str) -> bytes | None:
        """Return folded text as folded names compare with it; ``None`` where none can."""
        if self.is_utf8:
            return self.exact(text)
        parts = [self._upper.get(c) or self.exact(c) for c in text]
        return None if None in parts else b"".join(p for p in parts if p is not None)

    def record(self) -> bytes:
        """Return the image's character set record."""
        ascii_bytes = bytes(range(128)).decode("ascii").encode(self.codec)
        if self.is_utf8:
            fold = b"".join(bytes((1, b, 0, 0)) for b in range(256))
            return CHARSET.pack(UTF8, self.ccsid, ascii_bytes, bytes(512), fold)
        characters = bytes(range(256)).decode(self.codec)
        unicode = b"".join(ord(c).to_bytes(2, "big") for c in characters)
        fold = b"".join(self._fold_entry(c) for c in characters)
        return CHARSET.pack(SINGLE_BYTE, self.ccsid, ascii_bytes, unicode, fold)

    def _fold_entry(self, character: str) -> bytes:
        upper = self.folded(character.upper())
        assert upper is not None
        assert 1 <= len(upper) <= 3
        return bytes([len(upper)]) + upper.ljust(3, b"\0")


def _stand_ins(codec: str) -> Iterator[tuple[str, bytes]]:
    """Yield (upper-case letter that the code page lacks, the byte that stands for it)."""
    for number in range(256):
        byte = bytes([number])
        upper = byte.decode(codec).upper()
        if len(upper) == 1 and upper.encode(codec, "ignore") == b"":
            yield upper, byte


@lru_cache(maxsize=8)
def charset(ccsid: int) -> Charset:
    """Return the character set of a CCSID.

    Raises:
        SettingsError: it is none that a rule image may be in.
    """
    return Charset(ccsid)
