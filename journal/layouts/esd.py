"""SK entry-specific data, both ways, for all eleven entry types.

IBM documentation: QAUDJRN SK entry layout, offsets 1-based from the first byte of the
entry-specific data (in a *TYPE5 record it begins at 610, in a *TYPE4 record at 224). Ports are
characters, taken blank-padded on either side and zero-padded (assumption A15), written
left-justified. The filter data begins with its length (assumption A16). Secure properties are
taken as 100 characters (assumption A18); a *TYPE4 record ends before the secure fields.
"""

from __future__ import annotations

import struct

from epm.addresses import parse_address
from epm.errors import ConditionError, FormatError
from epm.events import SkData
from journal.layouts.ccsid import codec_of
from journal.layouts.kit import MEMO_LIMIT, FieldKind, FixedField, Layout, Memo, char_value
from journal.layouts.values import SkType

TYPE4_BYTES = 960
ESD_BYTES = 1070
MAX_FILTER_BYTES = 512
MAX_PORT = 65535
_BINARY = FieldKind.BINARY
_COMMON = (
    FixedField("type", 1, 1),
    FixedField("legacy_local_address", 2, 15),
    FixedField("local_port", 17, 5),
    FixedField("legacy_remote_address", 22, 15),
    FixedField("remote_port", 37, 5),
    FixedField("descriptor", 42, 4, _BINARY),
    FixedField("filter_description", 46, 10),
    FixedField("filter_length", 56, 2, _BINARY),
    FixedField("filter_inner_length", 58, 2, _BINARY),
    FixedField("filter_data", 60, 512),
    FixedField("address_family", 572, 10),
    FixedField("local_address", 582, 46),
    FixedField("remote_address", 628, 46),
    FixedField("mac_address", 674, 32),
    FixedField("host_name", 706, 255),
)
_SECURE = (FixedField("secure_version", 961, 10), FixedField("secure_properties", 971, 100))
TYPE4_LAYOUT = Layout("SK entry-specific data (*TYPE4)", TYPE4_BYTES, _COMMON)
LAYOUT = Layout("SK entry-specific data", ESD_BYTES, _COMMON + _SECURE)

#: A length field of entries without filter data: zero, or never set (blanks).
_NO_LENGTH = (0, 0x4040)

_COMMON_STRUCT = struct.Struct(">1s15s5s15s5si10shh512s10s46s46s32s255s")
assert _COMMON_STRUCT.size == TYPE4_BYTES
_OFFSETS = {field.name: field.start for field in LAYOUT.fields}


class _Ports(dict[bytes, int | None]):
    def __init__(self, codec: str) -> None:
        super().__init__()
        self._codec = codec

    def __missing__(self, raw: bytes) -> int | None:
        """Return the port.

        Raises:
            ValueError: the field holds neither a port nor blanks.
        """
        text = (char_value(raw, self._codec) or "").strip()
        if not text:
            port = None
        elif text.isascii() and text.isdigit() and int(text) <= MAX_PORT:
            port = int(text)
        else:
            raise ValueError(f"{text!r} is not a port")
        # At most 10^5 sound values of five bytes: no bound needed beyond that.
        self[raw] = port
        return port


class _Addresses(Memo):
    def __missing__(self, raw: bytes) -> str | None:
        """Return the address as recorded.

        Raises:
            ValueError: the field holds neither an address nor blanks.
        """
        text = (char_value(raw, self._codec) or "").strip() or None
        if text is not None:
            try:
                parse_address(text)
            except ConditionError:
                raise ValueError(f"{text!r} is not an address") from None
        if len(self) >= MEMO_LIMIT:
            self.clear()
        self[raw] = text
        return text


class _Families(dict[bytes, str | None]):
    def __init__(self, codec: str) -> None:
        super().__init__()
        for text in ("", "*IPV4", "*IPV6"):
            self[text.encode(codec).ljust(10, b"\x40")] = text or None
        self[bytes(10)] = None

    def __missing__(self, raw: bytes) -> str | None:
        raise ValueError("the address family is neither *IPV4 nor *IPV6")


class EsdDecoder:
    """Decodes SK entry-specific data of one CCSID; remembers what it has seen."""

    def __init__(self, codec: str) -> None:
        """Decode by Python's EBCDIC codec ``codec``."""
        self._codec = codec
        self._types = {t.value.encode(codec): t.value for t in SkType}
        self._ports = _Ports(codec)
        self._addresses = _Addresses(codec)
        self._families = _Families(codec)
        self._text = Memo(codec)

    def values(self, data: bytes, start: int = 0, size: int | None = None) -> list[object]:
        """Return the values of :class:`SkData` in its order.

        Args:
            data: bytes that hold the entry-specific data from ``start`` on.
            start: of the first byte.
            size: bytes of entry-specific data; at least 960.

        Raises:
            FormatError: a field is not what the layout says; its offset counts from the first
                byte of the entry-specific data.
        """
        size = len(data) - start if size is None else size
        if size < TYPE4_BYTES or len(data) - start < size:
            have = min(size, len(data) - start)
            text = f"{have} bytes of entry-specific data, at least {TYPE4_BYTES} expected"
            raise FormatError(text, max(have, 0))
        return [*self._common(data, start), *self._secure(data, start, size)]

    def _common(self, data: bytes, start: int) -> tuple[object, ...]:
        (
            kind, old_local, local_port, old_remote, remote_port, descriptor, description, length,
            inner, filter_data, family, local, remote, mac, host,
        ) = _COMMON_STRUCT.unpack_from(data, start)  # fmt: skip
        addresses, ports, text = self._addresses, self._ports, self._text
        field = "type"
        try:
            kind = self._types[kind]
            field = "local_port"
            local_port = ports[local_port]
            field = "remote_port"
            remote_port = ports[remote_port]
            field = "filter_length"
            filter_data = self._filter(length, inner, filter_data)
            field = "address_family"
            family = self._families[family]
            field = "local_address"
            local = addresses[local] or addresses[old_local]
            field = "remote_address"
            remote = addresses[remote] or addresses[old_remote]
        except KeyError:
            raise FormatError("the SK entry type is unknown", 0) from None
        except ValueError as error:
            raise FormatError(f"{field}: {error}", _OFFSETS[field]) from None
        ends = (kind, local, local_port, remote, remote_port, descriptor, family)
        return (*ends, text[mac], text[host], text[description], filter_data)

    def _secure(self, data: bytes, start: int, size: int) -> tuple[object, object]:
        """Return the secure fields; older data ends before, or inside, them."""
        if size <= TYPE4_BYTES:
            return None, None
        version = data[start + 960 : start + min(size, 970)]
        properties = data[start + 970 : start + min(size, ESD_BYTES)]
        return self._text[version], self._text[properties]

    def _filter(self, length: int, inner: int, data: bytes) -> str | None:
        """Return the filter data; the outer length may count the two bytes of the inner one."""
        if length in _NO_LENGTH and inner in _NO_LENGTH:
            return None
        if not 0 <= inner <= MAX_FILTER_BYTES or length not in (inner, inner + 2):
            raise ValueError(f"filter data lengths {length} and {inner} do not agree")
        return data[:inner].decode(self._codec) or None


def decode_esd(data: bytes, ccsid: int = 37) -> SkData:
    """Return what SK entry-specific data says.

    Raises:
        FormatError: it is not what the layout says.
        SettingsError: the CCSID is not supported.
    """
    return SkData(*EsdDecoder(codec_of(ccsid)).values(data))  # type: ignore[arg-type]


def encode_esd(sk: SkData, ccsid: int = 37, *, secure: bool = True) -> bytes:
    """Return SK entry-specific data.

    Args:
        sk: what it is to say; text is cut to its field.
        ccsid: of the characters.
        secure: with the secure fields (1,070 bytes), or without, as in *TYPE4 (960 bytes).

    Raises:
        FormatError: the descriptor does not fit 4 bytes.
        SettingsError: the CCSID is not supported.
    """
    codec = codec_of(ccsid)
    filter_bytes = min(len(sk.filter_data or ""), MAX_FILTER_BYTES)
    values: dict[str, str | int | None] = {
        "type": sk.type,
        "legacy_local_address": _legacy(sk.local_address),
        "local_port": _port(sk.local_port),
        "legacy_remote_address": _legacy(sk.remote_address),
        "remote_port": _port(sk.remote_port),
        "descriptor": sk.descriptor,
        "filter_description": sk.filter_description,
        "filter_length": filter_bytes,
        "filter_inner_length": filter_bytes,
        "filter_data": sk.filter_data,
        "address_family": sk.address_family,
        "local_address": sk.local_address,
        "remote_address": sk.remote_address,
        "mac_address": sk.mac_address,
        "host_name": sk.host_name,
    }
    if not secure:
        return TYPE4_LAYOUT.encode(values, codec)
    values |= {
        "secure_version": sk.secure_version,
        "secure_properties": sk.secure_properties,
    }
    return LAYOUT.encode(values, codec)


def _legacy(address: str | None) -> str | None:
    """The 15-byte fields hold IPv4 addresses only (for IPv6: blank, assumption A17)."""
    return None if address is None or ":" in address else address


def _port(port: int | None) -> str | None:
    return None if port is None else str(port)
