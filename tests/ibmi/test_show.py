"""From rules in the store to a report, through the command line and the real itoolkit.

The simulated IBM i compiles the C exit programs with the compiler here, so the program that
ADDEXITPGM registers and that each socket call asks is the project's own C.
"""

from __future__ import annotations

import json

import pytest

from simulators.ile_compiler import IleCompiler
from simulators.xmlservice.server import serve
from simulators.xmlservice.service import Service
from tests.ibmi.conftest import RULES
from tests.ibmi.machine import PASSWORD, accept_block, connect_block, machine
from tests.ibmi.sshserver import SshServer

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Where what is compiled is kept for all tests of this file."""
    return IleCompiler(tmp_path_factory.mktemp("built"))


@pytest.fixture
def system(built):
    return machine(built)


@pytest.fixture
def over_http(system, epm):
    server = serve(system)
    yield f'url = "{server.url}"\nuser = "EPMADM"\n'
    server.close()


@pytest.fixture
def over_ssh(system, epm, tmp_path):
    service = Service(system)
    server = SshServer(service, "epmadm", PASSWORD, tmp_path)
    yield f'transport = "ssh"\nhost = "127.0.0.1"\nport = {server.port}\nuser = "epmadm"\n'
    server.close()
    service.close()


@pytest.fixture
def over_odbc(request, system, epm, monkeypatch):
    """psqlODBC, and behind its stored procedure the simulated system."""
    from tests.odbc.bridge import Bridge

    cluster, source = (request.getfixturevalue(name) for name in ("cluster", "source"))
    service = Service(system)
    with Bridge(cluster.address, service, "EPMADM", records=False):
        yield f'transport = "odbc"\ndsn = "{source}"\n'
    service.close()


_HEAVY = pytest.mark.heavy


@pytest.fixture
def prod(request, epm, monkeypatch):
    """PROD1, attached to nothing yet, its rules in the store and activated."""
    table = request.getfixturevalue(f"over_{request.param}")
    (epm.folder / "epm.toml").write_text(f"[ibmi.PROD1]\n{table}")
    (epm.folder / "epm.toml").chmod(0o600)
    (epm.folder / "rules.yaml").write_text(RULES)
    monkeypatch.setenv("EPM_IBMI_PROD1_PASSWORD", PASSWORD)
    if request.param == "odbc":
        _sql_over_xmlservice(monkeypatch)
    assert epm("--system", "PROD1", "init").code == 0
    assert epm("--system", "PROD1", "rules", "import", "rules.yaml", "--replace").code == 0
    return request.param


def _sql_over_xmlservice(monkeypatch):
    """PostgreSQL has no DISPLAY_JOURNAL of the simulated system: its SQL goes the long way too.

    That fetching works over ODBC itself is shown in tests/odbc.
    """
    from contextlib import contextmanager

    from epm.cli import ibmi_fetch
    from epm.cli.ibmi_import import over_xmlservice

    @contextmanager
    def query_of(_connection, client):
        yield over_xmlservice(client)

    monkeypatch.setattr(ibmi_fetch, "_query_of", query_of)
    monkeypatch.setattr(ibmi_fetch, "_BATCH", 50)


@pytest.mark.parametrize(
    "prod",
    ["http", pytest.param("ssh", marks=_HEAVY), pytest.param("odbc", marks=_HEAVY)],
    indirect=True,
)
def test_attach_deploy_calls_fetch_report(prod, epm, system):
    done = epm("ibmi", "attach")
    assert done.code == 0, done.err
    assert "register EPM/EPMACCEPT at QIBM_QSO_ACCEPT" in done.err
    assert epm("ibmi", "attach").err.strip() == (
        "PROD1: QSOCONNECT QSOACCEPT attached already: nothing to do"
    )

    job = system.job("EPMUSER", name="SSHD")
    answers = [
        system.socket_call("ACPT0100", accept_block("10.1.2.3"), job),
        system.socket_call("ACPT0100", accept_block("203.0.113.9"), job),
        system.socket_call("CONN0100", connect_block("198.51.100.7", 443), job),
        system.socket_call("CONN0100", connect_block("198.51.100.7", 25), job),
    ]
    assert [a.allowed for a in answers] == [True, False, True, False]

    status = epm("ibmi", "status", "PROD1", "--json")
    assert status.code == 0, status.err
    assert (
        status.json["counters"] | {"calls": 4, "allowed": 2, "rejected": 2}
        == (status.json["counters"])
    )

    rules = (epm.folder / "rules.yaml").read_text().replace("10.0.0.0/8", "203.0.113.0/24")
    (epm.folder / "rules.yaml").write_text(rules)
    assert epm("--system", "PROD1", "rules", "import", "rules.yaml", "--replace").code == 0
    drift = epm("ibmi", "status")
    assert drift.code == 1
    assert "drift: revision 2 is deployed, the store has revision 3" in drift.out
    assert epm("ibmi", "deploy").code == 0
    assert system.socket_call("ACPT0100", accept_block("203.0.113.9"), job).allowed
    assert not system.socket_call("ACPT0100", accept_block("10.1.2.3"), job).allowed

    fetched = epm("ibmi", "fetch", "--json")
    assert fetched.code == 0, fetched.err
    audit, own = fetched.json["journals"]
    # Two accepts and a connect went on: SK. Audited or rejected: U. At accept each sends a message.
    assert (audit["imported"], own["imported"]) == (3, 5)
    assert (fetched.json["captures"], fetched.json["messages"]) == (2, 4)
    again = epm("ibmi", "fetch", "--json").json
    assert [j["imported"] for j in again["journals"]] == [0, 0]
    assert (again["captures"], again["messages"]) == (0, 0)

    report = epm(
        "--system", "PROD1", "journal", "report", "--format", "jsonl", "--verdict", "reject"
    )
    rows = [json.loads(line) for line in report.out.splitlines()]
    rejected = [(r["server"], r["rule"], r["remote_address"]) for r in rows if "sequence" in r]
    assert rejected == [
        ("QSOACCEPT", 99999, "203.0.113.9"),
        ("QSOCONNECT", 10, "198.51.100.7"),
        ("QSOACCEPT", 99999, "10.1.2.3"),
    ]
    captured = epm("--system", "PROD1", "captures", "list", "--json").json
    assert {c["call"]["rmtaddr"] for c in captured} == {"10.1.2.3", "203.0.113.9"}
    messages = epm("--system", "PROD1", "messages", "list", "--json").json
    assert len(messages) == 4
    assert epm("--system", "PROD1", "journal", "verify").code == 0

    assert epm("ibmi", "detach", "--purge").code == 0
    assert system.socket_call("ACPT0100", accept_block("10.1.2.3"), job).indicators == ()


@pytest.mark.parametrize(
    "prod", [pytest.param("http", marks=pytest.mark.heavy), "ssh", "odbc"], indirect=True
)  # http: the test above
def test_every_transport_carries_commands_sql_and_programs(prod, epm, system):
    job = system.job("EPMADM")
    for command in (
        "CRTLIB LIB(EPM) AUT(*USE)",
        "CRTDTAQ DTAQ(EPM/EPMCAPTURE) MAXLEN(8000)",
    ):
        assert job.command(command).ok
    answer = epm("ibmi", "deploy")
    assert answer.code == 3
    assert "EPM/EPMRULES is not there: epm ibmi attach makes it" in answer.err
    said = epm("ibmi", "attach", "--dry-run")
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert any(
        line.startswith("CL:  CRTPGM PGM(EPM/EPMACCEPT) MODULE(EPM/EPMACCEPT ") for line in lines
    )
    assert not any("CRTLIB" in line or "CRTDTAQ" in line for line in lines)
    assert epm("ibmi", "status", "--json").code == 1
