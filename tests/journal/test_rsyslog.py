"""A real rsyslog receives the journal over TCP and TLS, and understands each header."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.journal.receivers import certificates
from tests.support.command_line import CommandLine
from tests.support.ports import free_port
from tests.support.real import unavailable

pytestmark = pytest.mark.real
SECONDS = 20

_CONFIG = """
global(workDirectory="{folder}" {tls})
module(load="imptcp")
{listener}
template(name="fields" type="list" option.jsonf="on") {{
  property(outname="pri" name="pri" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="msg" name="msg" format="jsonf")
}}
*.* action(type="omfile" file="{folder}/received" template="fields")
"""
_TCP = 'input(type="imptcp" address="127.0.0.1" port="{port}")'
_TLS = """
module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
input(type="imtcp" address="127.0.0.1" port="{port}")
"""
_FILES = (
    'DefaultNetstreamDriver="ossl" DefaultNetstreamDriverCAFile="{ca}" '
    'DefaultNetstreamDriverCertFile="{cert}" DefaultNetstreamDriverKeyFile="{key}"'
)


class Rsyslog:
    """rsyslogd in the foreground, in a folder of its own."""

    def __init__(self, folder, listener, tls=""):
        binary = shutil.which("rsyslogd") or "/usr/sbin/rsyslogd"
        if not os.access(binary, os.X_OK):
            unavailable("rsyslog is not installed")
        self.received = folder / "received"
        config = folder / "rsyslog.conf"
        config.write_text(_CONFIG.format(folder=folder, listener=listener, tls=tls))
        self._process = subprocess.Popen(
            [binary, "-n", "-f", config, "-i", folder / "pid"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def lines(self, count):
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            text = self.received.read_text() if self.received.exists() else ""
            if text.count("\n") >= count:
                return [json.loads(line) for line in text.splitlines()]
            assert self._process.poll() is None, self._process.stdout.read()
            time.sleep(0.05)
        raise AssertionError(f"only {text!r}")

    def close(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(SECONDS)
        self._process.stdout.close()


@pytest.fixture
def epm(tmp_path, capfd, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    line = CommandLine(home, capfd, monkeypatch)
    assert line("init").code == 0
    for seq in (10, 20):  # with the system's own, three entries
        assert line("rules", "add", "accept", seq, "--authority", "N",
                    "--condition", f"LCLPORT EQ {seq}").code == 0  # fmt: skip
    return line


def send(epm, *words):
    """Try until rsyslog listens: it takes a moment to start."""
    deadline = time.monotonic() + SECONDS
    while True:
        sent = epm("journal", "report", *words)
        if sent.code != 3 or time.monotonic() > deadline:
            return sent
        assert "is sent the next time" in sent.err


@pytest.mark.parametrize("form", ["cef", "leef", "syslog"])
def test_rsyslog_receives_every_entry_over_tcp(epm, tmp_path, form):
    port = free_port()
    rsyslog = Rsyslog(tmp_path, _TCP.format(port=port))
    try:
        sent = send(epm, "--format", form, "--to", f"tcp://127.0.0.1:{port}")
        assert sent.code == 0, sent.err
        lines = rsyslog.lines(3)
    finally:
        rsyslog.close()
    assert [line["id"] for line in lines] == ["NC"] * 3
    assert {line["app"] for line in lines} == {"epm"}
    assert {line["pri"] for line in lines} == {"108"}  # facility 13, severity 4
    if form == "syslog":
        assert 'sequence="2"' in lines[1]["data"]
    else:
        assert lines[1]["msg"].lstrip().startswith(form.upper())


def test_rsyslog_receives_every_entry_over_tls(epm, tmp_path):
    ca, cert, key = certificates(tmp_path)
    port = free_port()
    rsyslog = Rsyslog(tmp_path, _TLS.format(port=port), _FILES.format(ca=ca, cert=cert, key=key))
    try:
        target = f"tls://localhost:{port}"
        sent = send(epm, "--format", "cef", "--to", target, "--ca", ca)
        assert sent.code == 0, sent.err
        assert "does not end the connection" not in sent.err  # it is proved that all was read
        lines = rsyslog.lines(3)
        refused = epm("journal", "report", "--format", "cef", "--to", target)
    finally:
        rsyslog.close()
    assert refused.code == 3
    assert "its certificate is not accepted" in refused.err
    assert [line["msg"].rpartition("externalId=")[2] for line in lines] == ["1", "2", "3"]


def test_follow_sends_what_comes_later_and_ends_when_told(epm, tmp_path):
    port = free_port()
    rsyslog = Rsyslog(tmp_path, _TCP.format(port=port))
    command = [
        "journal",
        "report",
        "--format",
        "cef",
        "--follow",
        "--to",
        f"tcp://127.0.0.1:{port}",
    ]
    following = subprocess.Popen(
        [sys.executable, "-P", "-m", "epm", *command],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        rsyslog.lines(3)
        assert epm("rules", "delete", "accept", 10).code == 0
        assert len(rsyslog.lines(4)) == 4
        following.send_signal(signal.SIGTERM)
        assert following.wait(SECONDS) == 0
        assert "4 entries sent to tcp://127.0.0.1" in following.stderr.read()
    finally:
        following.kill()
        following.wait()
        following.stderr.close()
        rsyslog.close()
