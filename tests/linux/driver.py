"""Run a program under the supervisor with a rule for a test: ``driver.py CONFIG COMMAND...``.

CONFIG is JSON: ``reject`` (list of format and port: destination, listening or local port),
``reject_all`` (formats), ``reject_program`` (paths), ``warn`` (``raises`` or ``blocks``),
``sure`` (believe this often that an accept would not wait), ``fail`` (formats whose exit program
raises), ``indicator`` (what an allowed call answers), ``journal_fails`` (SK types that cannot be
recorded), ``options`` (of RunOptions), ``features`` and ``workers`` (older kernels' ways),
``sweep_seconds`` (between two looks at what is left over), ``slow_passing`` (seconds before the
kernel is let perform a call itself), ``count_sockets`` (log how many sockets are open at each
answer), ``log`` (file for JSON lines).
The last line of the log is the result.
"""

import json
import os
import platform
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from epm.addresses import format_address
from epm.errors import JournalError, UnsupportedError
from simulators.linux import kernel, notify, supervisor, workers
from simulators.linux.identity import Features
from simulators.linux.run import RunOptions, run, selftest

PORT_AT = {"CONN0100": 38, "LSTN0100": 10, "ACPT0100": 38}


class Rules:
    def __init__(self, config, log):
        self.config = config
        self.log = log

    def write(self, **entry):
        self.log.write(json.dumps(entry) + "\n")
        self.log.flush()

    def run(self, name, block, job, at):
        at_port = PORT_AT[name]
        port = int.from_bytes(block[at_port : at_port + 2], "big")
        rejected = [name, port] in self.config.get("reject", []) or name in self.config.get(
            "reject_all", []
        )
        rejected = rejected or job.program in self.config.get("reject_program", [])
        self.write(
            exit=name, block=block.hex(), port=port, rejected=rejected, job=job.name,
            user=job.user, number=job.number, program=job.program, groups=job.groups,
            naive=at.tzinfo is None,
        )  # fmt: skip
        if name in self.config.get("fail", []):
            raise RuntimeError("the exit program broke")
        return "1" if rejected else self.config.get("indicator", "0")

    def socket_event(self, event):
        if event.type.value in self.config.get("journal_fails", []):
            raise JournalError("the disk is full")
        remote = event.remote
        self.write(
            sk=event.type.value, descriptor=event.descriptor, job=event.job.name,
            local=[format_address(event.local.address), event.local.port],
            remote=None if remote is None else [format_address(remote.address), remote.port],
        )  # fmt: skip


def main():
    if sys.argv[1] == "--selftest":
        try:
            selftest()
        except UnsupportedError as error:
            print(error)
            return 3
        return 0
    config = json.loads(sys.argv[1])
    # Tests that run in the background may have been started with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "features" in config:
        supervisor.detect = lambda: Features(**config["features"])
    if "sweep_seconds" in config:
        supervisor._IDLE_SECONDS = supervisor._BUSY_SECONDS = config["sweep_seconds"]
    if config.get("workers"):
        supervisor.make_connector = workers.Workers
    if "machine" in config:
        platform.machine = lambda: config["machine"]
    with open(config["log"], "a", encoding="utf-8") as log:
        rules = Rules(config, log)
        threads = []
        spy(config, rules)
        try:
            result = run(
                sys.argv[2:],
                RunOptions(**config.get("options", {})),
                rules.run,
                rules,
                warning(config, rules),
                lambda: threads.append(threading.active_count()),
            )
        except UnsupportedError as error:
            rules.write(unsupported=str(error))
            return 3
        leaked = sorted(os.listdir("/proc/self/fd"))
        rules.write(status=result.status, counts=dict(result.counts), threads=threads, fds=leaked)
        return result.status


def warning(config, rules):
    """Return what takes warnings: to the log, and then as bad as the test wants it."""

    def warn(text):
        rules.write(warning=text)
        if config.get("warn") == "raises":
            raise BrokenPipeError
        if config.get("warn") == "blocks":
            time.sleep(60)

    return warn


def spy(config, rules):
    """Watch, or slow down, the answers of the supervisor."""
    listener = notify.Listener
    answer, install, let_kernel = listener.answer, listener.install, listener.let_kernel

    def sockets():
        paths = (f"/proc/self/fd/{n}" for n in os.listdir("/proc/self/fd"))
        return sum(os.readlink(p).startswith("socket:") for p in paths if os.path.islink(p))

    def counted(function):
        def wrapper(*arguments, **named):
            rules.write(answer=function.__name__, sockets=sockets())
            return function(*arguments, **named)

        return wrapper

    def slowly(*arguments):
        time.sleep(config["slow_passing"])
        return let_kernel(*arguments)

    readable, sure = kernel.SocketCalls.readable, [config.get("sure", 0)]

    def believed(calls, descriptor):
        sure[0] -= 1
        return sure[0] >= 0 or readable(calls, descriptor)

    if sure[0]:
        selftest()  # it has accepts too, and is made once
        kernel.SocketCalls.readable = believed
    if config.get("count_sockets"):
        listener.answer, listener.install = counted(answer), counted(install)
    if "slow_passing" in config:
        listener.let_kernel = slowly


if __name__ == "__main__":
    sys.exit(main())
