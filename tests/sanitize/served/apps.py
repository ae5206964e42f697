"""Real applications behind the middlewares, for real servers to load.

Each answers ``POST /echo`` with what it was given, as JSON: the body's bytes, the form, the JSON.
"""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl

from multipart import MultipartParser, parse_options_header

from epm.armr.policy_reader import read_policy
from epm.sanitize import asgi, wsgi
from epm.sanitize.request import Limits
from epm.sanitize.rules import RuleBook
from epm.sanitize.sanitizer import OnBlock, Sanitizer, Settings
from epm.syslog5424 import Origin

POLICY = """
app("SHOP"):
    requires(version: ARMR/2.7)
    sanitization("ALL"):
        request(paths: ["/echo"])
        undetermined(values: safe, logging: off)
        protect(message: "", severity: high)
    endsanitization
    sanitization("WATCHED"):
        request(paths: ["/watched"])
        undetermined(values: safe, logging: off)
        detect(message: "", severity: high)
    endsanitization
endapp
"""
LOG = Path(os.environ.get("EPM_TEST_LOG", os.devnull))
BOOK = RuleBook.of(read_policy(POLICY).policy)


def log(line: str) -> None:
    with LOG.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")


SANITIZER = Sanitizer(
    rules=lambda: BOOK,
    log=log,
    origin=Origin("localhost", "test", str(os.getpid())),
    clock=lambda: datetime.now(UTC),
    settings=Settings(
        on_block=OnBlock(os.environ.get("EPM_TEST_ON_BLOCK", "raise")),
        limits=Limits(body=100_000),
        body_seconds=2,
    ),
)


def _form(body: bytes, kind: str) -> dict[str, str]:
    """Read a form as an application does that has its own parser."""
    if kind.startswith("multipart/"):
        boundary = parse_options_header(kind)[1]["boundary"]
        parts = MultipartParser(io.BytesIO(body), boundary)
        return {part.name: part.filename or part.value for part in parts}
    return dict(parse_qsl(body.decode())) if "form" in kind else {}


def starlette():
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def echo(request):
        body = await request.body()
        kind = request.headers.get("content-type", "")
        form = _form(body, kind)
        return JSONResponse(
            {
                "size": len(body),
                "body": body[:1000].decode("latin-1"),
                "json": json.loads(body) if kind == "application/json" else None,
                "form": form,
                "query": dict(request.query_params),
            }
        )

    routes = [Route(path, echo, methods=["GET", "POST"]) for path in ("/echo", "/watched", "/free")]
    return asgi.SanitizingApp(Starlette(routes=routes), SANITIZER)


def flask():
    import flask as web

    app = web.Flask("served")

    def echo():
        kind = web.request.mimetype
        form = dict(web.request.form) | {k: v.filename for k, v in web.request.files.items()}
        data = web.request.get_data(cache=True)
        return {
            "size": len(data),
            "body": data[:1000].decode("latin-1"),
            "json": web.request.get_json() if kind == "application/json" else None,
            "form": form,
            "query": dict(web.request.args),
        }

    for path in ("/echo", "/watched", "/free"):
        app.add_url_rule(path, path, echo, methods=["GET", "POST"])
    return wsgi.SanitizingApp(app, SANITIZER)


def _django():
    import django
    from django.conf import settings
    from django.http import JsonResponse
    from django.urls import path

    def echo(request):
        body = request.body
        kind = request.content_type
        form = request.POST.dict() | {k: v.name for k, v in request.FILES.items()}
        return JsonResponse(
            {
                "size": len(body),
                "body": body[:1000].decode("latin-1"),
                "json": json.loads(body) if kind == "application/json" else None,
                "form": form,
                "query": request.GET.dict(),
            }
        )

    class Urls:
        urlpatterns = [path(name, echo) for name in ("echo", "watched", "free")]  # noqa: RUF012

    settings.configure(
        ROOT_URLCONF=Urls, ALLOWED_HOSTS=["*"], SECRET_KEY=os.urandom(16).hex(), DEBUG=False
    )
    django.setup()


def django_wsgi():
    from django.core.handlers.wsgi import WSGIHandler

    _django()
    return wsgi.SanitizingApp(WSGIHandler(), SANITIZER)


def django_asgi():
    from django.core.handlers.asgi import ASGIHandler

    _django()
    return asgi.SanitizingApp(ASGIHandler(), SANITIZER)
