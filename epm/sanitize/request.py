"""A request as it is judged, and the payload leaves that are found in it: values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from epm.errors import CallError

_FIELDS = ("uri", "method", "query", "content_type", "body", "remote", "local")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read of one request; beyond it, the finding is UNDETERMINED.

    Attributes:
        body: bytes of a body.
        leaves: payloads, and so keys, of a request.
        depth: of JSON and XML.
        header: bytes of one header line of a multipart part.
        check_keys: whether names of members and parameters are payloads as well.
    """

    body: int = 1 << 20
    leaves: int = 10_000
    depth: int = 64
    header: int = 4096
    check_keys: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request.

    Attributes:
        uri: the path that the client asked for, without query.
        inner_uri: the path behind mounts, as the application sees it.
        query: the query string, undecoded, without ``?``.
        content_type: the header's value, with its parameters.
        body: the body; what is behind ``Limits.body`` may be missing.
        truncated: whether the body went on.
        encoded: whether a content coding (such as gzip) hides the body.
        remote: address of the client.
        local: address of the server, ``local_port`` its port.
        source: the kind of interface that brought it (``taintSource`` of events).
    """

    uri: str
    method: str = "GET"
    query: str = ""
    content_type: str | None = None
    body: bytes = b""
    remote: str = ""
    local: str = ""
    local_port: int = 0
    inner_uri: str = ""
    truncated: bool = False
    encoded: bool = False
    source: str = "HTTP_SERVLET"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One payload and where it stands.

    Attributes:
        attribute: as events name it, such as ``MAP_KEY["message"]``.
        name: the leaf's own name, for ``ignore(attribute)``.
        payload: the decoded text.
        class_name: what holds it in the application.
        path: names from the top, joined by dots; also taken by ``ignore(attribute)``.
        doubtful: whether it can be no better than UNDETERMINED, because the request could not
            be read as what it says it is.
        others: the text that a reader sees who goes by another character set than the payload
            is in: an application may follow the content type's or not, and a client names it.
    """

    attribute: str
    name: str
    payload: str
    class_name: str
    path: str = ""
    doubtful: bool = False
    others: tuple[str, ...] = ()


def attribute(kind: str, name: str) -> str:
    r"""Return an attribute as events name it: ``KIND["name"]``, quotes in it escaped by ``\``."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{kind}["{escaped}"]'


def _text(data: Mapping[str, object], name: str, default: str = "") -> str:
    value = data.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise CallError(f"{name} is not text")
    return value


def request_from_mapping(data: Mapping[str, object]) -> Request:
    """Return the request that a JSON object describes (contract, section 10).

    Raises:
        CallError: a field is missing, unknown or not text.
    """
    unknown = sorted(set(data) - set(_FIELDS))
    if unknown:
        raise CallError(f"unknown field {unknown[0]!r}: a request has {', '.join(_FIELDS)}")
    uri, mark, rest = _text(data, "uri").partition("?")
    if not uri:
        raise CallError("uri is missing")
    query = _text(data, "query")
    address, port = _split_local(_text(data, "local"))
    return Request(
        uri=uri,
        method=_text(data, "method", "GET"),
        query="&".join(part for part in (rest if mark else "", query) if part),
        content_type=_text(data, "content_type") or None,
        body=_text(data, "body").encode("utf-8", "surrogatepass"),
        remote=_text(data, "remote"),
        local=address,
        local_port=port,
        inner_uri=uri,
    )


def _split_local(text: str) -> tuple[str, int]:
    """Return (address, port) of ``127.0.0.1:8080`` or ``[::1]:8080``; without a port it is 0."""
    if not text:
        return "", 0
    address, colon, port = text.rpartition(":")
    if not colon or (":" in address and not address.startswith("[")):
        return text.strip("[]"), 0
    if not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65535:
        raise CallError(f"local {text!r} is not address:port")
    return address.strip("[]"), int(port)
