"""Entries sent to a log receiver: in order, resumed, and never silently lost."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.errors import JournalError, SettingsError
from epm.syslog5424 import Origin
from journal.forward.connection import ReceiverLostError, connect
from journal.forward.cursor import Cursor
from journal.forward.forwarder import Forwarder, Order
from journal.forward.target import (
    MAX_DATAGRAM,
    Target,
    datagram,
    line_framed,
    octet_counted,
    parse_target,
)
from journal.forward.tls import TlsFiles
from journal.query import Query, parse_query
from journal.reader import JournalReader
from journal.receiver import list_receivers
from journal.siem.formats import SENT
from tests.journal.receivers import Receiver, certificates
from tests.support.ports import free_port

SECONDS = 20


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def forwarder(
    journals, tmp_path, target, *, follow=False, query=None, said=None, tls=None, **options
):
    stopped = options.get("stopped", lambda: False)
    order = Order(
        query or Query(),
        SENT["cef"],
        Origin("host", "epm", "1"),
        "1.0",
        lambda: connect(target, octet_counted, tls or TlsFiles(), stopped),
        follow,
    )
    cursor = Cursor(tmp_path / "forward", str(target))
    with cursor.held():
        pass  # makes the folder, as the command does
    return Forwarder(
        JournalReader(journals.directory),
        cursor,
        order,
        sleep=lambda seconds: time.sleep(min(seconds, 0.05)),
        talk=(said if said is not None else []).append,
        **options,
    )


def sequences(receiver):
    return [int(re.search(r"externalId=(\d+)$", m)[1]) for m in receiver.messages]


def wait_until(condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# ------------------------------------------------------------------------- targets, frames


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("udp://siem", Target("udp", "siem", 514)),
        ("tls://siem", Target("tls", "siem", 6514)),
        ("tcp://10.1.2.3:601", Target("tcp", "10.1.2.3", 601)),
        ("tls://[2001:db8::1]:6514", Target("tls", "2001:db8::1", 6514)),
    ],
)
def test_a_target_is_read_and_written_back(text, target):
    assert parse_target(text) == target
    assert parse_target(str(target)) == target


@pytest.mark.parametrize(
    "text",
    ["siem:514", "http://siem:80", "tcp://siem", "tcp://:601", "tcp://siem:0", "tcp://siem:99999",
     "tcp://siem:x", "tcp://siem:601/path", "tcp://me@siem:601", ""],
)  # fmt: skip
def test_any_other_target_is_refused(text):
    with pytest.raises(SettingsError, match="target"):
        parse_target(text)


def test_a_length_counts_octets_not_characters():
    message = "<10>1 - - epm - - - é".encode()
    assert octet_counted(message) == b"22 " + message
    assert line_framed(b"x") == b"x\n"


def test_a_datagram_is_cut_between_characters():
    cut = datagram("é".encode() * MAX_DATAGRAM)
    assert len(cut) <= MAX_DATAGRAM
    assert set(cut.decode()) == {"é"}


@given(st.lists(st.text(max_size=20)))
def test_frames_decode_to_the_messages_that_went_in(texts):
    messages = [t.encode("utf-8", "replace") for t in texts]
    stream, found = b"".join(map(octet_counted, messages)), []
    while stream:
        length, _, rest = stream.partition(b" ")
        found.append(rest[: int(length)])
        stream = rest[int(length) :]
    assert found == messages


# ------------------------------------------------------------------------------ sending


def test_all_entries_arrive_once_and_in_order(journals, tmp_path, receiver):
    journals.fill(1200)
    made = forwarder(journals, tmp_path, Target("tcp", "127.0.0.1", receiver.port))
    assert made.run() == 1200
    wait_until(lambda: len(receiver.messages) == 1200)
    assert sequences(receiver) == list(range(1, 1201))
    assert receiver.messages[0].startswith("<110>1 2026-11-21T10:00:")


def test_the_next_run_sends_only_what_is_new(journals, tmp_path, receiver):
    target = Target("tcp", "127.0.0.1", receiver.port)
    journals.fill(3)
    assert forwarder(journals, tmp_path, target).run() == 3
    journals.fill(2)
    assert forwarder(journals, tmp_path, target).run() == 2
    wait_until(lambda: len(receiver.messages) == 5)
    assert sequences(receiver) == [1, 2, 3, 4, 5]


def test_only_wanted_entries_are_sent(journals, tmp_path, receiver, make_exit_event):
    with journals.open() as journal:
        for verdict in ("allow", "reject", "allow", "reject"):
            journal.append(make_exit_event(verdict))
    target = Target("tcp", "127.0.0.1", receiver.port)
    wanted = parse_query(verdict="reject")
    assert forwarder(journals, tmp_path, target, query=wanted).run() == 2
    wait_until(lambda: len(receiver.messages) == 2)
    assert sequences(receiver) == [2, 4]


def test_a_receiver_that_breaks_off_loses_nothing(journals, tmp_path):
    receiver = Receiver(drop_after=700)
    journals.fill(1500)
    said = []
    target = Target("tcp", "127.0.0.1", receiver.port)
    stop = threading.Event()
    made = forwarder(journals, tmp_path, target, follow=True, said=said, stopped=stop.is_set)
    thread = threading.Thread(target=made.run)
    thread.start()
    wait_until(lambda: set(sequences(receiver)) == set(range(1, 1501)))
    stop.set()
    thread.join(SECONDS)
    receiver.close()
    assert receiver.connections >= 2
    assert any("sent when it is back" in line for line in said)
    assert any("the receiver is back" in line for line in said)


def test_a_receiver_that_is_away_is_waited_for(journals, tmp_path):
    journals.fill(2)
    port, said, stop = free_port(), [], threading.Event()
    target = Target("tcp", "127.0.0.1", port)
    made = forwarder(journals, tmp_path, target, follow=True, said=said, stopped=stop.is_set)
    thread = threading.Thread(target=made.run)
    thread.start()
    wait_until(lambda: said)
    assert "Connection refused; entries from 1 on are sent when it is back" in said[0]
    receiver = Receiver(port)
    wait_until(lambda: sequences(receiver) == [1, 2])
    journals.fill(1)  # new ones follow on the same connection
    wait_until(lambda: sequences(receiver) == [1, 2, 3])
    stop.set()
    thread.join(SECONDS)
    receiver.close()
    assert len([line for line in said if "sent when it is back" in line]) == 1


def test_without_follow_a_receiver_that_stays_away_is_an_error(journals, tmp_path):
    journals.fill(1)
    target = Target("tcp", "127.0.0.1", free_port())
    with pytest.raises(ReceiverLostError, match="Connection refused"):
        forwarder(journals, tmp_path, target).run()
    assert Cursor(tmp_path / "forward", str(target)).read() is None


def flood(connection):
    for _ in range(500):
        connection.send(b"x" * 60_000)
        connection.settle()


def test_a_receiver_that_takes_nothing_is_given_up(journals, tmp_path, monkeypatch):
    """Its kernel takes what fits its window; the rest never counts as arrived."""
    monkeypatch.setattr("journal.forward.connection.SEND_SECONDS", 0.2)
    journals.fill(1)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        connection = connect(Target("tcp", *deaf.getsockname()), octet_counted, TlsFiles())
        with pytest.raises(ReceiverLostError):
            flood(connection)
        connection.close()


def test_a_damaged_entry_is_said_and_the_rest_is_sent(journals, tmp_path, receiver):
    journals.fill(5)
    path = list_receivers(journals.directory)[0]
    data = bytearray(path.read_bytes())
    data[data.index(b"10.1.2.5")] ^= 1
    path.write_bytes(data)
    said = []
    made = forwarder(journals, tmp_path, Target("tcp", "127.0.0.1", receiver.port), said=said)
    assert made.run() == 4
    wait_until(lambda: len(receiver.messages) == 4)
    assert sequences(receiver) == [1, 2, 4, 5]
    assert "cannot be sent" in said[0]


def test_a_journal_shorter_than_what_was_sent_is_refused(journals, tmp_path):
    journals.fill(2)
    target = Target("udp", "127.0.0.1", 9)
    cursor = Cursor(tmp_path / "forward", str(target))
    with cursor.held():
        cursor.write(3)
    with pytest.raises(JournalError, match="entry 3 was sent before, but the journal ends at 2"):
        forwarder(journals, tmp_path, target)


def test_two_forwarders_to_one_receiver_are_one_too_many(tmp_path):
    cursor = Cursor(tmp_path / "forward", "tcp://siem:601")
    with (
        cursor.held(),
        pytest.raises(JournalError, match="another forwarder"),
        Cursor(tmp_path / "forward", "tcp://siem:601").held(),
    ):
        pass


def test_a_cursor_that_is_not_one_is_refused(tmp_path):
    cursor = Cursor(tmp_path / "forward", "tcp://siem:601")
    with cursor.held():
        cursor.write(7)
    (file,) = (tmp_path / "forward").glob("*.arrived")
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(b"seven")
    with pytest.raises(JournalError, match="holds no number"):
        cursor.read()


def test_udp_sends_one_message_a_datagram(journals, tmp_path):
    journals.fill(3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(SECONDS)
        target = Target("udp", *listener.getsockname())
        assert forwarder(journals, tmp_path, target).run() == 3
        received = [listener.recv(65536) for _ in range(3)]
    assert [m[:6] for m in received] == [b"<110>1"] * 3


# ---------------------------------------------------------------------------------- TLS


class TlsEcho(Receiver):
    """The same receiver behind TLS."""

    def __init__(self, cert, key):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(cert, key)
        super().__init__()

    def _read(self, connection):
        try:
            secured = self._context.wrap_socket(connection, server_side=True)
        except OSError:
            return
        with secured:
            super()._read(secured)


def socket_to(receiver):
    made = socket.socket()
    made.connect(("127.0.0.1", receiver.port))
    return made


def test_over_tls_entries_arrive_and_the_certificate_is_checked(journals, tmp_path, monkeypatch):
    journals.fill(600)
    ca, cert, key = certificates(tmp_path)
    receiver = TlsEcho(cert, key)
    target = Target("tls", "localhost", receiver.port)
    trusting = TlsFiles(authorities=str(ca))
    assert forwarder(journals, tmp_path, target, tls=trusting).run() == 600
    wait_until(lambda: len(receiver.messages) == 600)
    with pytest.raises(ReceiverLostError, match="its certificate is not accepted"):
        connect(target, octet_counted, TlsFiles())
    monkeypatch.setattr("socket.create_connection", lambda address, _: socket_to(receiver))
    with pytest.raises(ReceiverLostError, match="not accepted: Hostname mismatch"):
        connect(Target("tls", "elsewhere", receiver.port), octet_counted, trusting)
    receiver.close()
