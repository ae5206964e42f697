"""The house: six packages, a docstring in each module, one concept each."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("epm", "exitprograms", "tui", "db", "journal", "simulators")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_the_wheel_holds_the_six_packages_and_no_more() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(packages) == sorted(PACKAGES)
    assert sorted(project["tool"]["importlinter"]["root_packages"]) == sorted(PACKAGES)
    assert sorted(project["tool"]["mypy"]["packages"]) == sorted(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_one(package: str) -> None:
    assert (ROOT / package / "__init__.py").is_file()
    for folder in {path.parent for path in (ROOT / package).rglob("*.py")}:
        assert (folder / "__init__.py").is_file(), folder


def test_no_other_package_stands_at_the_top() -> None:
    found = {p.parent.name for p in ROOT.glob("*/__init__.py")}
    assert found == set(PACKAGES)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_says_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring
    assert docstring.splitlines()[0].rstrip().endswith((".", ":")), docstring.splitlines()[0]


def test_no_tests_folder_is_a_package() -> None:
    # Import mode importlib: two test files may share a name only if no folder is a package.
    assert list((ROOT / "tests").rglob("__init__.py")) == []
