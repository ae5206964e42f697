"""The small parts: names of accounts, identity texts, answers kept, the ring, the workers."""

import contextlib
import errno
import os
import signal
import socket
import struct
import threading
import time
from collections import Counter

import pytest

from epm.events import Job
from simulators.linux import accounts as accounts_module
from simulators.linux import established, holders, kernel
from simulators.linux.abi import operations
from simulators.linux.accounts import Accounts
from simulators.linux.alarm import SIGNAL, Alarm
from simulators.linux.connects import Connects
from simulators.linux.identity import Features, detect, parse_status
from simulators.linux.poller import READ, Poller
from simulators.linux.replay import Replay
from simulators.linux.ring import Ring
from simulators.linux.supervisor import Supervisor, signed
from simulators.linux.target import TargetThread
from simulators.linux.threads import Threads
from simulators.linux.warner import Warner
from simulators.linux.workers import Workers


@pytest.fixture
def listener():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(5)
        yield server


def raw(port):
    head = struct.pack("=H", socket.AF_INET) + struct.pack("!H", port)
    return head + socket.inet_aton("127.0.0.1") + bytes(8)


def wait_until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# --- accounts


def test_known_names_are_given_at_once():
    accounts = Accounts()
    assert accounts.user(0) == "root"
    assert accounts.group(0) == "root"


def test_an_unknown_number_is_shown_as_number_until_its_name_is_found(monkeypatch):
    class Entry:
        pw_name = "late"

    accounts = Accounts(filled=False)
    monkeypatch.setattr(accounts_module.pwd, "getpwuid", lambda _number: Entry)
    before = accounts.generation
    assert accounts.user(4711) == "4711"
    accounts.start()
    wait_until(lambda: accounts.generation != before)
    assert accounts.user(4711) == "late"
    accounts.stop()


def test_a_look_up_that_hangs_holds_nobody_up(monkeypatch):
    go_on = threading.Event()

    def slow(_number):
        go_on.wait(60)
        raise KeyError

    monkeypatch.setattr(accounts_module.grp, "getgrgid", slow)
    accounts = Accounts(filled=False)
    accounts.start()
    begin = time.monotonic()
    numbers = range(70000, 70005)
    assert [accounts.group(n) for n in numbers] == [str(n) for n in numbers]
    assert time.monotonic() - begin < 20
    go_on.set()
    accounts.stop()


def test_a_directory_service_that_breaks_does_not_end_the_look_ups(monkeypatch):
    class Entry:
        pw_name = "sound"

    def broken(number):
        if number == 1:
            raise RuntimeError("a module of the name service")
        return Entry

    monkeypatch.setattr(accounts_module.pwd, "getpwuid", broken)
    accounts = Accounts(filled=False)
    accounts.start()
    assert (accounts.user(1), accounts.user(2)) == ("1", "2")
    wait_until(lambda: accounts.user(2) == "sound")
    accounts.stop()


def test_a_number_without_a_name_is_asked_for_once():
    accounts = Accounts(filled=False)
    for _ in range(3):
        accounts.user(3_999_999_999)
    assert accounts._requests.qsize() == 1


def test_unknown_numbers_take_bounded_memory():
    accounts = Accounts(filled=False)
    for number in range(10_000):
        accounts.user(10_000_000 + number)
    assert accounts._requests.qsize() <= 1024


# --- identity


STATUS = (
    b"Name:\tx\nTgid:\t12\nPid:\t13\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n"
    b"Groups:\t9 10 \nVmPeak:\t1\n"
)


def test_a_status_text_tells_effective_ids_and_groups():
    status = parse_status(STATUS)
    assert (status.tgid, status.euid, status.egid, status.groups) == (12, 2, 6, (9, 10))


def test_a_name_in_a_status_text_cannot_pass_for_a_line():
    status = parse_status(STATUS.replace(b"Name:\tx", b"Name:\tUid:\\t0\\t0"))
    assert status.euid == 2


@pytest.mark.parametrize("text", [b"", b"Tgid:\t1\n", STATUS.replace(b"Uid:\t1\t2", b"Uid:\tx\ty")])
def test_a_cut_status_text_is_a_thread_that_ended(text):
    with pytest.raises(ProcessLookupError):
        parse_status(text)


@pytest.mark.parametrize("features", [detect(), Features(False, False)], ids=["new", "old"])
def test_a_thread_is_who_it_is(features):
    thread = TargetThread(os.getpid(), Accounts(), features)
    job = thread.job(time.monotonic(), just_read=False)
    assert job.number == os.getpid()
    assert job.program == os.readlink("/proc/self/exe")
    assert job is thread.job(time.monotonic(), just_read=False)
    thread.close()
    with pytest.raises((OSError, ValueError)):  # closed: never another's data
        thread.job(time.monotonic() + 5, just_read=False)


def test_groups_are_read_anew_each_second(monkeypatch):
    thread = TargetThread(os.getpid(), Accounts(), detect())
    first = thread.job(100.0, just_read=False)
    status = thread._status()
    changed = type(status)(status.tgid, status.euid, status.egid, (4711,))
    monkeypatch.setattr(TargetThread, "_status", lambda _self: changed)
    assert thread.job(100.9, just_read=False) is first
    assert "4711" in thread.job(101.1, just_read=False).groups
    thread.close()


def test_memory_is_read_or_refused():
    thread = TargetThread(os.getpid(), Accounts(), detect())
    memory, at = kernel.buffer(64)
    memory[:5] = b"hello"
    assert thread.read(at, 5) == b"hello"
    assert thread.read(8, 0) == b""
    for address in (8, 2**64 - 1, 2**63):
        with pytest.raises(OSError) as caught:
            thread.read(address, 4)
        assert caught.value.errno == errno.EFAULT
    thread.close()


def test_a_thread_that_ended_is_told_from_its_successor():
    watched, unwatched = [], []
    threads = Threads(Accounts(), detect(), 100, watched.append, unwatched.append)
    child = os.fork()
    if child == 0:
        time.sleep(5)
        os._exit(0)
    thread, duplicate = threads.duplicate(child, 1)
    os.close(duplicate)
    os.kill(child, 9)
    os.waitpid(child, 0)
    with pytest.raises(OSError):  # ESRCH or ENOENT
        threads.duplicate(child, 1)
    assert unwatched == [thread]
    assert thread.pidfd == -1


@pytest.fixture
def crowd():
    """Twelve threads that wait."""
    stop = threading.Event()
    running = [threading.Thread(target=stop.wait) for _ in range(12)]
    for one in running:
        one.start()
    yield [one.native_id for one in running]
    stop.set()
    for one in running:
        one.join()


def test_who_has_not_called_for_longest_is_let_go_of(crowd):
    threads = Threads(Accounts(), detect(), 8, lambda _t: None, lambda _t: None)
    pinned = [threads.get(tid) for tid in crowd[:8]]
    os.close(threads.duplicate(crowd[0], 1)[1])
    threads.get(crowd[1])
    assert threads.get(crowd[8]).pidfd >= 0
    assert [thread.pidfd >= 0 for thread in pinned] == [True, True, False] + [True] * 5
    threads.close()


def test_a_thread_that_was_let_go_of_says_nothing_of_another(crowd):
    threads = Threads(Accounts(), detect(), 8, lambda _t: None, lambda _t: None)
    first = threads.get(crowd[0])
    for tid in crowd[1:]:
        threads.get(tid)  # these take the numbers of its descriptors
    assert first.duplicate(1) == -errno.EBADF
    assert first.inode(1) is None
    for look in (lambda: first.job(0.0, just_read=False), lambda: first.read(4096, 4)):
        with pytest.raises((OSError, ValueError)):
            look()
    threads.close()


def test_a_call_that_waited_gets_its_thread_again_only_while_it_waits(crowd):
    threads = Threads(Accounts(), detect(), 8, lambda _t: None, lambda _t: None)
    threads.get(crowd[0])
    for tid in crowd[1:]:
        threads.get(tid)
    asked = []
    again = threads.anew(crowd[0], lambda: not asked.append(threads.get(crowd[0]).pidfd))
    assert asked == [again.pidfd]  # after it was pinned
    assert again.is_confirmed
    with pytest.raises(ProcessLookupError):
        threads.anew(crowd[1], lambda: False)
    assert not threads.get(crowd[1]).is_confirmed
    threads.close()


def test_only_so_many_threads_are_pinned():
    unwatched = []
    threads = Threads(Accounts(), detect(), 8, lambda _t: None, unwatched.append)
    stop = threading.Event()
    running = [threading.Thread(target=stop.wait) for _ in range(12)]
    for one in running:
        one.start()
    for one in running:
        threads.get(one.native_id)
    assert len(unwatched) == 4
    threads.close()
    stop.set()
    for one in running:
        one.join()


# --- answers that nobody took


def test_an_answer_is_given_once_and_for_five_seconds():
    replay = Replay()
    key = (1, 2, b"x")
    replay.keep(key, errno.ECONNREFUSED, 100.0)
    assert replay.take((1, 3, b"x"), 101.0) is None
    assert replay.take(key, 101.0) == errno.ECONNREFUSED
    assert replay.take(key, 101.0) is None
    replay.keep(key, 0, 100.0)
    assert replay.take(key, 105.0) is None
    assert not replay


def test_old_answers_are_swept_and_memory_is_bounded():
    replay = Replay()
    for number in range(10_000):
        replay.keep((number, 0, b""), 0, 100.0)
    assert len(replay._answers) <= 4096
    replay.sweep(104.9)
    assert replay
    replay.sweep(105.0)
    assert not replay


# --- connects that may wait


@pytest.fixture(params=[Ring, Workers])
def connector(request):
    try:
        made = request.param()
    except OSError as error:
        pytest.skip(f"io_uring: {error}")
    yield made
    made.close()


def finish(connector, number, answer):
    if answer is not None:
        return answer
    done = []
    wait_until(lambda: done.extend(connector.completed()) or done)
    assert done[0][0] == number
    return done[0][1]


def test_connects_succeed_and_fail_as_they_would(connector, listener):
    port = listener.getsockname()[1]
    with socket.socket() as one, socket.socket() as two:
        assert finish(connector, 1, connector.connect(1, one.fileno(), raw(port))) == 0
        assert one.getpeername()[1] == port
        refused = connector.connect(2, two.fileno(), raw(1))
        assert finish(connector, 2, refused) == errno.ECONNREFUSED


def test_the_sockets_flags_are_never_touched(listener):
    try:
        ring = Ring()
    except OSError as error:
        pytest.skip(f"io_uring: {error}")
    with socket.socket() as one:
        assert ring.connect(1, one.fileno(), raw(listener.getsockname()[1])) == 0
        assert one.getblocking()
        assert os.get_blocking(one.fileno())
    ring.close()


def test_connects_that_wait_complete_when_there_is_room(connector):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        clients = [socket.socket() for _ in range(3)]
        address = raw(full.getsockname()[1])
        answers = [connector.connect(n, c.fileno(), address) for n, c in enumerate(clients)]
        done = {n for n, answer in enumerate(answers) if answer == 0}
        full.accept()[0].close()
        wait_until(
            lambda: (
                done.update(n for n, code in connector.completed() if code == 0) or len(done) >= 2
            )
        )
        for client in clients:
            connector.cancel(clients.index(client))
            client.close()


def test_workers_end_when_they_are_closed_even_those_that_wait():
    with socket.socket() as full, contextlib.ExitStack() as clients:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        before, open_before = threading.active_count(), os.listdir("/proc/self/fd")
        workers = Workers()
        for number in range(4):
            client = clients.enter_context(socket.socket())
            workers.connect(number, client.fileno(), raw(full.getsockname()[1]))
        clients.close()
        begin = time.monotonic()
        workers.close()
        assert time.monotonic() - begin < 20  # a connect that waits does so for two minutes
        assert threading.active_count() == before
        assert os.listdir("/proc/self/fd") == open_before


# --- calls that would wait


def test_an_alarm_ends_a_call_that_waits_and_nothing_after_it():
    alarm, calls = Alarm(0.01), kernel.SocketCalls()
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 40)  # else a broken alarm would wait for ever
    with socket.socket() as nobody_comes:
        nobody_comes.bind(("127.0.0.1", 0))
        nobody_comes.listen(1)
        alarm.arm()
        begin = time.monotonic()
        assert calls.accept(nobody_comes.fileno(), 0) == (-errno.EINTR, b"")
        assert time.monotonic() - begin < 20
        alarm.disarm()
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    ready = signal.sigtimedwait({SIGNAL}, 0.05)
    alarm.close()
    assert ready is None


# --- telling


def test_a_warner_writes_in_order_and_says_what_it_lost():
    said, go_on = [], threading.Event()

    def write(text):
        go_on.wait(60)
        said.append(text)

    warner = Warner(write)
    warner.start()
    begin = time.monotonic()
    for number in range(3000):
        warner(str(number))
    assert time.monotonic() - begin < 20
    go_on.set()
    warner.close()
    numbers = [int(text) for text in said if text.isdigit()]
    assert numbers == sorted(numbers)
    assert 1024 <= len(numbers) < 3000
    (told,) = [text for text in said if not text.isdigit()]
    assert told == f"{3000 - len(numbers)} warnings were lost: they came faster than written"


def test_a_warner_outlives_what_it_writes_to():
    said = []

    def write(text):
        said.append(text)
        raise BrokenPipeError

    warner = Warner(write)
    warner("before it was started")
    warner.start()
    warner("second")
    warner.close()
    assert said == ["before it was started", "second"]


# --- connections that are coming


@pytest.fixture
def coming():
    """A socket whose connection is on its way to a listener without room."""
    with socket.socket() as full, socket.socket() as client:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with socket.create_connection(full.getsockname()):
            client.setblocking(False)
            assert client.connect_ex(full.getsockname()) == errno.EINPROGRESS
            yield client


class Refusing:
    log_only = False

    def __init__(self):
        self.reasons = []

    def unrecorded(self, reason):
        self.reasons.append(reason)
        return False


def tcp_state(client):
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


@pytest.mark.parametrize("why", ["too many", "no descriptor"])
def test_a_connection_that_cannot_be_followed_is_taken_back(coming, monkeypatch, why):
    judge = Refusing()
    followed = established.Established(Poller(), judge, kernel.SocketCalls())
    connection = established.Connection(coming.fileno(), Job("J", "U", os.getpid()), 3, raw(1))
    if why == "too many":
        monkeypatch.setattr(established, "_MAX_FOLLOWED", 0)
        assert not followed.begun(connection, asked_again=False)
        assert len(judge.reasons) == 1
    else:
        monkeypatch.setattr(established.os, "dup", lambda _n: os.open("/no/such/file", 0))
        with pytest.raises(OSError):
            followed.begun(connection, asked_again=False)
    assert tcp_state(coming) == 7  # CLOSE


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_connection_is_taken_back_whatever_recording_raises(listener, error):
    class Broken:
        def recorded(self, *_):
            raise error

    with socket.create_connection(listener.getsockname()) as client:
        recorder = established.Established(Poller(), Broken(), kernel.SocketCalls())
        with pytest.raises(error):
            recorder.record(client.fileno(), Job("J", "U", 1), 3, raw(1))
        assert tcp_state(client) == 7


def test_a_socket_is_found_wherever_it_is_open():
    with socket.socket() as one, socket.socket() as two:
        held, gone = os.fstat(one.fileno()).st_ino, os.fstat(two.fileno()).st_ino
        moved = os.dup(one.fileno())
        child = os.fork()
        if child == 0:
            two.close()
            one.close()
            time.sleep(5)
            os._exit(0)
        assert holders.is_in(holders.place(os.getpid(), one.fileno()), held)
        assert not holders.is_in(holders.place(os.getpid(), one.fileno()), gone)
        wait = holders.place(child, one.fileno())
        wait_until(lambda: not holders.is_in(wait, held))
        assert holders.find({held, gone}) == {held: holders.place(child, moved)}
        os.close(moved)
        os.kill(child, 9)
        os.waitpid(child, 0)


# --- calls that are not what they seem


class Nobody:
    """A listener whose call ended while it was looked at."""

    valid = True

    def __init__(self):
        self.answers = []

    def is_valid(self, _notification):
        return self.valid

    def answer(self, notification, error=0, flags=0):
        self.answers.append((notification, error))
        return True


def test_what_was_read_counts_only_while_the_call_waits(listener):
    nobody, port = Nobody(), listener.getsockname()[1]

    class Ended:
        tid = 1

        def read(self, _where, _length):
            nobody.valid = False  # its number may have been another's by now
            return raw(port)

    judged = []

    class Judging:
        def allows(self, *_):
            judged.append(1)
            return True

    workers = Workers()
    poller = Poller()
    connects = Connects(
        nobody, poller, Judging(), None, workers, kernel.SocketCalls(), errno.EACCES, Counter(),
        time.monotonic,
    )  # fmt: skip
    with socket.socket() as client:
        ended = Ended()
        ended.job = lambda *_, **__: Job("J", "U", 1)
        connects.handle(7, ended, 3, os.dup(client.fileno()), 4096, 16)
        assert tcp_state(client) == 7
    assert judged == []
    assert nobody.answers == []
    connects.close()
    poller.close()


def test_a_call_that_the_filter_does_not_send_is_refused():
    refusing = Supervisor.__new__(Supervisor)
    refusing._operations = operations("x86_64")
    said, nobody = [], Nobody()
    refusing._warn, refusing._listener = said.append, nobody
    nobody.receive = lambda: (9, 1, 0, 41, 0xC000003E, 0, 1, 2, 3, 4, 5, 6)
    refusing._notified(READ)
    assert nobody.answers == [(9, errno.EPERM)]
    assert said == ["system call 41 of architecture 0xc000003e refused: not expected here"]


def test_registers_are_signed_ints():
    assert [signed(x) for x in (0, 5, 0xFFFFFFFF, 0x80000000, 0xFFFFFFFF00000003)] == [
        0, 5, -1, -(2**31), 3,
    ]  # fmt: skip
