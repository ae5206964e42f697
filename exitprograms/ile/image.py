"""From a rule set to a rule image, and what an image says of itself. Pure; bytes in and out.

`docs/rule-image.md` describes the format, :mod:`exitprograms.ile.layout` has its numbers. Equal
rules, groups, configuration and resolved names give equal bytes, so an image's digest tells
whether a system decides by the rules of the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from epm.boxes import LIMITS, Box, Tests, boxes_of
from epm.conditions import Resolved
from epm.errors import RuleError, SettingsError
from epm.evaluate import Mode, Plan, PlannedRule, make_plan
from epm.fields import FIELD_TYPES, FieldType
from epm.model import Config, FailMode, Field, RuleSet, Verdict
from exitprograms.ile.arena import Arena, check_size
from exitprograms.ile.bits import BitStore
from exitprograms.ile.charset import Charset, charset
from exitprograms.ile.layout import (
    CHUNK_BITS,
    CONFIG,
    FIELDS,
    MAX_BOXES,
    RULE,
    SERVER,
    SERVERS,
)
from exitprograms.ile.names import NameTables
from exitprograms.ile.numbers import number_dimension
from exitprograms.ile.seal import ImageInfo, ServerInfo, describe, sealed, verify, with_sequence

__all__ = [
    "DEFAULT_CCSID",
    "DEFAULT_LIBRARY",
    "ImageInfo",
    "ServerInfo",
    "Target",
    "compile_image",
    "describe",
    "verify",
    "with_sequence",
]

DEFAULT_CCSID = 37
DEFAULT_LIBRARY = "EPM"


@dataclass(frozen=True, slots=True)
class Target:
    """What an image is made for.

    Attributes:
        ccsid: of the names: an EBCDIC one on IBM i, 1208 (UTF-8) elsewhere.
        system: name of the system, for U entries.
        lib: library where the journal and the message queue are.
    """

    ccsid: int = DEFAULT_CCSID
    system: str = "*LOCAL"
    lib: str = DEFAULT_LIBRARY


def compile_image(
    ruleset: RuleSet,
    *,
    mode: Mode = Mode.LIVE,
    resolved: Resolved | None = None,
    revision: int | None = None,
    sequence: int = 1,
    target: Target | None = None,
) -> bytes:
    """Return the rule image of a rule set.

    Only rules that are enforced in ``mode`` are in it: sound, with conditions, and active (or
    marked for test). Host names become the addresses that ``resolved`` gives them.

    Args:
        ruleset: the rules, groups and configuration.
        mode: by which flag a rule is enforced, and whether activation counts.
        resolved: the addresses of host names; a name that is not in it is false.
        revision: of the rules; not part of the digest.
        sequence: number of the publication in its user space, 1..2**64-1; the higher wins.
        target: where the image is to be used.

    Raises:
        RuleError: the rules do not fit an image; nothing is made then.
        SettingsError: the CCSID is not supported, or an object's name is none.
    """
    where = target or Target()
    names = charset(where.ccsid)
    arena, store = Arena(), BitStore()
    config = arena.place(_config(ruleset.config, mode, where, names, arena))
    table = arena.place(names.record())
    servers = b"".join(
        _server(make_plan(ruleset, server, mode, resolved), names, arena, store)
        for server in SERVERS
    )
    placed = arena.place(servers)
    check_size(len(arena.body()) + store.size)
    counts = store.counts
    entries, rows = store.entries_and_rows()
    tables = (
        arena.place(store.pool(), 8), counts[0], arena.place(entries), counts[1],
        arena.place(rows), counts[2],
    )  # fmt: skip
    return sealed(arena.body(), sequence, revision, (config, table, placed, *tables))


def _config(config: Config, mode: Mode, where: Target, names: Charset, arena: Arena) -> bytes:
    system = json.dumps(where.system).encode("ascii")
    return CONFIG.pack(
        config.fail is FailMode.OPEN,
        mode is Mode.TEST,
        len(system),
        arena.place(system, 1),
        _object(config.message_queue, names),
        _object(config.journal, names),
        _object(where.lib, names),
    )


def _object(name: str, names: Charset) -> bytes:
    """Return an object's name, blank-padded to 10.

    Raises:
        SettingsError: it is no name of at most 10 characters.
    """
    upper = name.upper()
    raw = names.exact(upper)
    if raw is None or not 0 < len(raw) <= 10 or not upper.isprintable():
        raise SettingsError(f"{name!r} is not the name of an object on IBM i")
    return raw.ljust(10, names.encode(" "))


def _server(plan: Plan, names: Charset, arena: Arena, store: BitStore) -> bytes:
    """Place what one server's rules need and return its record."""
    boxes = list(boxes_of(plan))
    if len(boxes) > MAX_BOXES:
        raise RuleError(
            f"{plan.server} has {len(boxes)} alternatives of rules, a rule image takes {MAX_BOXES}"
        )
    kept = [i for i, p in enumerate(plan.rules) if p.why is None]
    place_of = {index: n for n, index in enumerate(kept)}
    rules = b"".join(_rule(plan.rules[i], names, arena) for i in kept)
    dimensions = list(_dimensions(boxes, names, arena, store))
    return SERVER.pack(
        plan.activated,
        plan.evaluates,
        len(dimensions),
        arena.place(b"".join(dimensions)),
        len(boxes),
        arena.place(b"".join(place_of[b.rule].to_bytes(4, "big") for b in boxes)),
        len(kept),
        arena.place(rules),
        store.row(range(len(boxes))),
    )


def _rule(planned: PlannedRule, names: Charset, arena: Arena) -> bytes:
    rule, decision = planned.rule, planned.decision
    name = names.encode(rule.name or "")
    text = json.dumps(rule.name).encode("ascii")
    return RULE.pack(
        rule.seq,
        decision.verdict is Verdict.ALLOW,
        decision.audit,
        decision.message,
        decision.capture,
        arena.place(name, 1),
        len(name),
        len(text),
        arena.place(text, 1),
        rule.is_default,
    )


def _dimensions(boxes: list[Box], names: Charset, arena: Arena, store: BitStore) -> Iterator[bytes]:
    """Yield the record of each field that a box asks about.

    Numeric fields come first, those that most boxes ask about before the others: they cost
    least and leave the fewest boxes alive for the names.
    """
    asked: dict[Field, list[tuple[int, Tests]]] = {}
    for number, box in enumerate(boxes):
        for field, tests in box.tests.items():
            asked.setdefault(field, []).append((number, tests))
    chunks = -(-len(boxes) // CHUNK_BITS)
    every = range(len(boxes))
    for field in sorted(asked, key=lambda f: (_is_named(f), -len(asked[f]), FIELDS.index(f))):
        asking = {number for number, _ in asked[field]}
        free = [number for number in every if number not in asking]
        if not _is_named(field):
            yield number_dimension(store, arena, field, asked[field], free, chunks)
            continue
        fold = FIELD_TYPES[field] is not FieldType.TEXT
        tables = NameTables(store, arena, names, fold=fold)
        for number, tests in asked[field]:
            tables.add(number, tests)
        yield tables.record(FIELDS.index(field), free)


def _is_named(field: Field) -> bool:
    return FIELD_TYPES[field] not in LIMITS
