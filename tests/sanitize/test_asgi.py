"""The ASGI middleware, as conversations: what arrives, what the application is given."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace

import pytest

from epm.errors import SettingsError
from epm.sanitize.asgi import SanitizingApp
from epm.sanitize.request import Limits
from epm.sanitize.sanitizer import OnBlock, Settings
from tests.sanitize.conftest import DETECT, PROTECT, STRICT

JSON = (b"content-type", b"application/json")
FORM = (b"content-type", b"application/x-www-form-urlencoded")


class Application:
    """Reads the whole body and answers; remembers what it saw."""

    def __init__(self) -> None:
        self.scope = None
        self.messages: list[dict] = []

    async def __call__(self, scope, receive, send) -> None:
        self.scope = scope
        while scope["type"] == "http":
            message = await receive()
            self.messages.append(message)
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    @property
    def body(self) -> bytes:
        return b"".join(m.get("body", b"") for m in self.messages)

    @property
    def called(self) -> bool:
        return self.scope is not None


def scope(**more) -> dict:
    return {
        "type": "http", "method": "POST", "path": "/x", "query_string": b"", "headers": [],
        "client": ("10.0.0.1", 5), "server": ("127.0.0.1", 8080), **more,
    }  # fmt: skip


def body(*parts: bytes) -> list[dict]:
    last = len(parts) - 1
    return [
        {"type": "http.request", "body": part, "more_body": n < last}
        for n, part in enumerate(parts)
    ]


DISCONNECT = {"type": "http.disconnect"}


def converse(sanitizer, arriving: list[dict], **more) -> tuple[Application, list[dict]]:
    """Serve one request; a client that has nothing more to say stays silent."""
    application, sent = Application(), []
    left = list(arriving)

    async def receive():
        if not left:
            await asyncio.sleep(60)
        return left.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run(SanitizingApp(application, sanitizer)(scope(**more), receive, send))
    return application, sent


def test_a_harmless_request_goes_through_as_it_came(sanitizer, lines) -> None:
    application, sent = converse(
        sanitizer(PROTECT), body(b'{"a": ', b'"x"}'), headers=[JSON], query_string=b"q=1"
    )
    assert application.body == b'{"a": "x"}'
    assert application.scope["query_string"] == b"q=1"
    assert sent[0]["status"] == 200
    assert lines == []


def test_an_attack_is_refused_and_the_application_never_called(sanitizer, lines) -> None:
    application, sent = converse(sanitizer(PROTECT), body(b'{"a": "<script>"}'), headers=[JSON])
    assert not application.called
    assert sent[0]["status"] == 403
    assert sent[1]["body"] == b"403 Forbidden\n"
    (line,) = lines
    assert "act=protect" in line
    assert "taintSource=HTTP_ASGI" in line
    assert 'attribute=MAP_KEY["a"] payload=<script> remoteIpAddress=10.0.0.1' in line
    assert line.endswith("localIpAddress=127.0.0.1 localPort=8080")


def test_an_attack_split_over_messages_is_still_one(sanitizer) -> None:
    application, sent = converse(
        sanitizer(PROTECT), body(b'{"a": "<scr', b"", b'ipt>"}'), headers=[JSON]
    )
    assert (application.called, sent[0]["status"]) == (False, 403)


def test_an_attack_in_the_query_is_refused(sanitizer) -> None:
    application, sent = converse(sanitizer(PROTECT), body(b""), query_string=b"a=%3Cscript%3E")
    assert (application.called, sent[0]["status"]) == (False, 403)


def test_a_refused_head_has_no_body(sanitizer) -> None:
    _, sent = converse(sanitizer(PROTECT), body(b""), query_string=b"a=%3Cscript%3E", method="HEAD")
    assert (sent[0]["status"], sent[1]["body"]) == (403, b"")


def test_the_status_of_a_refusal_can_be_set(sanitizer) -> None:
    _, sent = converse(sanitizer(PROTECT, status=550), body(b""), query_string=b"a=%3Cscript%3E")
    assert (sent[0]["status"], sent[1]["body"]) == (550, b"550 Refused\n")


@pytest.mark.parametrize("status", [200, 302, 99, 600])
def test_a_refusal_is_never_a_success(status: int) -> None:
    with pytest.raises(SettingsError, match="is not 400 to 599"):
        Settings(status=status)


def test_detect_logs_and_lets_through(sanitizer, lines) -> None:
    application, sent = converse(sanitizer(DETECT), body(b'{"a": "<script>"}'), headers=[JSON])
    assert (application.body, sent[0]["status"]) == (b'{"a": "<script>"}', 200)
    assert [" act=detect " in line for line in lines] == [True]


def test_a_path_without_rule_is_not_even_read(sanitizer) -> None:
    application, _ = converse(
        sanitizer('request(paths: "/only")\nprotect(message: "")'), [*body(b"<script>"), DISCONNECT]
    )
    assert application.messages == body(b"<script>")


def test_the_path_is_the_clients_and_the_inner_one_the_applications(sanitizer, lines) -> None:
    converse(
        sanitizer('request(paths: "/mount/x")\ndetect(message: "")'),
        body(b""), path="/mount/x", root_path="/mount", query_string=b"a=%3Cscript%3E",
    )  # fmt: skip
    assert "httpRequestUri=/mount/x " in lines[0]
    assert "internalHttpRequestUri=/x " in lines[0]


def test_a_path_is_decoded_once(sanitizer) -> None:
    # The server has decoded /%2566ree to /%66ree: no rule is for that but the general one.
    rules = 'request(paths: "/free")\ndetect(message: "")', PROTECT
    for path, status in (("/free", 200), ("/%66ree", 403)):
        _, sent = converse(sanitizer(*rules), body(b""), path=path, query_string=b"a=%3Cscript%3E")
        assert sent[0]["status"] == status


def test_of_two_content_types_neither_hides_a_body(sanitizer) -> None:
    # Read as multipart it is a file, which nobody judges; read as a form it has a parameter.
    parts = (b"content-type", b"multipart/form-data; boundary=x")
    data = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="g"\r\n\r\n'
        b"&a=<script>&\r\n--x--\r\n"
    )
    for headers in ([parts, FORM], [FORM, parts]):
        application, sent = converse(sanitizer(PROTECT), body(data), headers=headers)
        assert (application.called, sent[0]["status"]) == (False, 403)


def test_one_request_sees_one_book_of_rules(sanitizer) -> None:
    calls = []
    made = sanitizer(PROTECT)
    counted = replace(made, rules=lambda: (calls.append(1), made.rules())[1])
    converse(counted, body(b"x"))
    assert calls == [1]


def test_a_long_request_is_judged_beside_the_loop(sanitizer) -> None:
    threads, beaten = [], []
    beat_seen = threading.Event()
    made = sanitizer(PROTECT)

    def log(line):
        threads.append(threading.current_thread())
        beat_seen.clear()
        beaten.append(beat_seen.wait(5))  # on the loop nothing would beat in the meantime

    async def run():
        async def beat():
            while True:
                beat_seen.set()
                await asyncio.sleep(0.001)

        async def receive():
            return {"type": "http.request", "body": b"<script>" + b"' or (" * 20_000}

        async def send(message):
            return None

        other = asyncio.create_task(beat())
        await SanitizingApp(None, replace(made, log=log))(scope(), receive, send)
        other.cancel()

    asyncio.run(run())
    assert threads
    assert threading.main_thread() not in threads
    assert all(beaten)


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_what_is_not_http_goes_through_untouched(sanitizer, kind: str) -> None:
    application, _ = converse(sanitizer(PROTECT), [], type=kind)
    assert application.called


# ------------------------------------------------------------------------------ half bodies


def test_a_client_that_leaves_early_is_never_seen(sanitizer, lines) -> None:
    half = [{"type": "http.request", "body": b'{"a": ', "more_body": True}, DISCONNECT]
    application, sent = converse(sanitizer(PROTECT), half, headers=[JSON])
    assert not application.called
    assert (sent, lines) == ([], [])


def test_a_client_that_is_too_slow_is_refused(sanitizer) -> None:
    half = [{"type": "http.request", "body": b'{"a": ', "more_body": True}]
    application, sent = converse(sanitizer(PROTECT, body_seconds=0.05), half, headers=[JSON])
    assert (application.called, sent[0]["status"]) == (False, 408)


def test_a_disconnect_behind_the_body_reaches_the_application(sanitizer) -> None:
    seen = []

    async def application(scope, receive, send):
        seen.extend([await receive(), await receive()])

    async def run():
        left = [*body(b"hello"), DISCONNECT]

        async def receive():
            return left.pop(0)

        await SanitizingApp(application, sanitizer(PROTECT))(scope(), receive, None)

    asyncio.run(run())
    assert seen == [*body(b"hello"), DISCONNECT]


SMALL = Limits(body=10)


def test_a_body_beyond_the_limit_is_refused_where_doubt_is_unsafe(sanitizer) -> None:
    application, sent = converse(
        sanitizer(STRICT, limits=SMALL), body(*[b"xxxx"] * 9), headers=[JSON]
    )
    assert (application.called, sent[0]["status"]) == (False, 403)


def test_a_body_beyond_the_limit_is_streamed_whole_where_doubt_is_safe(sanitizer, lines) -> None:
    parts = [bytes([65 + n]) * 4 for n in range(9)]
    application, sent = converse(sanitizer(PROTECT, limits=SMALL), body(*parts), headers=[JSON])
    assert application.body == b"".join(parts)
    assert len(application.messages) == 7  # what was read in one, the rest as it arrived
    assert sent[0]["status"] == 200
    assert ["reason=UNDETERMINED" in line for line in lines] == [True]


def test_a_body_of_just_the_limit_is_read(sanitizer) -> None:
    application, _ = converse(sanitizer(STRICT, limits=SMALL), body(b"hello", b"hello"))
    assert application.body == b"hellohello"


# ------------------------------------------------------------------------- protect by null


def nulled(sanitizer, arriving: bytes, header, **more):
    headers = [header, (b"content-length", str(len(arriving)).encode())]
    return converse(
        sanitizer(PROTECT, on_block=OnBlock.NULL), body(arriving), headers=headers, **more
    )


def test_a_json_member_is_nulled_and_the_rest_kept(sanitizer, lines) -> None:
    application, sent = nulled(
        sanitizer, b'{"a": "<script>", "b": ["x", "../../etc/passwd", 1.50], "a": "\\u00e9"}', JSON
    )
    assert application.body == b'{"a":null,"b":["x",null,1.50],"a":"\\u00e9"}'
    lengths = [v for n, v in application.scope["headers"] if n == b"content-length"]
    assert lengths == [str(len(application.body)).encode()]
    assert sent[0]["status"] == 200
    assert len(lines) == 2


def test_a_parameter_is_taken_out(sanitizer) -> None:
    application, _ = nulled(
        sanitizer, b"a=1&b=%3Cscript%3E&c=3", FORM, query_string=b"x=%3Cscript%3E&y=%20&x=2"
    )
    assert application.body == b"a=1&c=3"
    assert application.scope["query_string"] == b"y=%20&x=2"


def test_a_query_is_nulled_though_the_body_is_harmless(sanitizer) -> None:
    application, _ = nulled(sanitizer, b'{"a": "x"}', JSON, query_string=b"x=%3Cscript%3E")
    assert application.body == b'{"a": "x"}'
    assert application.scope["query_string"] == b""


@pytest.mark.parametrize(
    ("arriving", "header"),
    [
        (b"<a>&lt;script&gt;</a>", (b"content-type", b"text/xml")),
        (b"<script>", (b"content-type", b"text/plain")),
        (b"{<script>", JSON),
    ],
)
def test_where_there_is_no_null_the_request_is_refused(sanitizer, arriving, header) -> None:
    application, sent = nulled(sanitizer, arriving, header)
    assert (application.called, sent[0]["status"]) == (False, 403)


@pytest.mark.parametrize(
    ("arriving", "header", "query"),
    [
        (b'["a", "b", "c", "d", "<script>"]', JSON, b""),
        (b"a=1&b=2&c=3&d=4&e=%3Cscript%3E", FORM, b""),
        (b"", FORM, b"a=1&b=2&c=3&d=4&e=%3Cscript%3E"),
        (b"a=1&b=%4C", (FORM[0], FORM[1] + b"; charset=ibm037"), b""),
    ],
)
def test_what_was_not_read_whole_cannot_be_nulled(sanitizer, arriving, header, query) -> None:
    application, sent = converse(
        sanitizer(STRICT, on_block=OnBlock.NULL, limits=Limits(leaves=3)),
        body(arriving), headers=[header], query_string=query,
    )  # fmt: skip
    assert (application.called, sent[0]["status"]) == (False, 403)


def test_what_is_nulled_is_harmless_when_it_is_judged_again(sanitizer) -> None:
    tree = {"a": ["<script>", {"b": "' or 1=1--", "c": "x"}], "d": "../../etc/passwd"}
    application, _ = nulled(sanitizer, json.dumps(tree).encode(), JSON)
    assert json.loads(application.body) == {"a": [None, {"b": None, "c": "x"}], "d": None}
