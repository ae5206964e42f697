"""Ways around the notification; prints what each gives as JSON."""

import ctypes
import errno
import json
import os
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)


def raw(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in arguments])
    return "ok" if result >= 0 else errno.errorcode[ctypes.get_errno()]


def attempt(function, *arguments):
    try:
        function(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "ok"


address = ("127.0.0.1", int(sys.argv[1]))
fast = socket.socket()
parameters = ctypes.create_string_buffer(120)
ends = socket.socketpair()
memory = ctypes.addressof(parameters)
done = {
    "sendto": attempt(fast.sendto, b"x", 0x20000000, address),
    "sendmsg": attempt(fast.sendmsg, [b"x"], [], 0x20000000, address),
    "io_uring": raw(425, 4, memory),
    "mptcp": attempt(socket.socket, socket.AF_INET, socket.SOCK_STREAM, 262),
    "x32": raw(0x40000000 + 42, fast.fileno(), 0, 0),
    "plain send": attempt(ends[0].send, b"x"),
}
if done["mptcp"] == "ok":
    mptcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
    done["mptcp connect"] = attempt(mptcp.connect, address)
os.makedirs(sys.argv[2] + "/a")
os.makedirs(sys.argv[2] + "/b")
open(sys.argv[2] + "/a/file", "w").close()
done["rename across"] = attempt(os.rename, sys.argv[2] + "/a/file", sys.argv[2] + "/b/file")
print(json.dumps(done))
