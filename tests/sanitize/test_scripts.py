"""Code where it runs: script URLs as browsers read them, strings left, styles."""

from __future__ import annotations

import pytest

from epm.sanitize.scripts import (
    holds_script_url,
    is_script_url,
    is_style_code,
    leaves_string,
    template_code,
)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:x",
        " javascript:x",
        "java\tscript:x",
        "java\n\rscript:x",
        "\x01javascript:x",
        "vbscript:x",
        "data:text/html,x",
        "data:text/html;base64,x",
        "data:image/svg+xml,<svg onload=x>",
    ],
)
def test_a_script_url_is_known_through_its_blanks(url: str) -> None:
    assert is_script_url(url)


@pytest.mark.parametrize(
    "url",
    ["http://javascript.test/", "/javascript:x", "data:image/png;base64,x", "javascripts:x", ""],
)
def test_another_url_is_none(url: str) -> None:
    assert not is_script_url(url)


def test_in_text_a_script_url_has_code_behind_it() -> None:
    assert holds_script_url("see javascript:alert(1)")
    assert not holds_script_url("javascript: the good parts")


@pytest.mark.parametrize(
    "value", ["';alert(1)", '"-alert(1)', "`+eval(x)", "\\'-alert(1)", "*/alert(1)"]
)
def test_a_string_is_left_and_code_follows(value: str) -> None:
    assert leaves_string(value)


@pytest.mark.parametrize("value", ["alert(1)", "'a alert(1)", "';hello", "it's"])
def test_a_string_that_is_not_left_or_runs_nothing_is_none(value: str) -> None:
    assert not leaves_string(value)


@pytest.mark.parametrize(
    "style",
    [
        "width:expression(x)",
        "width:exp/**/ression(x)",
        "width:e\\xpression(x)",
        "behavior:url(x)",
        "-moz-binding:url(x)",
        "background:url(javascript:x)",
        "@import 'http://x'",
    ],
)
def test_style_code_is_known_through_comments_and_escapes(style: str) -> None:
    assert is_style_code(style)


def test_a_comment_in_a_style_may_stay_open() -> None:
    assert not is_style_code("color:red/*" * 1000)


def test_templates_count_if_they_run_code() -> None:
    assert template_code("{{constructor.constructor('alert(1)')()}}")
    assert not template_code("{{ user.name }} ${HOME}")
