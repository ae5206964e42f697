"""Journal entries as CEF, LEEF and syslog lines, read back by independent parsers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.syslog5424 import Origin
from journal.siem.event import siem_event
from journal.siem.formats import FORMATTERS, SENT, cef, leef, syslog
from journal.view import EntryView
from tests.support.real import unavailable

ORIGIN = Origin("host.example.com", "epm", "4711")
HOSTILE = 'x|y=z^\r\nCEF:0|a|b|c act=allow \x1b[2J\u2028]"\\'


def view(**changes):
    values = {
        "sequence": 12,
        "time": datetime(2021, 3, 22, 11, 3, 42, 919000),
        "system": "*LOCAL",
        "code": "U",
        "entry_type": "NR",
        "server": "QSOACCEPT",
        "verdict": "reject",
        "enforced": True,
        "reason": "rule",
        "rule": 20,
        "rule_name": "Nobody else to SSH",
        "user": "QTCP",
        "job": "sshd",
        "job_number": 7,
        "program": "/usr/sbin/sshd",
        "local_address": "192.168.1.10",
        "local_port": 22,
        "remote_address": "10.1.2.3",
        "remote_port": 50000,
    }
    return EntryView(**(values | changes))


def pairs_of(line):
    """An independent CEF reader: header at bare pipes, keys as words before a bare ``=``."""
    header = re.split(r"(?<!\\)(?:\\\\)*\|", line, maxsplit=7)
    found = re.split(r"(?:^| )([A-Za-z0-9]+)(?<!\\)=", header[7])
    keys, values = found[1::2], found[2::2]
    unescape = {"n": "\n", "r": "\r"}
    return header[:7], {
        k: re.sub(r"\\(.)", lambda m: unescape.get(m[1], m[1]), v)
        for k, v in zip(keys, values, strict=True)
    }


def test_a_rejection_as_cef():
    header, pairs = pairs_of(cef(view(), ORIGIN, "0.1.0"))
    assert header == ["CEF:0", "EPM", "epm", "0.1.0", "NR", "Call rejected", "7"]
    assert pairs["rt"] == "Mar 22 2021 11:03:42.919 +0000"
    assert (pairs["src"], pairs["spt"], pairs["dst"], pairs["dpt"]) == (
        "10.1.2.3", "50000", "192.168.1.10", "22",
    )  # fmt: skip
    assert (pairs["act"], pairs["cs3"], pairs["cn1"]) == ("reject", "Nobody else to SSH", "20")
    assert list(pairs)[-1] == "externalId"  # no text from outside stands last


def test_an_outgoing_call_has_the_local_end_as_its_source():
    event = siem_event(view(server="QSOCONNECT"))
    assert event.ends.source == "192.168.1.10"
    assert event.ends.destination == "10.1.2.3"


def test_a_rejection_that_was_only_logged_says_so():
    event = siem_event(view(enforced=False))
    assert (event.action, event.name) == ("log", "Call would be rejected")
    assert event.severity < siem_event(view()).severity


def test_a_time_whose_zone_nobody_knows_is_given_without_one():
    theirs = view(in_utc=False)
    assert pairs_of(cef(theirs, ORIGIN, "1"))[1]["rt"] == "Mar 22 2021 11:03:42.919"
    assert "devTimeFormat=MMM dd yyyy HH:mm:ss.SSS" in leef(theirs, ORIGIN, "1")
    assert syslog(theirs, ORIGIN, "1").split(" ")[1] == "-"


def test_a_rejection_as_leef():
    line = leef(view(), ORIGIN, "0.1.0")
    head, _, rest = line.rpartition("|^|")
    assert head == "LEEF:2.0|EPM|epm|0.1.0|NR"
    pairs = dict(pair.split("=", 1) for pair in rest.split("^"))
    assert pairs["devTime"] == "1616411022919"
    assert (pairs["sev"], pairs["cat"], pairs["usrName"]) == ("7", "reject", "QTCP")


def test_a_rejection_as_syslog():
    line = syslog(view(), ORIGIN, "0.1.0")
    # Facility 13 (log audit), severity 2 (critical).
    assert line.startswith(
        '<106>1 2021-03-22T11:03:42.919Z host.example.com epm 4711 NR [epm@32473 sequence="12"'
    )
    assert line.endswith("] Call rejected by QSOACCEPT rule 20 (Nobody else to SSH)")


def test_structured_data_holds_what_the_entry_knows():
    line = syslog(view(in_utc=True, bound_address=None, unreached=""), ORIGIN, "0.1.0")
    found = dict(re.findall(r' (\w+)="([^"]*)"', line.partition("]")[0]))
    assert found == {
        "sequence": "12", "version": "0.1.0", "system": "*LOCAL", "server": "QSOACCEPT",
        "verdict": "reject", "enforced": "true", "reason": "rule", "rule": "20",
        "rule_name": "Nobody else to SSH", "user": "QTCP", "job": "sshd", "job_number": "7",
        "program": "/usr/sbin/sshd", "local_address": "192.168.1.10", "local_port": "22",
        "remote_address": "10.1.2.3", "remote_port": "50000",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "severity", "pri"),
    [
        ({"entry_type": "NG", "verdict": None}, 9, 105),
        ({"entry_type": "NR"}, 7, 106),
        ({"entry_type": "NC", "verdict": None}, 5, 108),
        ({"entry_type": "NR", "enforced": False}, 5, 108),
        ({"entry_type": "SK", "type": "X", "verdict": None}, 5, 108),
        ({"entry_type": "SK", "type": "P", "verdict": None}, 4, 108),
        ({"entry_type": "SK", "type": "R", "verdict": None}, 4, 108),
        ({"entry_type": "SK", "type": "F", "verdict": None}, 3, 109),
        ({"entry_type": "SK", "type": "U", "verdict": None}, 3, 109),
        ({"entry_type": "NA", "verdict": "allow"}, 2, 109),
        *(({"entry_type": "SK", "type": t, "verdict": None}, 1, 110) for t in "ACDIOS"),
        ({"entry_type": "ZZ", "verdict": None}, 1, 110),
    ],
)
def test_how_severe_an_entry_is(entry, severity, pri):
    made = view(**entry)
    assert siem_event(made).severity == severity
    assert f"|{severity}|rt=" in cef(made, ORIGIN, "1")
    assert f"^sev={severity}^" in leef(made, ORIGIN, "1")
    assert syslog(made, ORIGIN, "1").startswith(f"<{pri}>1 ")


@pytest.mark.parametrize("form", SENT)
def test_what_is_sent_has_a_syslog_header(form):
    assert re.match(r"<106>1 2021-03-22T11:03:42\.919Z host\.example\.com epm 4711 NR ",
                    SENT[form](view(), ORIGIN, "1"))  # fmt: skip


@pytest.mark.parametrize("form", FORMATTERS)
@given(text=st.text(max_size=60) | st.just(HOSTILE))
def test_no_name_from_outside_breaks_a_line_or_forges_a_field(form, text):
    hostile = view(rule_name=text, user=text, job=text, program=text, detail=text, reason=text)
    line = FORMATTERS[form](hostile, ORIGIN, "1")
    assert len(line.splitlines()) == 1
    line.encode()
    if form == "cef":
        plain = pairs_of(FORMATTERS[form](view(detail="x"), ORIGIN, "1"))[1]
        header, pairs = pairs_of(line)
        assert header[4:] == ["NR", "Call rejected", "7"]
        assert set(pairs) <= set(plain)
        assert pairs["act"] == "reject"


@pytest.mark.real
def test_an_independent_parser_reads_every_cef_field_back(tmp_path):
    tool = shutil.which("lognormalizer")
    if tool is None:
        unavailable("liblognorm-utils is not installed")
    rules = tmp_path / "cef.rulebase"
    rules.write_text("version=2\nrule=:%f:cef%\n")
    entry = view(rule_name="a=b|c\\d", user="O'Brien \\", program="C:\\x y=z", detail="l1\nl2")
    # Its one fault: the first key loses a letter unless a blank follows the seventh pipe.
    header, _, extension = cef(entry, ORIGIN, "1").partition("|7|")
    done = subprocess.run(
        [tool, "-r", rules, "-e", "json"],
        input=f"{header}|7| {extension}\n",
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    found = json.loads(done.stdout)["f"]
    assert found["SignatureID"] == "NR"
    fields = found["Extensions"]
    assert fields["suser"] == "O'Brien \\"
    assert fields["sproc"] == "C:\\x y=z"
    assert fields["cs3"] == "a=b|c\\d"
    assert fields["externalId"] == "12"
    assert fields["act"] == "reject"


def test_the_time_is_never_rounded_up():
    late = view(time=datetime(2021, 3, 22, 11, 3, 42, 999999))
    assert "42.999" in cef(late, ORIGIN, "1")
    assert "devTime=" + str(
        int(datetime(2021, 3, 22, 11, 3, 42, tzinfo=UTC).timestamp())
    ) + "999" in leef(late, ORIGIN, "1")
