"""The WSGI middleware: what the server offers, what the application can read."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from epm.sanitize.request import Limits
from epm.sanitize.sanitizer import OnBlock
from epm.sanitize.wsgi import SanitizingApp
from tests.sanitize.conftest import DETECT, PROTECT, STRICT

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Application:
    def __init__(self, read=lambda stream: stream.read()) -> None:
        self.environ: dict | None = None
        self.body = b""
        self._read = read

    def __call__(self, environ, start_response):
        self.environ = environ
        self.body = self._read(environ["wsgi.input"])
        start_response("200 OK", [])
        return [b"ok"]


def serve(sanitizer, body: bytes = b"", *, application=None, length: object = "", **more):
    application = application or Application()
    answers: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/x", "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8080", "REMOTE_ADDR": "10.0.0.1",
        "wsgi.input": io.BytesIO(body) if isinstance(body, bytes) else body,
        "CONTENT_LENGTH": str(len(body)) if length == "" else length, **more,
    }  # fmt: skip
    app = SanitizingApp(application, sanitizer)
    said = b"".join(app(environ, lambda status, headers: answers.append(status)))
    return application, answers[0], said


def test_a_harmless_request_goes_through_as_it_came(sanitizer) -> None:
    application, status, _ = serve(sanitizer(PROTECT), b'{"a": "x"}', CONTENT_TYPE=JSON)
    assert (application.body, status) == (b'{"a": "x"}', "200 OK")


def test_an_attack_is_refused_and_the_application_never_called(sanitizer, lines) -> None:
    application, status, said = serve(sanitizer(PROTECT), b'{"a": "<script>"}', CONTENT_TYPE=JSON)
    assert application.environ is None
    assert (status, said) == ("403 Forbidden", b"403 Forbidden\n")
    assert "taintSource=HTTP_WSGI" in lines[0]
    assert lines[0].endswith("remoteIpAddress=10.0.0.1 localIpAddress=127.0.0.1 localPort=8080")


def test_a_refused_head_has_no_body(sanitizer) -> None:
    _, status, said = serve(sanitizer(PROTECT), QUERY_STRING="a=<script>", REQUEST_METHOD="HEAD")
    assert (status, said) == ("403 Forbidden", b"")


def test_detect_logs_and_lets_through(sanitizer, lines) -> None:
    application, status, _ = serve(sanitizer(DETECT), QUERY_STRING="a=<script>")
    assert (application.environ["QUERY_STRING"], status) == ("a=<script>", "200 OK")
    assert len(lines) == 1


def test_the_path_is_read_as_utf8(sanitizer) -> None:
    path = "/é".encode().decode("latin-1")
    _, status, _ = serve(
        sanitizer('request(paths: "/é")\nprotect(message: "")'),
        PATH_INFO=path, QUERY_STRING="a=<script>",
    )  # fmt: skip
    assert status == "403 Forbidden"


def test_the_inner_path_is_the_one_behind_the_mount(sanitizer, lines) -> None:
    serve(
        sanitizer('request(paths: "/m/x")\ndetect(message: "")'),
        SCRIPT_NAME="/m", QUERY_STRING="a=<script>",
    )  # fmt: skip
    assert "httpRequestUri=/m/x httpRequestMethod=POST internalHttpRequestUri=/x " in lines[0]


class Pieces(io.RawIOBase):
    """A socket-like stream that gives little at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__()
        self._stream, self._size = io.BytesIO(data), size

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(self._size if size < 0 else min(size, self._size))


def test_a_body_that_arrives_in_pieces_is_whole(sanitizer) -> None:
    stream = Pieces(b'{"a": "<script>"}', 3)
    application, status, _ = serve(sanitizer(PROTECT), stream, length="17", CONTENT_TYPE=JSON)
    assert (application.environ, status) == (None, "403 Forbidden")


def test_half_a_body_is_refused(sanitizer) -> None:
    application, status, _ = serve(sanitizer(PROTECT), b'{"a": "x"}', length="50")
    assert (application.environ, status) == (None, "400 Bad Request")


def test_without_a_length_there_is_no_body(sanitizer) -> None:
    application, _, _ = serve(sanitizer(PROTECT), b"ignored", length=None)
    assert application.body == b""


def test_a_chunked_body_ends_with_its_stream(sanitizer) -> None:
    application, _, _ = serve(
        sanitizer(PROTECT), b"hello", length=None, **{"wsgi.input_terminated": True}
    )
    assert application.body == b"hello"
    assert application.environ["CONTENT_LENGTH"] == "5"


def test_no_more_than_the_length_is_read(sanitizer) -> None:
    stream = io.BytesIO(b"hello<script>")
    application, _, _ = serve(sanitizer(PROTECT), stream, length="5")
    assert application.body == b"hello"
    assert stream.read() == b"<script>"


SMALL = Limits(body=10)
LONG = bytes(range(65, 91)) * 2


@pytest.mark.parametrize(
    "read",
    [
        lambda s: s.read(),
        lambda s: b"".join(iter(lambda: s.read(3), b"")),
        lambda s: b"".join(s),
        lambda s: b"".join(s.readlines()),
        lambda s: s.readline() + s.read(),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_read_whole_where_doubt_is_safe(
    sanitizer, lines, read, chunked: bool
) -> None:
    data = LONG[:20] + b"\n" + LONG
    stream = Pieces(data, 7)
    more = {"wsgi.input_terminated": True} if chunked else {}
    application, _, _ = serve(
        sanitizer(PROTECT, limits=SMALL), stream, application=Application(read),
        length=None if chunked else str(len(data)), **more,
    )  # fmt: skip
    assert application.body == data
    assert ["reason=UNDETERMINED" in line for line in lines] == [True]


def test_of_a_long_body_no_more_than_the_limit_is_read_ahead(sanitizer) -> None:
    stream = io.BytesIO(LONG)
    serve(sanitizer(STRICT, limits=SMALL), stream, length=str(len(LONG)))
    assert stream.tell() == SMALL.body + 1


def test_the_rest_of_a_long_body_that_never_comes_is_an_error_not_an_end(sanitizer) -> None:
    with pytest.raises(OSError, match="before the body was whole"):
        serve(sanitizer(PROTECT, limits=SMALL), LONG, length=str(len(LONG) + 1))


def test_a_path_is_decoded_once(sanitizer) -> None:
    rules = 'request(paths: "/free")\ndetect(message: "")', PROTECT
    for path, said in (("/free", "200 OK"), ("/%66ree", "403 Forbidden")):
        _, status, _ = serve(sanitizer(*rules), PATH_INFO=path, QUERY_STRING="a=<script>")
        assert status == said


@pytest.mark.parametrize("length", ["-1", "+5", "5x", "", "9" * 30])
def test_a_length_that_is_none_is_no_body(sanitizer, length: str) -> None:
    stream = io.BytesIO(b"<script>")
    application, status, _ = serve(sanitizer(PROTECT), stream, length=length or None)
    assert (application.body, status, stream.tell()) == (b"", "200 OK", 0)


def test_a_body_in_single_bytes_costs_no_more_memory_than_it_holds(sanitizer) -> None:
    tracemalloc.start()
    try:
        serve(sanitizer(PROTECT), Pieces(b"a" * 200_000, 1), length="200000")
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_of_a_long_body_no_more_than_the_length_is_read(sanitizer) -> None:
    stream = io.BytesIO(LONG + b"<next request>")
    application, _, _ = serve(sanitizer(PROTECT, limits=SMALL), stream, length=str(len(LONG)))
    assert application.body == LONG
    assert stream.read() == b"<next request>"


def test_a_body_beyond_the_limit_is_refused_where_doubt_is_unsafe(sanitizer) -> None:
    application, status, _ = serve(sanitizer(STRICT, limits=SMALL), LONG)
    assert (application.environ, status) == (None, "403 Forbidden")


def test_a_payload_is_nulled(sanitizer) -> None:
    application, _, _ = serve(
        sanitizer(PROTECT, on_block=OnBlock.NULL), b"a=%3Cscript%3E&b=2",
        CONTENT_TYPE=FORM, QUERY_STRING="c=%3Cscript%3E&d=4",
    )  # fmt: skip
    assert application.body == b"b=2"
    assert application.environ["CONTENT_LENGTH"] == "3"
    assert application.environ["QUERY_STRING"] == "d=4"


def test_the_servers_own_environment_is_left_alone(sanitizer) -> None:
    environ = {"PATH_INFO": "/x", "QUERY_STRING": "", "wsgi.input": io.BytesIO(b"")}
    before = dict(environ)
    SanitizingApp(Application(), sanitizer(PROTECT))(environ, lambda *_: None)
    assert environ == before
