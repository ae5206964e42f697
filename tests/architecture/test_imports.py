"""What may import what, read from the source, and what a command really loads.

The import contracts of ``pyproject.toml`` are checked by ``lint-imports``; these tests check
what it cannot see: that each new core module is under contract, that none reaches the outside
by a call, and what a start of the command line costs.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CORE = sorted(p for p in (ROOT / "epm").glob("*.py") if p.stem not in ("__init__", "__main__"))
RULEFILE = sorted((ROOT / "epm" / "rulefile").glob("*.py"))

#: All of the standard library that pure values and functions need.
PURE = {
    "__future__", "bisect", "collections", "dataclasses", "datetime", "enum", "functools",
    "heapq", "ipaddress", "itertools", "json", "math", "operator", "re", "types", "typing",
    "unicodedata",
}  # fmt: skip
#: Calls that reach outside without an import.
IMPURE_NAMES = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"}
IMPURE_METHODS = {"now", "today", "utcnow", "fromtimestamp", "astimezone"}


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _imported(path: Path) -> Iterator[str]:
    """Yield every module that the source imports, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            yield node.module
            if node.module == "epm":
                yield from (f"epm.{alias.name}" for alias in node.names)


def _outside_core(module: str) -> bool:
    top, _, rest = module.partition(".")
    if top != "epm":
        return top not in PURE
    own = {p.stem for p in CORE}
    return bool(rest) and rest.split(".")[0] not in own


@pytest.mark.parametrize("path", CORE, ids=lambda p: p.stem)
def test_a_core_module_imports_pure_modules_and_the_core_only(path: Path) -> None:
    assert [m for m in _imported(path) if _outside_core(m)] == []


@pytest.mark.parametrize("path", RULEFILE, ids=lambda p: p.stem)
def test_the_rule_file_package_adds_only_the_yaml_parser(path: Path) -> None:
    allowed = ("yaml", "epm.rulefile")
    outside = [m for m in _imported(path) if _outside_core(m) and not m.startswith(allowed)]
    assert outside == []


@pytest.mark.parametrize("path", CORE + RULEFILE, ids=lambda p: f"{p.parent.name}.{p.stem}")
def test_no_pure_module_reads_a_clock_or_opens_anything(path: Path) -> None:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in IMPURE_NAMES:
            found.append(f"line {node.lineno}: {node.func.id}()")
        elif isinstance(node.func, ast.Attribute) and node.func.attr in IMPURE_METHODS:
            found.append(f"line {node.lineno}: .{node.func.attr}()")
    assert found == []


def test_the_reader_of_sources_sees_a_deferred_import(tmp_path: Path) -> None:
    source = tmp_path / "x.py"
    source.write_text(
        "def f():\n    import socket\n    from os import path\n    import yaml.nodes\n"
    )
    assert list(_imported(source)) == ["socket", "os", "yaml.nodes"]
    assert all(map(_outside_core, _imported(source)))
    assert _outside_core("epm.cli.main")
    assert not _outside_core("epm.model")


def test_every_core_module_is_under_the_purity_contract() -> None:
    contracts = _pyproject()["tool"]["importlinter"]["contracts"]
    (purity,) = [c for c in contracts if c["name"].startswith("The core is pure")]
    listed = set(purity["source_modules"])
    assert listed == {f"epm.{p.stem}" for p in CORE}


def test_every_core_module_has_its_layer() -> None:
    contracts = _pyproject()["tool"]["importlinter"]["contracts"]
    (layers,) = [c for c in contracts if c["type"] == "layers"]
    listed = {name.strip() for layer in layers["layers"] for name in layer.split("|")}
    assert {f"epm.{p.stem}" for p in CORE} <= listed


# ------------------------------------------------------------------------------- start-up

HEAVY = {"sqlalchemy", "alembic", "textual", "yaml", "pyarrow", "psycopg", "itoolkit", "pyodbc"}
_SCRIPT = """
import json, sys
from epm.cli.main import main
sys.argv = ["epm", *{arguments!r}]
try:
    main()
except SystemExit as exit:
    code = exit.code
else:
    code = 0
print()
print(json.dumps([code, sorted({{m.partition(".")[0] for m in sys.modules}})]))
"""


def _loaded(*arguments: str) -> set[str]:
    """Return the top-level modules that a command loads, in a process of its own."""
    finished = subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(arguments=arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    code, modules = json.loads(finished.stdout.splitlines()[-1])
    assert not code, finished.stdout
    return set(modules)


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("rules", "--help")])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    loaded = _loaded(*arguments)
    assert loaded & HEAVY == set()
    assert "click" in loaded  # the list is of this very process


def test_the_core_loads_no_third_party() -> None:
    modules = ", ".join(f"epm.{p.stem}" for p in CORE)
    script = f"import sys; before = set(sys.modules); import {modules}; " + (
        "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before}))"
    )
    finished = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {script}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = set(finished.stdout.split())
    assert "epm" in loaded
    assert {m for m in loaded if m not in sys.stdlib_module_names} == {"epm"}
