"""CCSIDs: the EBCDIC code pages that records may be in, by IBM's number."""

from __future__ import annotations

from epm.errors import SettingsError

DEFAULT_CCSID = 37
#: The EBCDIC single-byte code pages that Python knows; a CCSID's number is the code page's.
_CODECS = {
    37: "cp037",
    273: "cp273",
    424: "cp424",
    500: "cp500",
    875: "cp875",
    1026: "cp1026",
    1140: "cp1140",
}
#: The blank and the digits are the same in all of them.
BLANK = 0x40
ZERO = 0xF0


def codec_of(ccsid: int) -> str:
    """Return the name of Python's codec for a CCSID.

    Raises:
        SettingsError: it is none of the EBCDIC code pages known here.
    """
    name = _CODECS.get(ccsid)
    if name is None:
        known = ", ".join(str(number) for number in _CODECS)
        raise SettingsError(f"CCSID {ccsid} is not supported (supported: {known})")
    return name


def encode_text(text: str, codec: str) -> bytes:
    """Return ``text`` in an EBCDIC codec; what it does not have becomes ``?``."""
    return text.encode(codec, "replace")
