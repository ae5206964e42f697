"""Which entries a query wants, how one entry is shown, what never reaches the exit."""

from datetime import datetime

import pytest

from epm.errors import JournalDamagedError, SettingsError
from epm.events import Job, SkData
from epm.model import Server
from journal.display import entry_lines, specific_lines
from journal.entry import ChangeEntry, ForeignEntry, SocketEntry
from journal.layouts.values import HeaderData
from journal.query import parse_query, select, select_backward
from journal.reader import JournalReader
from journal.view import unreached

JOB = Job("nginx", "QPGMR", 1, "/usr/sbin/nginx")


@pytest.fixture
def filled(journals, make_exit_event, make_socket_event):
    """1 NR accept, 2 NA connect, 3 SK-A, 4 SK-P, 5 NC, 6 foreign SK-C of 2025, 7 NA listen."""
    foreign = ForeignEntry(
        "PROD1",
        99,
        HeaderData(99, "2025-01-02-03.04.05.000006", "T", "SK", "JOB", "ALICE", 1, system="PROD1"),
        SkData("C", "::ffff:192.168.7.7", 1111, "2001:db8::7", 443, 5, "*IPV6"),
    )
    with journals.open() as journal:
        journal.append(make_exit_event())
        journal.append(make_exit_event("allow", Server.CONNECT, rmtaddr="172.16.0.9"))
        journal.append(make_socket_event(job=JOB))
        journal.append(make_socket_event(type="P"))
        journal.append(ChangeEntry(1, 2, "bob", "rule-add", "QSOACCEPT 10", None, "{}", JOB))
        journal.append(foreign)
        journal.append(make_exit_event("allow", Server.LISTEN))
    return JournalReader(journals.directory)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"server": "QSOACCEPT"}, [1, 3]),
        ({"server": "qsoconnect"}, [2, 6]),
        ({"server": "QSOLISTEN"}, [7]),
        ({"verdict": "reject"}, [1]),
        ({"verdict": "allow"}, [2, 7]),
        ({"user": "qpg*"}, [3]),
        ({"user": "ALICE"}, [6]),
        ({"user": "BOB"}, [5]),
        ({"type": "SK"}, [3, 4, 6]),
        ({"type": "p"}, [4]),
        ({"type": "NR"}, [1]),
        ({"type": "U"}, [1, 2, 5, 7]),
        ({"type": "T"}, [3, 4, 6]),
        ({"address": "10.1.0.0/16"}, [1, 3]),
        ({"address": "192.168.7.7"}, [6]),
        ({"address": "::ffff:10.1.2.3"}, [1, 3]),
        ({"address": "2001:db8::/32"}, [6]),
        ({"address": "0.0.0.0"}, [1]),
        ({"port": 22}, [1, 2, 3, 4, 7]),
        ({"port": 443}, [6]),
        ({"port": 50000, "type": "SK"}, [3]),
        ({"system": "PROD1"}, [6]),
        ({"start": "2026-11-21T10:00:00.004Z"}, [3, 4, 5, 7]),
        ({"end": "2026-11-21T10:00:00.004"}, [1, 2, 6]),
        ({"start": "2025-01-02", "end": "2025-01-02"}, [6]),
        ({"start": "2026-11-21", "end": "2026-11-21"}, [1, 2, 3, 4, 5, 7]),
        ({"start": "2026-11-21T12:00:00+02:00", "verdict": "reject"}, [1]),
        ({"start": "2026-11-22"}, []),
        ({"end": "2025-01-02T03:04:05.000006"}, []),
        ({"end": "2025-01-02T03:04:05.000007"}, [6]),
    ],
)
def test_a_query_wants_what_it_says_forwards_and_backwards(filled, options, wanted):
    query = parse_query(**options)
    assert [stored.sequence for stored, _ in select(filled, query)] == wanted
    assert [stored.sequence for stored, _ in select_backward(filled, query)] == wanted[::-1]


def test_a_query_can_be_kept_to_a_range_of_numbers(filled):
    query = parse_query()
    assert [s.sequence for s, _ in select(filled, query, start=2, stop=4)] == [2, 3, 4]
    assert [s.sequence for s, _ in select_backward(filled, query, before=4)] == [3, 2, 1]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"start": "yesterday"}, "time 'yesterday' is not an ISO date"),
        ({"end": "2026-13-01"}, "time '2026-13-01'"),
        ({"server": "QSO"}, "server 'QSO' is not one of"),
        ({"verdict": "maybe"}, "verdict 'maybe' is not one of allow, reject"),
        ({"type": "ZZ"}, "type 'ZZ' is not one of"),
        ({"address": "10.1"}, "'10.1' is not an address"),
        ({"port": 65536}, "port 65536"),
        ({"port": -1}, "port -1"),
    ],
)
def test_a_malformed_option_is_refused_with_its_reason(options, reason):
    with pytest.raises(SettingsError, match=reason):
        parse_query(**options)


def test_a_query_describes_itself():
    query = parse_query(start="2026-11-21", address="10.0.0.0/8", port=22, verdict="reject")
    assert query.describe() == (
        "from 2026-11-21T00:00:00Z, verdict reject, address 10.0.0.0-10.255.255.255, port 22"
    )
    assert parse_query().describe() == "all entries"


def test_a_sound_frame_with_a_foreign_payload_is_damage(journals, filled, monkeypatch):
    monkeypatch.setattr("journal.writer.encode_payload", lambda *_: b'{"at":"no"}')
    with journals.open() as journal:
        journal.append(SocketEntry(JOB, SkData("A")))
    with pytest.raises(JournalDamagedError):
        list(select(filled, parse_query()))
    told = []
    assert len(list(select(filled, parse_query(), on_damage=told.append))) == 7
    assert len(told) == 1


@pytest.mark.parametrize(
    ("type", "port", "job", "reason"),
    [
        ("A", 23, "JOB", "port 23, 5250 Telnet"),
        ("A", 445, "JOB", "port 445, NetServer"),
        ("A", 3000, None, "port 3000, service tools server"),
        ("A", 8470, "SMBSERVERMAIN", "task of NetServer"),
        ("A", 8470, "SMBSERVERM", "task of NetServer"),
        ("C", 8470, "EAOPFMK TS", "task of service tools server"),
        ("A", 8470, "TNACCEPTTA", "task of 5250 Telnet"),
        ("C", 23, "JOB", None),
        ("A", 22, "SSHD", None),
    ],
)
def test_what_never_reaches_the_exit_point_is_known(type, port, job, reason):
    assert unreached(type, port, job) == reason


def test_entry_specific_data_is_shown_50_columns_a_line_in_character_and_hexadecimal():
    data = "TLSV1.2".encode("cp037") + bytes([0x00, 0x15]) + b"\x40" * 43
    assert list(specific_lines(data)) == [
        " Column      *...+....1....+....2....+....3....+....4....+....5",
        " 00001      'TLSV1.2..                                         '",
        "             EDEEF4F01" + "4" * 41,
        "             33251B205" + "0" * 41,
        " 00051      '                                                  '",
        "             44",
        "             00",
    ]


def test_one_entry_is_shown_as_ibm_shows_it(filled):
    stored = filled.entry(1).decode()
    lines = entry_lines(stored)
    assert lines[:10] == [
        "Receiver  . . . . . . . :   EPMRCV0001",
        "Sequence  . . . . . . . :   1",
        "Code  . . . . . . . . . :   U - User-defined entry",
        "Type  . . . . . . . . . :   NR - Exit program rejected a call",
        "Date and time . . . . . :   2026-11-21-10.00.00.002000",
        "Job . . . . . . . . . . :   004711/QTCP/sshd",
        "Program . . . . . . . . :   sshd",
        "Library . . . . . . . . :",
        "User profile  . . . . . :   QTCP",
        "System  . . . . . . . . :   *LOCAL",
    ]
    assert "Rule name . . . . . . . :   Admin subnet" in lines
    assert " 00001      'EPM1380NYQSOACCEPT ACPT0100rule         00010Admin'" in lines
    assert datetime(2026, 11, 21, 10, 0, 0, 2000) == stored.at


def test_hostile_text_never_reaches_a_screen_as_it_is(filled, make_exit_event, journals):
    hostile = "\x1b[2J\u202eevil\r\n"
    with journals.open() as journal:
        number = journal.append(make_exit_event(job=Job(hostile, hostile, 1), error=hostile))
    lines = entry_lines(filled.entry(number).decode())
    assert all(line.isprintable() for line in lines)
    assert any("\\u001b[2J\\u202eevil" in line for line in lines)


@pytest.mark.parametrize("port", [0, 65535])
def test_a_port_may_be_any_that_there_is(port):
    assert parse_query(port=port).port == port


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_there_is_not_is_refused(port):
    with pytest.raises(SettingsError, match="from 0 to 65535"):
        parse_query(port=port)
