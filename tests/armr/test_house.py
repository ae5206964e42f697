"""The package is pure, loads its parser only when it parses, and its log reads elsewhere."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from epm.addresses import parse_address
from epm.armr.attempts import Attempt
from epm.armr.engine import SocketEngine
from epm.armr.events import socket_line
from epm.armr.model import Operation
from epm.syslog5424 import Origin
from tests.support.armr_text import policy
from tests.support.real import unavailable

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "epm" / "armr").glob("*.py"))
CORE = {p.stem for p in (ROOT / "epm").glob("*.py")} | {"armr"}
STANDARD = {
    "__future__", "collections", "dataclasses", "datetime", "enum", "functools", "ipaddress",
    "itertools", "re", "types", "typing",
}  # fmt: skip


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_a_module_imports_the_core_and_the_parser_library_only(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            top, _, rest = name.partition(".")
            assert top in STANDARD | {"lark"} or rest.split(".")[0] in CORE, name


def test_the_parser_library_is_loaded_by_parsing_only():
    script = (
        "import sys, epm.cli.main, epm.cli.armr, epm.armr.decider, epm.armr.overlap, "
        "epm.armr.policy\nassert 'lark' not in sys.modules\n"
        "from epm.armr.parser import parse\n"
        "try: parse('x')\nexcept Exception: pass\nassert 'lark' in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.real
def test_an_independent_reader_takes_the_line_apart(tmp_path):
    """liblognorm reads the CEF part; it loses the first letter of the first key (its defect)."""
    if shutil.which("lognormalizer") is None:
        unavailable("lognormalizer is not installed (liblognorm-utils)")
    body = 'connect("0.0.0.0:0") protect(message: "x=1 | C:\\\\a", severity: 8, stacktrace: "full")'
    engine = SocketEngine(policy(("a|b", body), name="M = n"))
    attempt = Attempt(Operation.CONNECT, parse_address("10.0.0.5"), 80, stacktrace="f()\ng = h")
    line = socket_line(engine.decide(attempt), Origin("h", "java", "7"), datetime.now(UTC))
    (tmp_path / "r").write_text("version=2\nrule=:%f:cef%\n")
    done = subprocess.run(
        ["lognormalizer", "-r", tmp_path / "r", "-e", "json"], text=True, timeout=30,
        input=line[line.index("CEF:") :] + "\n", capture_output=True, check=True,
    )  # fmt: skip
    read = json.loads(done.stdout)["f"]
    assert (read["DeviceVendor"], read["SignatureID"]) == ("ARMR:M = n", "a|b")
    fields = read["Extensions"]
    assert fields["msg"] == "x=1 | C:\\a"
    assert fields["stacktrace"] == "f()\ng = h"
    assert (fields["act"], fields["remotePort"]) == ("protect", "80")
    order = "dvchost procid appVersion ruleType securityFeature act msg stacktrace"
    assert list(fields)[1:] == [*order.split(), "remoteIpAddress", "remotePort"]
