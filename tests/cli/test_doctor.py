"""``epm doctor``: what works here, and what does not and why."""

from __future__ import annotations

import sys

import pytest


def checks(result):
    return {finding["check"]: finding for finding in result.json}


def test_each_part_of_the_product_is_looked_at(store):
    result = store("doctor", "--json")
    assert result.code == 0
    assert set(checks(result)) >= {
        "epm run", "SQLite", "ODBC", "store", "history", "journal", "settings",
    }  # fmt: skip
    assert "time-outs: connect" in checks(result)["store"]["text"]


@pytest.mark.real
def test_the_drivers_that_odbc_knows_are_named(store):
    pyodbc = pytest.importorskip("pyodbc")
    found = checks(store("doctor", "--json"))["ODBC"]
    for driver in pyodbc.drivers():
        assert driver in found["text"]


def test_a_missing_part_is_a_warning_that_says_what_to_install(store, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    result = store("doctor", "--json")
    assert result.code == 0
    found = checks(result)["ODBC"]
    assert found["health"] == "warning"
    assert "epm-ibmi[ibmi]" in found["text"]


def test_a_store_that_does_not_work_fails_it(epm):
    (epm.folder / "epm.db").write_bytes(b"not a database, but long enough to be looked at" * 40)
    result = epm("doctor", "--json")
    assert result.code == 3
    assert checks(result)["store"]["health"] == "failed"


def test_the_kernel_s_parts_are_told_apart(store, monkeypatch):
    from simulators.linux import selftest

    support = selftest.Support(None, "5.14", "x86_64", 0, False, False, False, True)
    monkeypatch.setattr(selftest, "report", lambda: support)
    found = checks(store("doctor", "--json"))["epm run"]
    assert found["health"] == "warning"
    assert found["text"] == (
        "Linux 5.14 x86_64; with io_uring for blocking connects; without the Landlock belt "
        "(Linux 6.7), pidfds of threads (Linux 6.9), credentials from them (Linux 6.13)"
    )
