"""The C structures of the host platform, for ctypes, and the library that takes them.

Each structure is that of `source/epm_platform_host.c` or of a header it includes; the library
is asked for its own sizes when it is loaded, and one that differs is refused.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_int,
    c_int32,
    c_uint8,
    c_uint16,
    c_uint32,
    c_void_p,
)
from pathlib import Path
from typing import Any

from epm.errors import UnsupportedError


class Text(Structure):
    """``epm_text``: bytes that need not end in a zero; without them it is missing."""

    _fields_ = (("bytes", c_char_p), ("length", c_uint32))


class Facts(Structure):
    """``epm_facts``: who calls, and when."""

    _fields_ = (
        ("job", Text),
        ("user", Text),
        ("program", Text),
        ("groups", POINTER(Text)),
        ("group_count", c_uint32),
        ("number", c_uint32),
        ("year", c_uint16),
        ("month", c_uint8),
        ("day", c_uint8),
        ("hour", c_uint8),
        ("minute", c_uint8),
        ("second", c_uint8),
        ("micros", c_uint32),
    )


class Request(Structure):
    """``epm_request``: one call of an exit program."""

    _fields_ = (
        ("space", c_void_p),
        ("space_size", c_uint32),
        ("server", c_uint32),
        ("block", c_char_p),
        ("block_length", c_uint32),
        ("has_facts", c_uint32),
        ("facts", Facts),
    )


class End(Structure):
    """``epm_end``: an address and a port."""

    _fields_ = (
        ("family", c_uint8),
        ("has_port", c_uint8),
        ("port", c_uint16),
        ("address", c_uint8 * 16),
    )


class NativeCall(Structure):
    """``epm_call``: a call whose fields may be missing."""

    _fields_ = (
        ("server", c_uint8),
        ("has_backlog", c_uint8),
        ("has_time", c_uint8),
        ("weekday", c_uint8),
        ("backlog", c_int32),
        ("second", c_uint32),
        ("local", End),
        ("bound", End),
        ("remote", End),
        ("user", Text),
        ("job", Text),
        ("program", Text),
        ("groups", POINTER(Text)),
        ("group_count", c_uint32),
    )


class NativeDecision(Structure):
    """``epm_decision``."""

    _fields_ = (
        ("allow", c_uint8),
        ("reason", c_uint8),
        ("audit", c_uint8),
        ("message", c_uint8),
        ("capture", c_uint8),
        ("sequence", c_uint32),
        ("rule", c_void_p),
    )


class Answer(Structure):
    """``epm_answer``."""

    _fields_ = (
        ("allow", c_uint8),
        ("recorded", c_uint8),
        ("status", c_uint8),
        ("offset", c_uint32),
        ("decision", NativeDecision),
    )


class Cache(Structure):
    """``epm_cache``: which images were checked whole."""

    _fields_ = (("checked", c_uint32 * 2),)


#: kind, object's name, entry type, data, length -> 0 where it is recorded.
Record = CFUNCTYPE(c_int, c_void_p, c_uint32, c_void_p, c_void_p, POINTER(c_uint8), c_uint32)
COUNTERS = ("calls", "allowed", "rejected", "errors", "fell_back", "journal_failed",
            "message_failed", "capture_failed")  # fmt: skip
Counters = c_uint32 * len(COUNTERS)

_SIZES = (Request, Answer, NativeCall, NativeDecision, Cache)


class NativeLibrary:
    """The exit programs' code, loaded into this process."""

    def __init__(self, path: Path) -> None:
        """Load a library that :func:`exitprograms.ile.building.build` made.

        Raises:
            UnsupportedError: it cannot be loaded, or its structures are others.
        """
        try:
            self._library = ctypes.CDLL(str(path))
            self.run = self._function("epm_host_run", None, 6)
            self.run_many = self._function("epm_host_run_many", None, 4)
            self.decide = self._function("epm_host_decide", c_uint32, 4)
            self.decide_many = self._function("epm_host_decide_many", c_uint32, 6)
            self.bind = self._function("epm_host_bind", None, 4)
            self.verify = self._function("epm_host_verify", c_uint32, 2)
            size = self._function("epm_host_size", c_uint32, 1)
        except (OSError, AttributeError) as error:
            raise UnsupportedError(f"{path.name} is no library of exit programs: {error}") from None
        self.verify.argtypes = (c_char_p, c_uint32)
        self.run_many.argtypes = (c_void_p, c_uint32, c_void_p, c_void_p)
        self.decide.argtypes = (c_void_p, c_uint32, c_void_p, c_void_p)
        self.decide_many.argtypes = (c_void_p, c_uint32, c_void_p, c_uint32, c_void_p, c_void_p)
        self.run.argtypes = (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)
        self.bind.argtypes = (c_void_p, c_void_p, c_void_p, c_void_p)
        for number, structure in enumerate(_SIZES):
            if size(number) != ctypes.sizeof(structure):
                raise UnsupportedError(f"{path.name}: {structure.__name__} is laid out otherwise")

    def _function(self, name: str, result: Any, arguments: int) -> Any:
        function = getattr(self._library, name)
        function.restype = result
        function.argtypes = (c_void_p,) * arguments if name != "epm_host_size" else (c_uint32,)
        return function

    def main(self) -> Callable[..., int]:
        """Return the program's entry, for a library that was built with one."""
        function = self._library.main
        function.restype = c_int
        function.argtypes = (c_int, POINTER(c_void_p))
        called: Callable[..., int] = function
        return called
