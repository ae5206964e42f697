"""What a user meets when a system does not answer as it should: one clear line each, no secret."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time

import pytest

from epm.cli.ibmi_connect import password_variable
from epm.errors import SettingsError
from exitprograms.ibmi.connection import read_connection
from simulators.ibmi.sample import ADMINISTRATOR, User, sample_system
from simulators.xmlservice.server import serve
from simulators.xmlservice.service import Service
from tests.ibmi.machine import PASSWORD, Clock, allows, machine
from tests.ibmi.sshserver import SshServer


@pytest.fixture
def prod(epm, monkeypatch):
    """Write PROD1's table and return a function that runs ``epm ibmi``."""
    monkeypatch.setenv("EPM_IBMI_PROD1_PASSWORD", PASSWORD)
    assert epm("--system", "PROD1", "init").code == 0
    assert epm("--system", "PROD1", "activate", "QSOACCEPT").code == 0

    def run(table, *words):
        (epm.folder / "epm.toml").write_text(f"[ibmi.PROD1]\n{table}\n")
        (epm.folder / "epm.toml").chmod(0o600)
        outcome = epm("ibmi", *words)
        assert PASSWORD not in outcome.out + outcome.err
        return outcome

    return run


@pytest.fixture
def url():
    server = serve(machine())
    yield server.url
    server.close()


def line_of(outcome, code=3):
    assert outcome.code == code, outcome.err
    assert outcome.out == ""
    (line,) = outcome.err.splitlines()
    assert line.startswith("epm: error: ")
    return line.removeprefix("epm: error: ")


def test_an_unreachable_host(prod):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    line = line_of(prod(f'url = "http://127.0.0.1:{port}/"\nuser = "A"', "status", "PROD1"))
    assert line == f"PROD1: http://127.0.0.1:{port}: Connection refused"


@contextlib.contextmanager
def listener(answer):
    """A server that does ``answer(peer)`` for each connection."""
    server = socket.create_server(("127.0.0.1", 0))

    def run():
        with contextlib.suppress(OSError):
            while True:
                peer, _ = server.accept()
                with peer, contextlib.suppress(OSError):
                    answer(peer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(10)


def take_request(peer):
    """Read a whole request: what is left unread would reset the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += peer.recv(1 << 16)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    while len(body) < length:
        body += peer.recv(1 << 16)
    return body


def silent(peer):
    take_request(peer)
    time.sleep(0.6)


def drip(peer):
    take_request(peer)
    peer.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
    for _ in range(60):
        time.sleep(0.05)
        peer.sendall(b" ")


def drip_header(peer):
    """Each byte comes in time; the header never ends."""
    take_request(peer)
    for byte in b"HTTP/1.0 200 OK\r\nX: " + b"x" * 60:
        time.sleep(0.05)
        peer.sendall(bytes([byte]))


@pytest.mark.parametrize(
    ("answer", "said"),
    [(silent, "answer in"),
     (drip, "no whole answer in 0.4 s"),
     (drip_header, "no whole answer in 0.4 s")],
    ids=["silent", "drips", "drips-header"],
)  # fmt: skip
def test_a_system_that_does_not_end_its_answer(prod, answer, said):
    with listener(answer) as url:
        begin = time.monotonic()
        line = line_of(prod(f'url = "{url}"\nuser = "A"\nseconds = 0.4', "status", "PROD1"))
        assert said in line
        assert time.monotonic() - begin < 3


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("EPMADM", "n0t-it"),
        ("EPMOLD", PASSWORD),
        pytest.param("EPMOFF", PASSWORD, marks=pytest.mark.heavy),
        pytest.param("NOBODY", PASSWORD, marks=pytest.mark.heavy),
    ],
)
def test_a_refused_sign_on_names_the_user_and_what_may_be_wrong(
    prod, url, monkeypatch, user, password
):
    monkeypatch.setenv("EPM_IBMI_PROD1_PASSWORD", password)
    line = line_of(prod(f'url = "{url}"\nuser = "{user}"', "status", "PROD1"))
    assert f"sign-on refused for {user}" in line
    assert "wrong or expired, or the profile is disabled" in line
    assert password not in line


@pytest.mark.parametrize("password", ["a&b", "100%25", "&"])
def test_a_password_that_the_form_cannot_carry_is_refused_before_it_is_sent(
    prod, monkeypatch, password
):
    monkeypatch.setenv("EPM_IBMI_PROD1_PASSWORD", password)
    line = line_of(prod('url = "http://127.0.0.1:1/"\nuser = "EPMADM"', "status", "PROD1"), code=2)
    assert "the password holds & or % and two digits" in line
    assert password not in line or password == "&"


def test_every_other_password_arrives_as_it_is(prod, monkeypatch):
    password = "a=b+c 50% of/it?ä;'\"<x>"
    server = serve(sample_system(Clock(), [User("EPMADM", password, ADMINISTRATOR)]))
    monkeypatch.setenv("EPM_IBMI_PROD1_PASSWORD", password)
    outcome = prod(f'url = "{server.url}"\nuser = "EPMADM"', "status", "PROD1")
    server.close()
    assert outcome.code == 1, outcome.err


@pytest.mark.parametrize("table", [
    'transport = "ssh"\nhost = "127.0.0.1"\nport = 1\nuser = "a"', 'transport = "direct"',
])  # fmt: skip
def test_what_cannot_be_opened_names_the_system(prod, table):
    assert line_of(prod(table, "status", "PROD1")).startswith("PROD1: ")


def test_no_password_says_where_one_may_be_kept(prod, url, monkeypatch):
    monkeypatch.delenv("EPM_IBMI_PROD1_PASSWORD")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    line = line_of(prod(f'url = "{url}"\nuser = "EPMADM"', "status", "PROD1"), code=2)
    assert "set EPM_IBMI_PROD1_PASSWORD, or keep it with: keyring set epm-ibmi PROD1/EPMADM" in line


def test_a_password_in_the_keyring_is_used(prod, url, monkeypatch):
    import keyring

    monkeypatch.delenv("EPM_IBMI_PROD1_PASSWORD")
    kept = {("epm-ibmi", "PROD1/EPMADM"): PASSWORD}
    monkeypatch.setattr(keyring, "get_password", lambda *key: kept.get(key))
    assert prod(f'url = "{url}"\nuser = "EPMADM"', "status", "PROD1").code == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\n<html><p>Hello</html>", "the answer is not XML"),
        (b"HTTP/1.0 200 OK\r\n\r\n<page/>", "the answer is not about that"),
        (b"HTTP/1.0 200 OK\r\n\r\n" + b"<a>" * 1_000_001, "more than 1000000 tags"),
        (b"HTTP/1.0 200 OK\r\n\r\n", "the answer is empty: is that address XMLSERVICE?"),
        (b"HTTP/1.0 503 Busy\r\n\r\n", "HTTP 503 Busy"),
        (b"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n", "HTTP 302 Found"),
        (b"HTTP/1.0 200 OK\r\n\r\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type"),
        (b"SSH-2.0-x\r\n", "SSH-2.0-x"),
    ],
)
def test_what_is_no_xmlservice_says_so(prod, answer, said):
    def once(peer):
        take_request(peer)
        peer.sendall(answer)

    with listener(once) as url:
        assert said in line_of(prod(f'url = "{url}"\nuser = "A"', "status", "PROD1"))


def test_http_without_tls_to_another_machine_is_warned_about(prod):
    table = 'url = "http://192.0.2.1:1/"\nuser = "A"\nseconds = 0.2'
    outcome = prod(table, "status", "PROD1")
    assert "without HTTPS the password crosses the network readable" in outcome.err


def test_a_missing_special_authority_stops_attach_before_it_begins(prod, url):
    line = line_of(prod(f'url = "{url}"\nuser = "EPMNOIO"', "attach"))
    assert "user EPMNOIO lacks special authority *IOSYSCFG" in line


def test_a_user_who_may_not_see_the_audit_journal_is_told_what_is_missing(prod, url):
    line = line_of(prod(f'url = "{url}"\nuser = "EPMUSER"', "fetch"))
    assert "no journal receiver is there, or none may be seen" in line
    assert "user EPMUSER lacks special authority *ALLOBJ; without it *USE to QSYS/QAUDJRN" in line


def test_a_line_begins_with_the_system_whatever_its_name_is(epm, url, monkeypatch):
    monkeypatch.setenv("EPM_IBMI_P_PASSWORD", PASSWORD)  # a letter of "http"
    assert epm("--system", "P", "init").code == 0
    (epm.folder / "epm.toml").write_text(f'[ibmi.P]\nurl = "{url}"\nuser = "EPMUSER"\n')
    (epm.folder / "epm.toml").chmod(0o600)
    assert line_of(epm("ibmi", "deploy")).startswith(f"P: {url.partition('/cgi')[0]}: user EPMUSER")


def test_another_products_exit_program_stops_attach(prod):
    server = serve(machine(foreign_exit_programs={"QIBM_QSO_ACCEPT": allows}))
    line = line_of(prod(f'url = "{server.url}"\nuser = "EPMADM"', "attach"))
    server.close()
    assert "VENDOR/VNDACCEPT (number 1 of QIBM_QSO_ACCEPT)" in line


def test_the_guard_stops_attach_and_deploy(prod, epm, url):
    (epm.folder / "rules.yaml").write_text(
        "version: 1\nservers:\n  QSOACCEPT:\n    activated: true\n    rules:\n"
        "      - {seq: 99999, authority: N}\n"
        "tests:\n  - {name: ADMIN, always: {server: QSOACCEPT, rmtaddr: 10.1.1.1}}\n"
    )
    forced = epm("--system", "PROD1", "rules", "import", "rules.yaml", "--replace", "--force")
    assert forced.code == 0, forced.err
    for word in ("attach", "deploy"):
        outcome = prod(f'url = "{url}"\nuser = "EPMADM"', word)
        assert outcome.code == 1
        assert "lock-out guard" in outcome.err


def test_rules_that_name_a_journal_which_is_not_there_are_not_deployed(prod, epm, url):
    table = f'url = "{url}"\nuser = "EPMADM"'
    line = line_of(prod(table, "deploy"))
    assert line.endswith("*USRSPC EPM/EPMRULES is not there: epm ibmi attach makes it")
    assert prod(table, "attach").code == 0
    assert epm("--system", "PROD1", "config", "set", "--journal", "OTHERJRN").code == 0
    line = line_of(prod(table, "deploy"))
    assert line.endswith("*JRN EPM/OTHERJRN is not there: epm ibmi attach makes it")
    assert prod(table, "attach").code == 0
    assert prod(table, "deploy").err.endswith("already: nothing to do\n")


def test_a_system_without_activated_servers_is_not_attached(prod, epm, url):
    assert epm("--system", "PROD1", "deactivate", "QSOACCEPT").code == 0
    line = line_of(prod(f'url = "{url}"\nuser = "EPMADM"', "attach"), code=2)
    assert "no server of PROD1 is activated" in line


def test_one_bad_system_does_not_stop_the_others(prod, epm, url, monkeypatch):
    table = f'url = "{url}"\nuser = "EPMADM"\n[ibmi.DOWN]\nurl = "http://127.0.0.1:1/"\nuser = "A"'
    assert epm("--system", "DOWN", "init").code == 0
    monkeypatch.setenv("EPM_IBMI_DOWN_PASSWORD", PASSWORD)
    outcome = prod(table, "status")
    rows = {line.split()[0]: line.split()[-1] for line in outcome.out.splitlines()[1:3]}
    assert rows == {"PROD1": "drift", "DOWN": "unavailable"}
    assert outcome.code == 1
    assert "DOWN: http://127.0.0.1:1: Connection refused" in outcome.err


def test_a_system_that_the_store_does_not_know_is_one_line(prod, url):
    table = f'url = "{url}"\nuser = "EPMADM"\n[ibmi.NEW]\nurl = "{url}"\nuser = "EPMADM"'
    assert "NEW" in line_of(prod(table, "status", "NEW"), code=4)


# -------------------------------------------------------------------------------------- ssh


@pytest.fixture
def ssh(tmp_path, epm):
    service = Service(machine())
    server = SshServer(service, "epmadm", PASSWORD, tmp_path)
    server.table = f'transport = "ssh"\nhost = "127.0.0.1"\nport = {server.port}\nuser = "epmadm"'
    yield server
    server.close()
    service.close()


def test_ssh_refuses_an_unknown_host_a_wrong_password_and_a_missing_command(
    prod, ssh, tmp_path, monkeypatch
):
    ssh.broken = b"sh: xmlservice-cli: not found\n"
    assert "xmlservice-cli: not found" in line_of(prod(ssh.table, "status", "PROD1"))
    ssh.broken = None
    monkeypatch.setenv("EPM_IBMI_PROD1_PASSWORD", "wrong")
    assert "sign-on refused for epmadm" in line_of(prod(ssh.table, "status", "PROD1"))
    (tmp_path / ".ssh" / "known_hosts").write_text("")
    line = line_of(prod(ssh.table, "status", "PROD1"))
    assert "not found in known_hosts" in line


def test_ssh_waits_no_longer_than_told(prod, ssh):
    ssh.silent = True
    begin = time.monotonic()
    line = line_of(prod(ssh.table + "\nseconds = 1", "status", "PROD1"))
    assert "no whole answer in 1 s" in line
    assert time.monotonic() - begin < 8


def test_direct_works_on_the_machine_itself_only(prod):
    line = line_of(prod('transport = "direct"', "status", "PROD1"))
    assert "transport direct: Not supported on this platform" in line


# ---------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"url": "https://h/", "user": "A", "passwrd": "x"},
            "unknown key 'passwrd'; passwords come",
        ),
        ({"url": "https://h/", "user": "A", "colour": "x"}, "unknown key 'colour'; known: "),
        ({"transport": "telnet"}, "transport is one of http odbc ssh direct"),
        ({"user": "A"}, "transport http needs url"),
        ({"transport": "ssh", "user": "A"}, "transport ssh needs host"),
        ({"transport": "odbc"}, "transport odbc needs dsn"),
        ({"url": "ftp://h/", "user": "A"}, "url is not http:// or https://"),
        ({"url": "https://u:pw@h/", "user": "A"}, "url holds a user or password"),
        ({"url": "https://h/x?pwd=pw", "user": "A"}, "url holds a query"),
        ({"url": "https://h:99999/", "user": "A"}, "url is not an address: Port out of range"),
        ({"url": "https://[::1/", "user": "A"}, "url is not an address: Invalid IPv6"),
        ({"url": "https://h/ pw", "user": "A"}, "url is not http:// or https://"),
        ({"url": "https://h/\x1b[2J", "user": "A"}, "url is not http:// or https://"),
        ({"url": "https://h/", "user": "A&uid=B"}, "user holds a blank, & or %"),
        ({"url": "https://h/", "user": "A", "database": "*LOCAL&uid=B"}, "database holds a blank"),
        ({"transport": "ssh", "user": "A", "host": "h\x1b"}, "host holds a blank"),
        ({"transport": "ssh", "user": "A", "host": "h", "port": 22.5}, "'22.5' is not a whole"),
        ({"transport": "ssh", "user": "A", "host": "h", "port": 0.5}, "'0.5' is not a whole"),
        ({"url": "https://h/", "user": "A", "seconds": 0}, "seconds '0' is not a number above 0"),
        ({"url": "https://h/", "user": "A", "library": "TOO-LONG-A-NAME"}, "is not an object name"),
        ({"url": "https://h/", "user": ["A"]}, "user must be a text or a number"),
    ],
)
def test_a_malformed_table_says_where_and_why(values, said):
    with pytest.raises(SettingsError) as error:
        read_connection("PROD1", values, "epm.toml")
    assert str(error.value).startswith("epm.toml: [ibmi.PROD1]: ")
    assert said in str(error.value)
    assert "pw" not in str(error.value).replace("passwrd", "")


def test_a_name_that_is_no_system_name_is_refused():
    with pytest.raises(SettingsError, match="1 to 8 characters"):
        read_connection("NOT A NAME", {"url": "https://h/", "user": "A"}, "epm.toml")


def test_no_connection_shows_a_secret():
    text = "DSN=X;PWD={s3cret};UID=A"
    made = read_connection("P", {"transport": "odbc", "dsn": text}, "epm.toml")
    assert "s3cret" not in made.where
    assert "s3cret" not in repr(made)


def test_names_of_systems_make_environment_variables():
    assert password_variable("prod#1") == "EPM_IBMI_PROD_1_PASSWORD"


def test_ibmi_must_hold_tables(epm):
    (epm.folder / "epm.toml").write_text('ibmi = "PROD1"\n')
    outcome = epm("ibmi", "systems")
    assert outcome.code == 2
    assert "ibmi holds a table for each system" in outcome.err


def test_two_tables_of_one_system_are_refused(epm):
    text = '[ibmi.prod1]\nurl = "https://a/"\nuser = "A"\n'
    (epm.folder / "epm.toml").write_text(text + text.replace("prod1", "PROD1"))
    (epm.folder / "epm.toml").chmod(0o600)
    for words in (("ibmi", "systems"), ("ibmi", "attach", "PROD1"), ("rules", "list")):
        assert line_of(epm(*words), code=2) == "epm.toml: [ibmi.PROD1] names a system twice: PROD1"


def test_systems_lists_them_and_connects_to_none(prod):
    outcome = prod(
        'url = "https://prod1.example/x"\nuser = "epmadm"\nlibrary = "epmlib"', "systems"
    )
    assert outcome.out.splitlines()[1].split() == [
        "PROD1", "http", "https://prod1.example", "EPMADM", "EPMLIB",
    ]  # fmt: skip
