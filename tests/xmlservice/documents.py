"""Writes documents."""

from __future__ import annotations


def pgm(inner: str, name: str = "ECHO", **attributes: str) -> str:
    more = "".join(f" {key}='{value}'" for key, value in attributes.items())
    return f"<pgm name='{name}'{more}>{inner}</pgm>"


def parm(inner: str, **attributes: str) -> str:
    more = "".join(f" {key}='{value}'" for key, value in attributes.items())
    return f"<parm{more}>{inner}</parm>"
