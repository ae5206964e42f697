"""One of each call, then a line of JSON with what each gave. Arguments: what to do."""

import errno
import json
import os
import select
import signal
import socket
import sys
import threading
import time


def name(error):
    return errno.errorcode.get(error.errno, str(error)) if error.errno else type(error).__name__


def attempt(function, *arguments):
    try:
        value = function(*arguments)
    except OSError as error:
        return name(error)
    return value if isinstance(value, int | str | list) else "ok"


def listening(address="127.0.0.1", family=socket.AF_INET, port=0):
    server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    return server


def all_calls(port):
    """listen, blocking connect, accept, non-blocking connect, accept, refused connect."""
    done = {}
    server = listening(port=port)
    done["listen"] = attempt(server.listen, 7)
    client = socket.socket()
    done["connect"] = attempt(client.connect, server.getsockname())
    server.settimeout(0.3)
    done["accept"] = attempt(server.accept)
    other = socket.socket()
    other.setblocking(False)
    code = other.connect_ex(server.getsockname())
    done["nonblocking"] = errno.errorcode.get(code, "ok")
    done["accept2"] = attempt(server.accept)
    server.close()
    done["refused"] = attempt(socket.socket().connect, ("127.0.0.1", 1))
    return done


def families(port):
    """A dual-stack listener reached over IPv4 and IPv6."""
    server = socket.socket(socket.AF_INET6)
    server.bind(("::", port))
    server.listen(5)
    port = server.getsockname()[1]
    done = {}
    for key, family, address in (
        ("v4", socket.AF_INET, "127.0.0.1"),
        ("v6", socket.AF_INET6, "::1"),
        ("mapped", socket.AF_INET6, "::ffff:127.0.0.1"),
    ):
        client = socket.socket(family)
        client.settimeout(2)
        done[key] = attempt(client.connect, (address, port))
        if done[key] == "ok":
            server.settimeout(0.5)
            done[key + " peer"] = attempt(lambda: server.accept()[1][0])
    return done


def connect(port):
    client = socket.socket()
    client.settimeout(5)
    return {"connect": attempt(client.connect, ("127.0.0.1", port))}


def unix_and_udp(_port):
    path = f"/tmp/epm-test-{os.getpid()}"
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(1)
    client = socket.socket(socket.AF_UNIX)
    done = {"unix": attempt(client.connect, path), "accepted": attempt(server.accept)}
    credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    done["peer is us"] = int(int.from_bytes(credentials[:4], sys.byteorder) == os.getpid())
    os.unlink(path)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    done["udp"] = attempt(udp.connect, ("127.0.0.1", 9))
    done["udp peer"] = udp.getpeername()[1]
    return done


def identity(port):
    """Connect under changing identities: name, user, groups."""

    def call():
        with socket.socket() as client:
            client.connect_ex(("127.0.0.1", port))

    def rename(text):
        with open("/proc/self/comm", "w") as comm:
            comm.write(text)

    call()
    rename("renamed")
    call()
    if os.getuid() == 0:
        os.setgroups([1, 2])
        os.setgid(65534)
        call()
        os.setuid(65534)
        call()
    return {}


def exec_again(port):
    """Connect, then become another program that connects."""
    with socket.socket() as client:
        client.connect_ex(("127.0.0.1", port))
    os.execv(sys.argv[3], [sys.argv[3], "127.0.0.1", str(port)])


def many_blocked(_port):
    """Threads blocked in accept on one listener, each served once; then shutdown wakes one."""
    server = listening()
    server.listen(50)
    peers, woken = [], []

    def serve():
        try:
            connection, peer = server.accept()
        except OSError as error:
            woken.append(name(error))
        else:
            peers.append(peer[1])
            connection.close()

    threads = [threading.Thread(target=serve) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    clients = [socket.create_connection(server.getsockname()) for _ in range(7)]
    deadline = time.monotonic() + 15
    while len(peers) < 7 and time.monotonic() < deadline:
        time.sleep(0.01)
    served = sorted(peers) == sorted(c.getsockname()[1] for c in clients)
    server.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(15)
    return {"served": int(served), "woken": woken}


def reconnect(port):
    """Fork children that connect, many at once."""
    children = []
    for _ in range(10):
        child = os.fork()
        if child == 0:
            os._exit(socket.socket().connect_ex(("127.0.0.1", port)) % 256)
        children.append(child)
    return {"codes": sorted(os.waitstatus_to_exitcode(os.waitpid(c, 0)[1]) for c in children)}


def waiting_connects(port):
    """Connect to a listener without room: blocking, non-blocking, given up, interrupted."""
    address, done = ("127.0.0.1", port), {}
    asked, given_up = socket.socket(), socket.socket()
    for client in (asked, given_up):
        client.setblocking(False)
        done.setdefault("begun", []).append(client.connect_ex(address))
    given_up.close()

    def interrupt(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.15)
    begin = time.monotonic()
    done["interrupted"] = attempt(socket.socket().connect, address)
    done["soon"] = int(time.monotonic() - begin < 15)
    print("full", flush=True)
    blocking = socket.socket()
    done["blocking"] = attempt(blocking.connect, address)
    ready = select.select([], [asked], [], 15)[1]
    done["asked"] = asked.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if ready else -1
    time.sleep(0.3)
    return done


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](int(sys.argv[2]))), flush=True)
