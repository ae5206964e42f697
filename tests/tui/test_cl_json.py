"""``epm cl --json``: the same words, answered as JSON."""

from __future__ import annotations

import json
import os

import pytest

from epm.cli.main import main


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs epm over a store of its own with the sample rules; gives the code and the answer."""
    for name in [n for n in os.environ if n.startswith("EPM_") and n != "EPM_REQUIRE_REAL"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EPM_DB", f"sqlite:///{tmp_path / 'epm.db'}")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)

    def run(*words):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        return ended.value.code or 0, capsys.readouterr().out

    assert run("init", "--sample")[0] == 0
    return run


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("WRKSKTRUL QSOLISTEN", ("rules", "list", "QSOLISTEN")),
        (
            "PNSTSTQSO SERVER(QSOACCEPT) AADDR3('10.1.2.3') APORT2(22) OUTPUT(*)",
            ("test", "QSOACCEPT", "--rmtaddr", "10.1.2.3", "--lclport", "22"),
        ),
        (
            "PNSTSTQSO SERVER(QSOACCEPT) AADDR3('192.0.2.1') APORT2(22)",
            ("test", "QSOACCEPT", "--rmtaddr", "192.0.2.1", "--lclport", "22", "--trace"),
        ),
        ("DSPJRN ENTTYP(NC)", ("journal", "list", "--type", "NC")),
    ],
)
def test_a_command_answers_as_the_one_that_it_stands_for(run, line, same):
    code, answered = run("cl", line, "--json")
    assert (code, answered) == run(*same, "--json")
    assert json.loads(answered)


def test_exit_points_are_objects(run):
    code, answered = run("cl", "WRKREGINF QIBM_QSO_ACCEPT", "--json")
    assert code == 0
    assert [(p["exit_point"], p["format"], p["registered"]) for p in json.loads(answered)] == [
        ("QIBM_QSO_ACCEPT", "ACPT0100", True)
    ]


def test_a_spooled_file_is_named(run, tmp_path):
    code, answered = run("cl", "WRKREGINF OUTPUT(*PRINT)", "--json")
    assert code == 0
    spooled = json.loads(answered)
    with open(spooled["file"], encoding="utf-8") as stream:
        assert len(stream.readlines()) == spooled["lines"]
