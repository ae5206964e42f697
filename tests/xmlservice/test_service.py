"""Jobs behind ipc keys, control words, and what the transports share."""

from __future__ import annotations

import threading
import time

import pytest

from simulators.xmlservice.service import Service
from simulators.xmlservice.sessions import MAX_SESSIONS
from tests.xmlservice.reading import codes, root, texts
from tests.xmlservice.tinyhost import TinyHost

SET = "<cmd>CHGLIBL LIBL(MINE)</cmd>"
GET = "<cmd exec='rexx'>RTVJOBA USRLIBL(?)</cmd>"


def libraries(answer: str) -> str:
    return texts(answer, ".//row/data")[0]


def test_a_stateless_call_has_a_job_of_its_own_that_ends(ask, host):
    ask(SET)
    assert libraries(ask(GET)) == "QGPL QTEMP"
    assert [(job.name, job.ended) for job in host.jobs] == [("QSQSRVR", True)] * 2


def test_an_ipc_key_keeps_its_job_its_statements_and_its_libraries(ask, host):
    ask(SET, "", ipc="/tmp/a")
    ask("<sql><query stmt='s'>select id from animal order by id</query></sql>", "", ipc="/tmp/a")
    assert libraries(ask(GET, "", ipc="/tmp/a")) == "MINE"
    assert libraries(ask(GET, "", ipc="/tmp/b")) == "QGPL QTEMP"
    answer = ask("<sql><fetch stmt='s' block='1'/></sql>", "", ipc="/tmp/a")
    assert texts(answer, ".//data") == ["0"]
    assert [(job.name, job.ended) for job in host.jobs] == [("XTOOLKIT", False)] * 2
    info = ask("<diag info='fast'/>", "", ipc="/tmp/a")
    assert texts(info, ".//jobipc") == ["/tmp/a"]
    assert len(texts(info, ".//jobipcskey")[0]) == 8


def test_here_overrides_the_key(ask):
    ask(SET, "*here", ipc="/tmp/a")
    assert libraries(ask(GET, "", ipc="/tmp/a")) == "QGPL QTEMP"


def test_immed_ends_the_job_of_the_key_and_answers_nothing(ask, host):
    ask(SET, "", ipc="/tmp/a")
    assert ask("<a/>", "*immed", ipc="/tmp/a", user="WILMA") == ""
    assert not host.jobs[0].ended
    assert ask("<a/>", "*immed", ipc="/tmp/a") == ""
    assert host.jobs[0].ended
    assert libraries(ask(GET, "", ipc="/tmp/a")) == "QGPL QTEMP"


def test_another_user_cannot_use_the_job_of_a_key(ask):
    ask(SET, "", ipc="/tmp/a")
    answer = ask(GET, "", ipc="/tmp/a", user="WILMA")
    assert "1301009" in codes(answer)
    assert texts(answer, ".//row") == []


@pytest.mark.parametrize("ipc", ["", "*na", "*NA"])
def test_no_key_and_not_here_is_an_error(ask, ipc):
    assert "1302000" in codes(ask(GET, "", ipc=ipc))


def test_text_around_the_document_is_no_part_of_it(ask):
    document = f"<?xml version='1.0'?><x>{SET}</x>"
    assert ask(f"\ufeff \n{document}\n&xmlout=1") == ask(document)
    assert ask(document).startswith("<?xml")


def test_a_script_that_stops_frees_the_statements_of_its_job(ask):
    ask("<sql><query stmt='s'>select id from animal</query></sql>", "", ipc="/tmp/a")
    ask("<cmd error='on'>NOSUCH</cmd>", "", ipc="/tmp/a")
    assert "HY010" in ask("<sql><fetch stmt='s' error='fast'/></sql>", "", ipc="/tmp/a")


def test_nostart_starts_no_job(ask, host):
    assert "1301009" in codes(ask(GET, "*nostart", ipc="/tmp/a"))
    assert host.jobs == []
    ask(SET, "", ipc="/tmp/a")
    assert libraries(ask(GET, "*nostart", ipc="/tmp/a")) == "MINE"


def test_sbmjob_hands_over_its_description(ask, host):
    ask(SET, "*sbmjob(QSYS/QSRVJOB/XJOB)", ipc="/tmp/a")
    ask(SET, "*sbmjob", ipc="/tmp/b")
    submit = "<sbmjob>SBMJOB CMD(CALL PGM(X) PARM('/tmp/c')) JOBD(A/B) JOB(C)</sbmjob>"
    answer = ask(f"<x>{submit}{SET}</x>", "*sbmjob", ipc="/tmp/c")
    assert [job.description for job in host.jobs] == ["QSYS/QSRVJOB/XJOB", None, "A/B/C"]
    assert "<sbmjob>SBMJOB CMD" in answer


def test_idle_jobs_end(host):
    now = [0.0]
    service = Service(host, clock=lambda: now[0])
    service.answer("FRED", "/tmp/a", "*idle(10/kill)", SET)
    service.answer("FRED", "/tmp/b", "", SET)
    now[0] = 9.0
    service.answer("FRED", "", "*here", SET)
    assert [job.ended for job in host.jobs] == [False, False, True]
    now[0] = 20.0
    service.answer("FRED", "", "*here", SET)
    assert [job.ended for job in host.jobs] == [True, False, True, True]
    now[0] = 2000.0
    service.answer("FRED", "", "*here", SET)
    assert host.jobs[1].ended
    service.close()


def test_calls_of_one_key_run_one_after_another(service, host):
    running, most = 0, 0
    guard = threading.Lock()

    def slow(parameters):
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with guard:
            running -= 1
        return b""

    host.programs["SLOW", None] = slow
    document = "<pgm name='SLOW'><parm><data type='1a'>a</data></parm></pgm>"
    threads = [
        threading.Thread(target=service.answer, args=("FRED", "/tmp/a", "", document))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(host.calls) == 8
    assert most == 1
    assert len(host.jobs) == 1 or all(job.ended for job in host.jobs[1:])


def hold(
    service: Service, host: TinyHost, ctl: str = ""
) -> tuple[threading.Thread, threading.Event]:
    """Occupy the job of /tmp/a until the event is set."""
    inside, leave = threading.Event(), threading.Event()

    def wait(parameters):
        inside.set()
        assert leave.wait(10)
        return b""

    host.programs["HOLD", None] = wait
    document = "<pgm name='HOLD'><parm><data type='1a'>a</data></parm></pgm>"
    thread = threading.Thread(target=service.answer, args=("FRED", "/tmp/a", ctl, document))
    thread.start()
    assert inside.wait(10)
    return thread, leave


def test_who_waits_too_long_is_told_busy_and_the_work_goes_on(service, host):
    thread, leave = hold(service, host)
    answer = service.answer("FRED", "/tmp/a", "*wait(1/busy)", GET)
    assert "1301050" in codes(answer)
    assert "IPC timeout busy" in texts(answer, ".//xmlerrmsg")
    assert texts(answer, ".//joblog") == []
    leave.set()
    thread.join(10)
    assert not host.jobs[0].ended
    assert libraries(service.answer("FRED", "/tmp/a", "", GET)) == "QGPL QTEMP"


def test_wait_kill_ends_the_job_once_its_work_is_done(service, host):
    thread, leave = hold(service, host)
    assert "1301051" in codes(service.answer("FRED", "/tmp/a", "*wait(1/kill)", GET))
    service.answer("FRED", "/tmp/a", "", SET)
    leave.set()
    thread.join(10)
    assert [job.ended for job in host.jobs] == [True, False]


def test_who_waited_for_a_job_that_ended_meanwhile_gets_a_new_one(service, host):
    thread, leave = hold(service, host)
    answers: list[str] = []
    waiting = threading.Thread(
        target=lambda: answers.append(service.answer("FRED", "/tmp/a", "", "<diag info='fast'/>"))
    )
    waiting.start()
    time.sleep(0.1)
    service.answer("FRED", "/tmp/a", "*immed", "<a/>")
    leave.set()
    for each in (thread, waiting):
        each.join(10)
    assert host.jobs[0].ended
    assert texts(answers[0], ".//jobnbr") == ["000002"]


def test_call_lets_the_client_go_before_its_program_ends(service, host):
    begin = time.monotonic()
    answer = service.answer(
        "FRED", "/tmp/a", "*call(1/busy/client)", "<cmd>DLYJOB DLY(1.6)</cmd>" + SET
    )
    assert time.monotonic() - begin < 1.5
    assert "1301050" in codes(answer)
    assert libraries(service.answer("FRED", "/tmp/a", "", GET)) == "MINE"
    quick = service.answer("FRED", "/tmp/a", "*call(5/busy)", GET)
    assert libraries(quick) == "MINE"


def test_batch_work_is_fetched_later_by_its_slot(service, host):
    answer = service.answer("FRED", "/tmp/a", "*batch", GET)
    first = root(answer).find(".//batch/id")
    assert first is not None
    assert (first.get("status"), first.text) == ("set", "1")
    assert libraries(service.answer("FRED", "/tmp/a", "*get(1) *wait(10/busy)", "<a/>")) == (
        "QGPL QTEMP"
    )
    gone = root(service.answer("FRED", "/tmp/a", "*get(1)", "<a/>")).find(".//batch/id")
    assert gone is not None
    assert (gone.get("status"), gone.text) == ("done", "1")


def test_batch_has_sixteen_slots_and_a_result_may_be_too_large(service):
    for _ in range(16):
        service.answer("FRED", "/tmp/a", "*batch", GET)
    full = root(service.answer("FRED", "/tmp/a", "*batch", GET)).find(".//batch/id")
    assert full is not None
    assert (full.get("status"), full.text) == ("full", "0")
    small = service.answer("FRED", "/tmp/a", "*get(2)", "<a/>", 90)
    assert "small" in small
    assert libraries(service.answer("FRED", "/tmp/a", "*get(2)", "<a/>")) == "QGPL QTEMP"
    assert libraries(service.answer("FRED", "/tmp/a", "*get", "<a/>")) == "QGPL QTEMP"


def test_a_reservation_keeps_others_out_until_it_stops(ask):
    assert ask(f"<x><start>k1</start>{SET}</x>", "", ipc="/tmp/a").startswith(
        "<x><start>k1</start>"
    )
    refused = ask(GET, "", ipc="/tmp/a")
    assert codes(refused)[1] == "1301060"
    assert "IPC owner busy" in texts(refused, ".//xmlerrmsg")
    assert "1301060" in codes(ask(f"<x><use>k2</use>{GET}</x>", "", ipc="/tmp/a"))
    assert libraries(ask(f"<x><use>k1</use>{GET}</x>", "", ipc="/tmp/a")) == "MINE"
    ask("<x><stop>k1</stop></x>", "", ipc="/tmp/a")
    assert libraries(ask(GET, "", ipc="/tmp/a")) == "MINE"


def test_private_jobs_are_bounded(ask, host):
    for number in range(MAX_SESSIONS):
        ask(SET, "", ipc=f"/tmp/{number}")
    assert "1301001" in codes(ask(SET, "", ipc="/tmp/more"))
    assert host.jobs[-1].ended


def test_license_session_and_justproc(ask):
    assert texts(ask("<a/>", "*license"), ".//license/version") == ["XML Toolkit 2.0.2-dev"]
    assert root(ask("<a/>", "*session", ipc="/tmp/a")).find("session").text == "/tmp/a"
    assert root(ask("<a/>", "*here *session", ipc="")).find("session").get("key") == "FFFFFFFF"
    assert ask(SET, "*justproc", ipc="/tmp/a") == ""


def test_hex_and_ccsids_of_the_whole_document(ask):
    document = "<?xml version='1.0'?><cmd>CHGLIBL LIBL(A)</cmd>"
    hexed = document.encode("latin-1").hex()
    answer = ask(hexed, "*here *hex(both) *before(819/37) *after(37/819)")
    assert answer == answer.upper()
    assert b"+++ success CHGLIBL LIBL(A)" in bytes.fromhex(answer)
    assert "success" in ask(hexed, "*here *hex(in)")
    assert "success" in ask(document.encode("cp037").hex() + "&xmlout=5", "*here *hex(in)")
    assert ask("c1c2", "*hex(both) *before(37/819/nocall)") == "4142"
    assert "1401001" in codes(ask(document, "*here *before(1/2)"))


def test_the_answer_is_cut_at_the_callers_room(ask):
    whole = ask("<sh>echo " + "é" * 500 + "</sh>")
    cut = ask("<sh>echo " + "é" * 500 + "</sh>", xmlout=101)
    assert len(cut.encode()) <= 101
    assert whole.startswith(cut)


def test_hack_ends_every_record(ask):
    answer = ask("<sh>echo " + "x" * 7000 + "</sh>", "*here *hack", xmlout=100_000)
    assert [len(answer[at : at + 3000]) for at in range(0, len(answer), 3000)][:2] == [3000, 3000]
    assert answer[2993:3000] == "</hack>"
    assert answer.endswith("</hack>")


@pytest.mark.parametrize("document", [SET, SET.encode()])
def test_an_answer_is_of_its_requests_kind(service, document):
    assert type(service.answer("FRED", "", "*here", document)) is type(document)


def test_bytes_are_utf8_or_what_their_declaration_says(service):
    declared = "<?xml version='1.0' encoding='ISO-8859-1'?><sh>echo é</sh>".encode("latin-1")
    assert "é".encode("latin-1") in service.answer("FRED", "", "*here", declared)
    assert "é".encode() in service.answer("FRED", "", "*here", "<sh>echo é</sh>".encode())
    assert "é".encode() in service.answer("FRED", "", "*here", "<sh>echo é</sh>".encode("latin-1"))
