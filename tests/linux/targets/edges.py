"""The odd ways to call connect, listen and accept; prints what each gives, as JSON lines.

Run natively and supervised, the output must be the same: errno, bytes written, flags.
"""

import contextlib
import ctypes
import errno
import fcntl
import json
import mmap
import os
import resource
import socket
import struct
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
LINGER = struct.pack("ii", 1, 0)


def call(function, *arguments):
    """Return 0 or a descriptor's stand-in, or the errno's name."""
    result = function(*[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result < 0:
        return errno.errorcode[ctypes.get_errno()]
    return "ok"


def v4(port, address="127.0.0.1", family=socket.AF_INET):
    return struct.pack("=HH4s8x", family, socket.htons(port), socket.inet_aton(address))


def v6(port, address="::1"):
    return struct.pack("=HHI16sI", 10, socket.htons(port), 0, socket.inet_pton(10, address), 0)


def listener(family=socket.AF_INET, address="127.0.0.1"):
    server = socket.socket(family)
    server.bind((address, 0))
    server.listen(20)
    return server


def case_bad_descriptors():
    path = os.open("/tmp", os.O_PATH)
    device = os.open("/dev/null", os.O_RDONLY)
    closed = os.dup(1)
    os.close(closed)
    sockaddr = v4(9)
    return [
        [call(libc.connect, fd, sockaddr, 16), call(libc.listen, fd, 1),
         call(libc.accept, fd, None, None), call(libc.accept4, fd, None, None, 0)]
        for fd in (closed, -1, 2**31 - 1, path, device)
    ]  # fmt: skip


def case_connect_addresses():
    server = listener()
    good = v4(server.getsockname()[1])
    answers = []
    for raw, length in (
        (good, 16), (good, 15), (good, 8), (good, 2), (good, 1), (good, 0), (good, -1),
        (good + bytes(112), 128), (good + bytes(113), 129), (good, 2**31 - 1),
        (v6(1), 28), (v4(1, family=99), 16), (v4(0), 16), (v4(1, "255.255.255.255"), 16),
    ):  # fmt: skip
        with socket.socket() as client:
            answers.append(call(libc.connect, client.fileno(), raw, length))
    return answers


def case_connect_v6_lengths():
    server = listener(socket.AF_INET6, "::1")
    good = v6(server.getsockname()[1])
    answers = []
    for raw, length in ((good, 28), (good, 24), (good, 23), (good, 16), (v4(1), 16)):
        with socket.socket(socket.AF_INET6) as client:
            answers.append(call(libc.connect, client.fileno(), raw, length))
    return answers


def case_bad_memory():
    server, client = listener(), socket.socket()
    unmapped = ctypes.c_void_p(8)
    kernel = ctypes.c_void_p(0xFFFF800000000000)
    edge = mmap.mmap(-1, 2 * mmap.PAGESIZE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(edge))
    libc.munmap(ctypes.c_void_p(start + mmap.PAGESIZE), mmap.PAGESIZE)
    across = ctypes.c_void_p(start + mmap.PAGESIZE - 4)
    null_device = os.open("/dev/null", os.O_RDONLY)
    answers = [
        call(libc.connect, fd, where, 16)
        for fd in (client.fileno(), null_device)
        for where in (unmapped, kernel, across, None)
    ]
    length = ctypes.c_int(16)
    for where, size in (
        (unmapped, ctypes.byref(length)), (across, ctypes.byref(length)),
        (ctypes.byref(ctypes.create_string_buffer(16)), unmapped),
        (None, unmapped),
    ):  # fmt: skip
        with socket.create_connection(server.getsockname()):
            answers.append(call(libc.accept, server.fileno(), where, size))
    os._exit_after = edge  # the mapping is broken on purpose: never unmap it again
    return answers


def case_accept_buffers():
    server = listener()
    answers = []
    for room in (0, 1, 2, 8, 15, 16, 17, 128, -1):
        with socket.create_connection(server.getsockname()) as peer:
            buffer = ctypes.create_string_buffer(b"\xaa" * 200, 200)
            length = ctypes.c_int(room)
            answer = call(libc.accept, server.fileno(), buffer, ctypes.byref(length))
            written = buffer.raw.rstrip(b"\xaa")
            port = struct.pack("!H", peer.getsockname()[1])
            whole = v4(0)[:2] + port + socket.inet_aton("127.0.0.1") + bytes(8)
            answers.append([answer, length.value, len(written), whole.startswith(written)])
    with socket.create_connection(server.getsockname()):
        length = ctypes.c_int(7)
        answers.append(
            [call(libc.accept, server.fileno(), None, ctypes.byref(length)), length.value]
        )
    return answers


def case_accept_flags():
    server = listener()
    answers = []
    for flags in (0, os.O_NONBLOCK, os.O_CLOEXEC, os.O_NONBLOCK | os.O_CLOEXEC, 1, 0x4000):
        with socket.create_connection(server.getsockname()):
            new = libc.accept4(server.fileno(), None, None, flags)
            if new < 0:
                answers.append(errno.errorcode[ctypes.get_errno()])
                server.accept()[0].close()
                continue
            nonblocking = bool(fcntl.fcntl(new, fcntl.F_GETFL) & os.O_NONBLOCK)
            answers.append([nonblocking, fcntl.fcntl(new, fcntl.F_GETFD)])
            os.close(new)
    return answers


def case_accept_states():
    plain, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
    server, unix = listener(), socket.socket(socket.AF_UNIX)
    server.setblocking(False)
    connected = socket.create_connection(server.getsockname())
    datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    answers = [
        call(libc.accept, s.fileno(), None, None) for s in (plain, udp, connected, unix, datagrams)
    ]
    answers.append(call(libc.accept, server.fileno(), None, None))
    answers.append(call(libc.accept, server.fileno(), None, None))  # empty: EAGAIN
    return answers


def case_accept_lowest_descriptor():
    server = listener()
    with socket.create_connection(server.getsockname()):
        free = os.dup(1)
        os.close(free)
        connection, _ = server.accept()
        return connection.fileno() == free


def case_receive_timeout():
    server = listener()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 150000))
    start = time.monotonic()
    answer = call(libc.accept, server.fileno(), None, None)
    return [answer, 0.1 < time.monotonic() - start < 15]


def case_send_timeout():
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    fill = [socket.socket() for _ in range(4)]
    for one in fill:
        one.setblocking(False)
        one.connect_ex(server.getsockname())
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 150000))
    start = time.monotonic()
    answer = call(libc.connect, client.fileno(), v4(server.getsockname()[1]), 16)
    again = call(libc.connect, client.fileno(), v4(server.getsockname()[1]), 16)
    return [answer, again, 0.1 < time.monotonic() - start < 15]


def case_connect_twice():
    server = listener()
    raw = v4(server.getsockname()[1])
    blocking, other = socket.socket(), socket.socket()
    other.setblocking(False)
    answers = [call(libc.connect, blocking.fileno(), raw, 16) for _ in range(2)]
    answers += [call(libc.connect, other.fileno(), raw, 16) for _ in range(3)]
    return answers


def case_disconnect():
    server, client = listener(), socket.socket()
    raw = v4(server.getsockname()[1])
    nothing = bytes(16)
    return [call(libc.connect, client.fileno(), where, 16) for where in (raw, nothing, raw)]


def case_udp():
    one = socket.socket(type=socket.SOCK_DGRAM)
    answers = [call(libc.connect, one.fileno(), v4(9), 16), one.getpeername()[1]]
    answers += [call(libc.connect, one.fileno(), bytes(16), 16), call(libc.listen, one.fileno(), 1)]
    return answers


def case_listen():
    plain, unix, server = socket.socket(), socket.socket(socket.AF_UNIX), listener()
    connected = socket.create_connection(server.getsockname())
    answers = [call(libc.listen, s.fileno(), 1) for s in (plain, unix, server, connected)]
    answers += [call(libc.listen, server.fileno(), n) for n in (0, -1, 2**31 - 1)]
    return answers


def case_nonblocking_refused():
    client = socket.socket()
    client.setblocking(False)
    with listener() as server:
        raw = v4(server.getsockname()[1])
    answers = [call(libc.connect, client.fileno(), raw, 16)]
    time.sleep(0.05)
    return [*answers, client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)]


def case_reset_before_accept():
    server = listener()
    client = socket.create_connection(server.getsockname())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    client.close()
    return call(libc.accept, server.fileno(), None, None)


def case_table_full():
    server = listener()
    clients = [socket.create_connection(server.getsockname()) for _ in range(2)]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(c.fileno() for c in clients) + 1, hard))
    full = call(libc.accept, server.fileno(), None, None)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    got = [server.accept() for _ in clients]
    return [full, sorted(p[1] for _, p in got) == sorted(c.getsockname()[1] for c in clients)]


def case_shutdown_wakes_accept():
    server = listener()
    threading.Timer(0.1, server.shutdown, [socket.SHUT_RDWR]).start()
    return call(libc.accept, server.fileno(), None, None)


def case_close_by_another_thread():
    server = listener()
    threading.Timer(0.1, lambda: socket.create_connection(server.getsockname())).start()
    first = call(libc.accept, server.fileno(), None, None)
    number = server.detach()
    os.close(number)
    return [first, call(libc.accept, number, None, None)]


def case_linger_reset():
    """The last close of a connected socket is the program's own: SO_LINGER 0 sends a reset."""
    server, answers = listener(), []
    for blocking in (True, False):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
        client.setblocking(blocking)
        client.connect_ex(server.getsockname())
        connection, _ = server.accept()
        client.close()
        connection.settimeout(2)
        try:
            answers.append(connection.recv(1).decode())
        except OSError as error:
            answers.append(errno.errorcode[error.errno])
    return answers


def case_listen_again_at_once():
    """A listening socket that is closed leaves its port at once."""
    answers = []
    server = listener()
    address = server.getsockname()
    for _ in range(3):
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 20000))
        with contextlib.suppress(BlockingIOError):
            server.accept()
        server.close()
        server = socket.socket()
        answers.append(call(libc.bind, server.fileno(), v4(address[1]), 16))
        answers.append(call(libc.listen, server.fileno(), 1))
    return answers


if __name__ == "__main__":
    for name, function in list(globals().items()):
        if name.startswith("case_"):
            print(json.dumps([name[5:], function()]), flush=True)
    os._exit(0)
