"""Systems, the command line against them, and rules to attach."""

from __future__ import annotations

import pytest

from epm.evaluate import Mode
from epm.model import Server
from epm.rulefile.load import load_rules
from exitprograms.ibmi.objects import Names
from exitprograms.ibmi.sources import sources_for
from exitprograms.ile.image import Target, compile_image
from tests.cli.conftest import CommandLine
from tests.ibmi.machine import client_of, machine

RULES = """
version: 1
config: {audit: "N", message: "N", capture: "N"}
servers:
  QSOACCEPT:
    activated: true
    rules:
      - {seq: 10, name: Admins, authority: Y, audit: Y, capture: Y, active: Y,
         conditions: [{field: RMTADDR, op: EQ, value: 10.0.0.0/8}]}
      - {seq: 99999, name: Default, authority: N, message: Y}
  QSOCONNECT:
    activated: true
    rules:
      - {seq: 10, name: No mail, authority: N, active: Y,
         conditions: [{field: RMTPORT, op: EQ, value: 25}]}
"""
#: Sources as small as they can be: what is compiled does not matter to the steps.
TINY = {
    "epm_accept.c": "int a;\n",
    "epm_connect.c": "int c;\n",
    "epm_listen.c": "int l;\n",
    "epm_core.c": "int core = 'x';\n",
}
NAMES = Names("EPM")
BOTH = (Server.CONNECT, Server.ACCEPT)


def image_of(rules: str = RULES, revision: int = 1, **more) -> bytes:
    target = Target(system="PROD1", lib="EPM")
    ruleset = load_rules(rules, "rules").ruleset
    return compile_image(ruleset, mode=Mode.LIVE, revision=revision, target=target, **more)


@pytest.fixture(scope="session")
def tiny():
    words = sources_for(NAMES).files["epm_ibmi_words.h"]
    return sources_for(NAMES, {**TINY, "epm_ibmi_words.h": words})


@pytest.fixture(scope="session")
def image():
    return image_of()


@pytest.fixture
def system():
    return machine()


@pytest.fixture
def client(system):
    made = client_of(system)
    yield made
    made.carrier.close()


@pytest.fixture
def epm(tmp_path, capfd, monkeypatch):
    """The command line with a store and a journal of its own, and HOME where nobody lives."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return CommandLine(tmp_path, capfd, monkeypatch)
