"""What live supervision costs: the same program natively and under ``epm run``, in turns.

    python benchmarks/live.py                 through the real command line, with engine and journal
    python benchmarks/live.py --bare          an exit program that always allows, no journal
    python benchmarks/live.py --phases        where the supervisor's time goes, call by call

Each measurement alternates native and supervised runs on this machine and shows medians and
their ratio: read the ratios, the absolute numbers belong to the machine. Only loopback is used.
Needs what it measures: nginx with wrk, redis-server with redis-benchmark; what is missing is
left out.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
RULES = """
version: 1
servers:
  QSOACCEPT:
    activated: true
    rules:
      - {seq: 10, name: Bad net, authority: N, active: Y,
         conditions: [{field: RMTADDR, op: EQ, value: 10.9.0.0/16}]}
      - {seq: 99999, name: Default, authority: Y}
  QSOCONNECT:
    activated: true
    rules:
      - {seq: 10, name: Mail, authority: N, active: Y,
         conditions: [{field: RMTPORT, op: EQ, value: 25}]}
      - {seq: 99999, name: Default, authority: Y}
  QSOLISTEN:
    activated: true
    rules: [{seq: 99999, name: Default, authority: Y}]
"""
CONNECTIONS = "16"


# --- the two sides of each pair


class Supervised:
    """The command line that runs a program supervised."""

    def __init__(self, folder: Path, bare: bool) -> None:
        rules = folder / "rules.yaml"
        rules.write_text(RULES)
        store = f"sqlite:///{folder}/store.db"
        me = [sys.executable, str(Path(__file__).resolve()), "--supervise"]
        real = [sys.executable, "-m", "epm", "--db", store, "run", "--rules", str(rules), "--"]
        self.prefix = me if bare else real
        self.environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }  # fmt: skip

    def command(self, command: list[str]) -> list[str]:
        """Return the command line that runs ``command`` supervised."""
        return [*self.prefix, *command]


def always_allow(_name, _block, _job, _at) -> str:
    return "0"


class NoJournal:
    """Takes the place of the journal."""

    def socket_event(self, event) -> None:
        """Record nothing."""


def supervise(command: list[str]) -> int:
    """Run a command under the bare supervisor."""
    from simulators.linux.run import RunOptions, run

    def warn(text: str) -> None:
        print(f"live.py: {text}", file=sys.stderr)

    return run(command, RunOptions(), always_allow, NoJournal(), warn, lambda: None).status


# --- programs to measure


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    """Run a server until the block ends."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wanted = f":{port:04X} 00000000:0000 0A"
        deadline = time.monotonic() + 15
        while wanted not in Path("/proc/net/tcp").read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"live.py: {command} does not listen")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(timeout=15)


def nginx_command(folder: Path, port: int) -> list[str]:
    config = folder / "nginx.conf"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user nobody nogroup;" if os.geteuid() == 0 else ""
    config.write_text(
        f"daemon off; worker_processes 2; {user} pid {folder}/pid; error_log /dev/null crit;"
        f"events {{}} http {{ access_log off; {paths} keepalive_requests 1000000;"
        f' server {{ listen 127.0.0.1:{port}; location / {{ return 200 "hello"; }} }} }}'
    )
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    return [nginx, "-c", str(config), "-p", str(folder), "-e", "/dev/null"]


def wrk(port: int, seconds: float, *headers: str) -> float:
    """Return requests a second."""
    line = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", *headers]
    done = subprocess.run(
        [*line, f"http://127.0.0.1:{port}/"], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split("Requests/sec:")[1].split()[0])


def redis_command(folder: Path, port: int) -> list[str]:
    address = ["--port", str(port), "--bind", "127.0.0.1"]
    return ["redis-server", *address, "--save", "", "--dir", str(folder), "--logfile", "/dev/null"]


def redis_benchmark(port: int, seconds: float, keep: int) -> float:
    """Return commands a second."""
    number = int(seconds * (60000 if keep else 9000))
    line = ["redis-benchmark", "-p", str(port), "-k", str(keep), "-c", CONNECTIONS]
    done = subprocess.run(
        [*line, "-n", str(number), "-t", "ping_mbulk", "--csv"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout.strip().splitlines()[-1].split(",")[1].strip('"'))


def server_rates(folder: Path, seconds: float) -> dict[str, tuple[Callable, Callable]]:
    """Return measurement -> (command of the server, client that gives a rate)."""
    found: dict[str, tuple[Callable, Callable]] = {}
    if shutil.which("wrk") and (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()):
        close = ("-H", "Connection: close")
        found["nginx, connection per request"] = (
            lambda port: nginx_command(folder, port), lambda port: wrk(port, seconds, *close),
        )  # fmt: skip
        found["nginx, kept alive"] = (
            lambda port: nginx_command(folder, port), lambda port: wrk(port, seconds),
        )  # fmt: skip
    if shutil.which("redis-server") and shutil.which("redis-benchmark"):
        for name, keep in (("connection per command", 0), ("kept alive", 1)):
            found[f"redis, {name}"] = (
                lambda port: redis_command(folder, port),
                lambda port, keep=keep: redis_benchmark(port, seconds, keep),
            )
    return found


def measure_calls(number: int) -> dict[str, float]:
    """Return the median microseconds of each call, made in this process."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(4000)
    listener.setblocking(False)
    address, linger = listener.getsockname(), struct.pack("ii", 1, 0)
    times: dict[str, list[int]] = defaultdict(list)

    def timed(name: str, function: Callable, *arguments):
        begin = time.perf_counter_ns()
        try:
            return function(*arguments)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNREFUSED):
                raise
            return None
        finally:
            times[name].append(time.perf_counter_ns() - begin)

    for _ in range(number):
        for name in ("connect, blocking", "connect, non-blocking"):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            client.setblocking(name == "connect, blocking")
            timed(name, client.connect_ex, address)
            connection, _ = timed("accept", listener.accept)
            client.close()
            connection.close()
        timed("accept, none waiting", listener.accept)
        with socket.socket() as refused:
            timed("connect, refused by the peer", refused.connect_ex, ("127.0.0.1", 1))
        timed("listen", listener.listen, 4000)
    return {name: statistics.median(taken) / 1000 for name, taken in times.items()}


# --- pairs and their table


def paired_rates(supervised: Supervised, folder: Path, rounds: int, seconds: float) -> list[tuple]:
    rows = []
    for name, (server, client) in server_rates(folder, seconds).items():
        rates: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(rounds):
            for is_supervised, results in rates.items():
                port = free_port()
                command = server(port)
                line = supervised.command(command) if is_supervised else command
                with running(line, supervised.environment, port):
                    results.append(client(port))
        rows.append((name, "/s", *map(statistics.median, rates.values())))
    return rows


def paired_calls(supervised: Supervised, rounds: int, number: int) -> list[tuple]:
    me = [sys.executable, str(Path(__file__).resolve()), "--calls", str(number)]
    times: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for _ in range(rounds):
        for side, line in enumerate((me, supervised.command(me))):
            done = subprocess.run(
                line, env=supervised.environment, capture_output=True, text=True, check=True
            )
            for name, value in json.loads(done.stdout).items():
                times[name][side].append(value)
    return [(name, "us", *map(statistics.median, pair)) for name, pair in times.items()]


def show(rows: list[tuple]) -> None:
    print(f"{'':32} {'native':>12} {'supervised':>12} {'ratio':>7}")
    for name, unit, native, under in rows:
        print(f"{name:32} {native:>9.1f} {unit} {under:>9.1f} {unit} {under / native:>7.2f}")


# --- where the time goes


PHASES = {
    "notify.Listener": ("receive", "is_valid", "answer", "install"),
    "kernel": ("pidfd_getfd", "connect", "listen"),
    "kernel.SocketCalls": ("accept", "local_end", "number", "readable", "option"),
    "kernel.Memory": ("write",),
    "ring.Ring": ("connect",),
    "target.TargetThread": ("read", "job"),
    "judge.Judge": ("allows", "recorded"),
    "supervisor.Supervisor": ("_notified",),
}
NOTE = "answer and install include what the target does until the supervisor runs again"


def instrument(times: dict[str, list[int]]) -> None:
    """Time the steps of the supervisor; each measurement adds about half a microsecond."""
    import importlib

    for path, names in PHASES.items():
        module, _, owner = path.partition(".")
        holder = importlib.import_module(f"simulators.linux.{module}")
        holder = getattr(holder, owner) if owner else holder
        for name in names:
            setattr(holder, name, timing(getattr(holder, name), times[f"{path}.{name}"]))


def timing(function: Callable, taken: list[int]) -> Callable:
    def wrapper(*arguments, **named):
        begin = time.perf_counter_ns()
        try:
            return function(*arguments, **named)
        finally:
            taken.append(time.perf_counter_ns() - begin)

    return wrapper


def phases(number: int) -> int:
    times: dict[str, list[int]] = defaultdict(list)
    instrument(times)
    me = [sys.executable, str(Path(__file__).resolve()), "--calls", str(number)]
    status = supervise(me)
    print(f"{'':40} {'calls':>8} {'median us':>10} {'total ms':>9}")
    for name, taken in sorted(times.items(), key=lambda item: -sum(item[1])):
        if taken:
            middle, whole = statistics.median(taken) / 1e3, sum(taken) / 1e6
            print(f"{name:40} {len(taken):>8} {middle:>10.2f} {whole:>9.1f}")
    print(NOTE)
    return status


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bare", action="store_true", help="no engine, no journal")
    parser.add_argument("--phases", action="store_true", help="where the time goes")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of each measurement")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a rate's run")
    parser.add_argument("--number", type=int, default=2000, help="calls of a latency's run")
    parser.add_argument("--only", choices=("rates", "calls"), help="one kind of measurement")
    parser.add_argument("--calls", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--supervise", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.supervise is not None:
        return supervise(options.supervise)
    if options.calls is not None:
        print(json.dumps(measure_calls(options.calls)))
        return 0
    if options.phases:
        return phases(options.number)
    with tempfile.TemporaryDirectory(prefix="epm-live-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        supervised = Supervised(folder, options.bare)
        rows = []
        if options.only != "calls":
            rows += paired_rates(supervised, folder, options.rounds, options.seconds)
        if options.only != "rates":
            rows += paired_calls(supervised, options.rounds, options.number)
        show(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
