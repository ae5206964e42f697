"""A receiver that dies, stalls or never says a word: no entry is lost, or somebody is told."""

from __future__ import annotations

import re
import socket
import ssl
import threading

import pytest

from epm.errors import SettingsError
from journal.forward import forwarder as forwarding
from journal.forward.connection import ReceiverLostError, connect
from journal.forward.cursor import Cursor
from journal.forward.forwarder import Forwarder
from journal.forward.target import Target, octet_counted
from journal.forward.tls import TlsFiles
from journal.query import parse_query
from journal.reader import JournalReader
from journal.receiver import list_receivers
from tests.journal.receivers import Receiver, certificates, read_messages
from tests.journal.test_forward import forwarder, sequences, wait_until
from tests.support.command_line import CommandLine

SECONDS = 20


class Dying(Receiver):
    """Leaves its first connection with most of it unread, when it is told to."""

    def __init__(self, reads=10):
        self.die = threading.Event()
        self._reads = reads
        super().__init__()

    def _read(self, connection):
        if self.connections > 1:
            super()._read(connection)
            return
        with connection, connection.makefile("rb", buffering=0) as stream:
            for message, _ in zip(read_messages(stream), range(self._reads), strict=False):
                self.messages.append(message)
            self.die.wait(SECONDS)


class Reading(Receiver):
    """Reads all and then does something else than to close."""

    def __init__(self, end, context=None):
        self._end = end
        self._context = context
        super().__init__()

    def _read(self, connection):
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
        except OSError:  # the client does not trust us
            connection.close()
            return
        with connection:
            self._end(connection)


def target_of(receiver, scheme="tcp"):
    return Target(scheme, "localhost" if scheme == "tls" else "127.0.0.1", receiver.port)


def cursor_of(tmp_path, receiver, wanted=""):
    return Cursor(tmp_path / "forward", str(target_of(receiver)), wanted).read()


# ------------------------------------------------------------------- a receiver that dies


def test_what_a_receiver_had_taken_and_not_read_is_sent_again(journals, tmp_path):
    """Its kernel acknowledged all of it long before."""
    receiver, said, stop = Dying(), [], threading.Event()
    journals.fill(300)
    made = forwarder(
        journals, tmp_path, target_of(receiver), follow=True, said=said, stopped=stop.is_set
    )
    thread = threading.Thread(target=made.run)
    thread.start()
    wait_until(lambda: len(receiver.messages) == 10)
    assert cursor_of(tmp_path, receiver) is None  # nothing proves that it was read
    receiver.die.set()
    wait_until(lambda: set(sequences(receiver)) == set(range(1, 301)))
    stop.set()
    thread.join(SECONDS)
    receiver.close()
    assert "entries from 1 on are sent when it is back" in said[0]
    assert cursor_of(tmp_path, receiver) == 300
    assert made.arrived == 300


def test_without_follow_the_end_of_the_connection_tells(journals, tmp_path):
    receiver = Dying()
    journals.fill(300)
    threading.Timer(0.3, receiver.die.set).start()
    assert forwarder(journals, tmp_path, target_of(receiver)).run() == 300
    wait_until(lambda: set(sequences(receiver)) == set(range(1, 301)))
    receiver.close()
    assert receiver.connections == 2


def test_a_forwarder_that_was_killed_begins_behind_what_is_proved(journals, tmp_path, monkeypatch):
    receiver = Receiver()
    journals.fill(40)
    monkeypatch.setattr(forwarding, "BATCH", 10)
    monkeypatch.setattr(forwarding, "BATCH_OCTETS", 0)
    monkeypatch.setattr("journal.forward.connection._Stream.unread", 4000)  # 10 to 20 entries
    killed = forwarder(journals, tmp_path, target_of(receiver))
    monkeypatch.setattr(killed, "_finish", lambda: None)  # a killed one ends nothing
    killed.run()
    assert killed.arrived == cursor_of(tmp_path, receiver) == 20
    assert forwarder(journals, tmp_path, target_of(receiver)).run() == 20
    wait_until(lambda: len(receiver.messages) == 60)
    receiver.close()
    assert sorted(sequences(receiver)) == sorted([*range(1, 41), *range(21, 41)])


def test_batches_that_wait_for_proof_are_few(journals, tmp_path):
    """An entry a second, of which every other one is wanted, must not fill the memory."""
    journals.fill(1)
    made = forwarder(journals, tmp_path, Target("udp", "127.0.0.1", 9))
    for number in range(1, 2001):
        made._wait_for_proof(forwarding._Batch(number, number % 2, 400 * (number % 2)))
    assert len(made._unproved) < 10
    assert sum(batch.messages for batch in made._unproved) == 1000
    assert made._unproved[-1].last == 2000


# ---------------------------------------------------------------- a receiver that is silent


def read_all(connection):
    while connection.recv(65536):
        pass


def read_all_and_stay(connection):
    read_all(connection)
    threading.Event().wait(SECONDS)


def test_a_receiver_that_never_closes_is_told_of(journals, tmp_path, monkeypatch):
    monkeypatch.setattr("journal.forward.connection.FINISH_SECONDS", 0.2)
    receiver, said = Reading(read_all_and_stay), []
    journals.fill(3)
    assert forwarder(journals, tmp_path, target_of(receiver), said=said).run() == 3
    receiver.close()
    assert said == [
        "the receiver has all, but does not end the connection: "
        "nobody knows whether it has read the last 3 messages"
    ]


@pytest.fixture
def deaf():
    """A receiver whose kernel takes what fits a small window, and whose program takes nothing."""
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        made.bind(("127.0.0.1", 0))
        made.listen()
        yield Target("tcp", *made.getsockname())


def test_who_is_told_to_stop_does_not_wait_for_a_receiver_that_takes_nothing(
    journals, tmp_path, monkeypatch, deaf
):
    monkeypatch.setattr("journal.forward.connection.SEND_SECONDS", 10 * SECONDS)
    monkeypatch.setattr("journal.forward.connection.FINISH_SECONDS", 0.2)
    monkeypatch.setattr(Forwarder, "_line", lambda *_: "x" * 60_000)
    stop, said = threading.Event(), []
    journals.fill(200)
    made = forwarder(journals, tmp_path, deaf, follow=True, said=said, stopped=stop.is_set)
    running = threading.Thread(target=made.run, daemon=True)
    running.start()
    stop.wait(0.5)
    assert running.is_alive()
    stop.set()
    running.join(SECONDS)
    assert not running.is_alive()
    assert made.arrived == 0
    (told,) = said
    assert "nothing was taken" in told


def test_a_message_that_a_slow_receiver_takes_in_parts_arrives_whole(monkeypatch):
    monkeypatch.setattr("journal.forward.connection._SLICE_SECONDS", 0.01)
    taken = []

    def read_slowly(connection):
        threading.Event().wait(0.3)
        while part := connection.recv(1 << 20):
            taken.append(part)

    receiver = Reading(read_slowly)
    connection = connect(target_of(receiver), octet_counted, TlsFiles())
    message = b"x" * 9_000_000 + b"y" * 9_000_000
    connection.send(message)
    assert connection.finish()
    connection.close()
    receiver.close()
    assert b"".join(taken) == octet_counted(message)


def answer_and_read(connection):
    connection.sendall(b"hello " * 10_000)
    read_all(connection)


def test_what_a_receiver_says_is_not_listened_to(journals, tmp_path):
    receiver = Reading(answer_and_read)
    journals.fill(3)
    assert forwarder(journals, tmp_path, target_of(receiver)).run() == 3
    receiver.close()


# --------------------------------------------------------------------------------- TLS


def end_with_alert(connection):
    read_all(connection)
    connection.unwrap()


def end_without_alert(connection):
    read_all(connection)
    socket.socket(fileno=connection.detach()).close()


def leave_unread(connection):
    connection.recv(10)
    threading.Event().wait(0.2)
    socket.socket(fileno=connection.detach()).close()


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    ca, cert, key = certificates(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, TlsFiles(str(ca)), key


@pytest.mark.parametrize(
    ("end", "proved"), [(end_with_alert, True), (end_without_alert, True), (leave_unread, False)]
)
def test_the_end_of_a_tls_connection_proves_what_was_read(tls, end, proved):
    context, files, _ = tls
    receiver = Reading(end, context)
    connection = connect(target_of(receiver, "tls"), octet_counted, files)

    def send():
        for _ in range(100):
            connection.send(b"x" * 1000)
        connection.settle()
        return connection.finish()

    if proved:
        assert send()
    else:
        with pytest.raises(ReceiverLostError):
            send()
    connection.close()
    receiver.close()


def test_an_expired_certificate_is_refused(tmp_path):
    ca, cert, key = certificates(tmp_path, days=-1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    receiver = Reading(read_all, context)
    with pytest.raises(ReceiverLostError, match="not accepted: certificate has expired"):
        connect(target_of(receiver, "tls"), octet_counted, TlsFiles(str(ca)))
    receiver.close()


def test_a_tls_file_that_cannot_be_used_is_named(tls, tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    _, files, key = tls
    with pytest.raises(SettingsError, match=r"TLS file .*empty\.pem"):
        TlsFiles(authorities=str(empty)).context()
    with pytest.raises(SettingsError, match=r"TLS file .*empty\.pem"):
        TlsFiles(files.authorities, str(empty), str(key)).context()


# ------------------------------------------------------------------------ what is wanted


def test_each_choice_of_entries_has_a_cursor_of_its_own(tmp_path):
    """Entries that were not wanted the first time have not arrived."""
    folder, target = tmp_path / "forward", "tcp://siem:601"
    folder.mkdir()
    every = Cursor(folder, target)
    rejected = Cursor(folder, target, parse_query(verdict="reject").describe())
    with every.held(), rejected.held():
        every.write(7)
        assert rejected.read() is None


def test_damage_is_said_once_however_often_its_place_is_sent(journals, tmp_path):
    receiver, said = Dying(reads=2), []
    journals.fill(5)
    path = list_receivers(journals.directory)[0]
    data = bytearray(path.read_bytes())
    data[data.index(b"10.1.2.5")] ^= 1
    path.write_bytes(data)
    receiver.die.set()
    assert forwarder(journals, tmp_path, target_of(receiver), said=said).run() == 4
    wait_until(lambda: sequences(receiver) == [1, 2, 1, 2, 4, 5])
    receiver.close()
    assert len([line for line in said if "cannot be sent" in line]) == 1


@pytest.mark.parametrize(
    ("removed", "told"), [(0, "entries 1 to "), (1, " are not in the journal any more")]
)
def test_entries_whose_receiver_was_removed_are_told_of_once(journals, tmp_path, removed, told):
    receiver, said = Dying(reads=2), []
    journals.fill(30, receiver_bytes=4000)
    list_receivers(journals.directory)[removed].unlink()
    left = [raw.sequence for raw in JournalReader(journals.directory).entries()]
    receiver.die.set()
    assert forwarder(journals, tmp_path, target_of(receiver), said=said).run() == len(left)
    wait_until(lambda: sequences(receiver)[2:] == left)
    receiver.close()
    gaps = [line for line in said if "cannot be sent" in line]
    assert len(gaps) == 1
    assert told in gaps[0]
    first, last = map(int, re.findall(r"\d+", gaps[0]))
    assert sorted([*left, *range(first, last + 1)]) == list(range(1, 31))


@pytest.fixture
def epm(tmp_path, capfd, monkeypatch):
    """The command line with two entries in its journal, NC both."""
    line = CommandLine(tmp_path, capfd, monkeypatch)
    assert line("init").code == 0
    added = line("rules", "add", "accept", 10, "--authority", "N", "--condition", "LCLPORT EQ 22")
    assert added.code == 0
    return line


SEND = ("journal", "report", "--format", "cef", "--to")


def test_what_was_filtered_out_before_is_sent_when_it_is_wanted(epm):
    receiver = Receiver()
    to = f"tcp://127.0.0.1:{receiver.port}"
    counts = [epm(*SEND, to, *more).err.split()[0] for more in (["--type", "SK"], [], [])]
    wait_until(lambda: sequences(receiver) == [1, 2])
    receiver.close()
    assert counts == ["0", "2", "0"]


def test_a_tls_file_is_refused_before_anything_is_sent(epm, tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    refused = epm(*SEND, "tls://localhost:9", "--follow", "--ca", empty)
    assert refused.code == 2
    assert "empty.pem" in refused.err
