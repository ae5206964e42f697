"""The *TYPE5 record: a header of 609 bytes, then the entry-specific data.

IBM documentation: QJORDJE5 (model file QADSPJR5), offsets 1-based. 1..126 are documented; the
order from 136 on is that of public readers, and the sum closes on 610 (assumption A20). The
total length, and so the specific data, ends at 99,999 bytes.
"""

from __future__ import annotations

from journal.layouts.ccsid import codec_of
from journal.layouts.header import HeaderLayout
from journal.layouts.kit import FieldKind, FixedField, Layout
from journal.layouts.values import HeaderData

HEADER_BYTES = 609
MAX_ESD_BYTES = 99_999 - HEADER_BYTES
_ZONED, _BINARY = FieldKind.ZONED, FieldKind.BINARY

LAYOUT = Layout(
    "*TYPE5 header",
    HEADER_BYTES,
    (
        FixedField("length", 1, 5, _ZONED),  # JOENTL, with itself
        FixedField("sequence", 6, 20, _ZONED),  # JOSEQN
        FixedField("code", 26, 1),  # JOCODE
        FixedField("entry_type", 27, 2),  # JOENTT
        FixedField("timestamp", 29, 26),  # JOTSTP
        FixedField("job", 55, 10),  # JOJOB
        FixedField("job_user", 65, 10),  # JOUSER
        FixedField("job_number", 75, 6, _ZONED),  # JONBR
        FixedField("program", 81, 10),  # JOPGM
        FixedField("program_library", 91, 10),  # JOPGMLIB
        FixedField("program_device", 101, 10),  # JOPGMDEV
        FixedField("program_asp", 111, 5, _ZONED),  # JOPGMASP
        FixedField("object", 116, 10),  # JOOBJ
        FixedField("library", 126, 10),  # JOLIB
        FixedField("member", 136, 10),  # JOMBR
        FixedField("count", 146, 20),  # JOCTRR
        FixedField("flag", 166, 1),  # JOFLAG
        FixedField("commit_cycle", 167, 20),  # JOCCID
        FixedField("user", 187, 10),  # JOUSPF, the current user
        FixedField("system", 197, 8),  # JOSYNM
        FixedField("journal_id", 205, 10),  # JOJID
        FixedField("constraint", 215, 1),  # JORCST
        FixedField("trigger", 216, 1),  # JOTGR
        FixedField("incomplete", 217, 1),  # JOINCDAT
        FixedField("ignored", 218, 1),  # JOIGNAPY
        FixedField("minimized", 219, 1),  # JOMINESD
        FixedField("object_indicator", 220, 1),  # JOOBJIND
        FixedField("system_sequence", 221, 20),  # JOSYSSEQ
        FixedField("receiver", 241, 10),  # JORCV
        FixedField("receiver_library", 251, 10),  # JORCVLIB
        FixedField("receiver_device", 261, 10),  # JORCVDEV
        FixedField("receiver_asp", 271, 5, _ZONED),  # JORCVASP
        FixedField("arm", 276, 5, _ZONED),  # JOARM
        FixedField("thread", 281, 8),  # JOTHD
        FixedField("thread_hex", 289, 16),  # JOTHDX
        FixedField("address_family", 305, 1),  # JOADF
        FixedField("remote_port", 306, 5, _ZONED),  # JORPORT
        FixedField("remote_address", 311, 46),  # JORADR
        FixedField("logical_unit_of_work", 357, 39),  # JOLUW
        FixedField("transaction_id", 396, 140),  # JOXID
        FixedField("object_type", 536, 7),  # JOOBJTYP
        FixedField("file_type", 543, 1),  # JOFILTYP
        FixedField("commit_level", 544, 7),  # JOCMTLVL
        FixedField("reserved", 551, 5),  # JORES
        FixedField("null_indicators", 556, 50),  # JONVI
        FixedField("esd_length", 606, 4, _BINARY),
    ),
)
HEADER = HeaderLayout("type5", LAYOUT)


def encode_type5(
    header: HeaderData,
    esd: bytes,
    ccsid: int = 37,
    *,
    receiver: str | None = None,
    incomplete: bool = False,
) -> bytes:
    """Return a *TYPE5 record.

    Args:
        header: text is cut to its field; a job number keeps its last six digits.
        esd: entry-specific data, at most 99,390 bytes.
        ccsid: of the characters.
        receiver: name of the journal receiver.
        incomplete: marks entry-specific data that was too long and is not whole (JOINCDAT).

    Raises:
        ValueError: the entry-specific data is too long for the length field.
        SettingsError: the CCSID is not supported.
    """
    if len(esd) > MAX_ESD_BYTES:
        raise ValueError(f"{len(esd)} bytes of entry-specific data, at most {MAX_ESD_BYTES}")
    values: dict[str, str | int | None] = {
        "length": HEADER_BYTES + len(esd),
        "sequence": header.sequence,
        "code": header.code,
        "entry_type": header.entry_type,
        "timestamp": header.timestamp,
        "job": header.job,
        "job_user": header.job_user,
        "job_number": header.job_number,
        "program": header.program,
        "program_library": header.program_library,
        "user": header.user,
        "system": header.system,
        "receiver": receiver,
        "incomplete": "1" if incomplete else None,
        "esd_length": len(esd),
    }
    return LAYOUT.encode(values, codec_of(ccsid)) + esd
