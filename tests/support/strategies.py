"""Generated rule sets and calls, and rule sets of hostile names for round trips.

Values of rules and calls come from the same small pools, boundary values among them, so that
conditions hold often: a generator whose rules never match would prove nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from hypothesis import strategies as st

from epm.addresses import parse_address
from epm.model import (
    DEFAULT_SEQUENCE,
    AddressGroup,
    Call,
    Condition,
    Config,
    Connector,
    FailMode,
    Field,
    Flag,
    Groups,
    Operator,
    Rule,
    RuleSet,
    Server,
    ServerRules,
    shipped_default,
)
from tests.support.oracle import Resolved, server_has

V4 = ("0.0.0.0", "10.0.0.1", "10.0.0.2", "255.255.255.255")
V6 = ("::", "2001:db8::1", "2001:db8::2", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
ADDRESSES = tuple(map(parse_address, V4 + V6))
HOSTS = ("Db.Example", "never-resolved.example")
PORTS = (0, 22, 23, 443, 65535)
BACKLOGS = (-(2**31), -1, 0, 5, 2**31 - 1)
NAMES = ("ALICE", "alice2", "QPG", "qpgmr", "straße", "")
PROGRAMS = ("/usr/bin/ssh", "/usr/bin/SSH", "/opt/[x]/s.v")
PATTERNS = ("*", "?", "Q*", "qpg*", "*R", "A?ICE", "a*e*", "**", "Q*M?", "/usr/*", "*/ss?*")
CLOCKS = ("00:00", "09:00", "17:00", "23:59")
DAYS = ("MON", "tue", "SAT", "SUN")

#: Operator and value of conditions that are wrong whatever the server.
MALFORMED = (
    (Field.LCLPORT, Operator.EQ, "65536"),
    (Field.LCLPORT, Operator.EQ, "080"),
    (Field.LCLPORT, Operator.RANGE, "9-1"),
    (Field.LCLPORT, Operator.GRP, "NOSUCH"),
    (Field.LCLADDR, Operator.EQ, "010.0.0.1"),
    (Field.LCLADDR, Operator.LT, "10.0.0.1"),
    (Field.LCLADDR, Operator.NLIST, "10.0.0.1,db.example"),
    (Field.USER, Operator.LIST, "A,,B"),
    (Field.USER, Operator.GRP, "NOSUCH"),
    (Field.PGM, Operator.GRP, "NAMES1"),
    (Field.TIME, Operator.RANGE, "09:00"),
    (Field.TIME, Operator.EQ, "09:00"),
    (Field.DAY, Operator.EQ, "MONDAY"),
)


def is_invalid(server: Server, condition: Condition) -> bool:
    """Whether a generated condition is one that was made wrong on purpose."""
    written = (condition.field, condition.op, condition.value)
    return written in MALFORMED or not server_has(server, condition.field)


# --------------------------------------------------------------------------- values of rules


def _address_texts() -> st.SearchStrategy[str]:
    mapped = st.sampled_from(V4).map(lambda a: f"::ffff:{a}")
    zoned = st.sampled_from(V6).map(lambda a: f"{a}%eth0")
    return st.one_of(st.sampled_from(V4), st.sampled_from(V6), mapped, zoned)


@st.composite
def _cidrs(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        return f"{draw(st.sampled_from(V4))}/{draw(st.sampled_from((0, 1, 8, 23, 24, 31, 32)))}"
    if draw(st.booleans()):
        base, prefix = draw(st.sampled_from(V4)), draw(st.sampled_from((96, 104, 120, 128)))
        return f"::ffff:{base}/{prefix}"
    return f"{draw(st.sampled_from(V6))}/{draw(st.sampled_from((0, 1, 32, 64, 127, 128)))}"


@st.composite
def _ranges(draw: st.DrawFn) -> str:
    pool = draw(st.sampled_from((V4, V6)))
    pair = [draw(st.sampled_from(pool)), draw(st.sampled_from(pool))]
    low, high = sorted(pair, key=parse_address)
    return f"{low}-{high}"


address_lines = st.one_of(_address_texts(), _cidrs(), _ranges())
_hosts = st.sampled_from(HOSTS)


@st.composite
def number_lines(draw: st.DrawFn, pool: tuple[int, ...] = PORTS) -> str:
    """Draw ``n`` or ``lo-hi`` of the pool."""
    low, high = sorted((draw(st.sampled_from(pool)), draw(st.sampled_from(pool))))
    return f"{low}-{high}" if draw(st.booleans()) else str(low)


@st.composite
def _number_ranges(draw: st.DrawFn, pool: tuple[int, ...]) -> str:
    low, high = sorted((draw(st.sampled_from(pool)), draw(st.sampled_from(pool))))
    return f"{low}-{high}"


def _listed(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    comma = st.sampled_from((",", ", "))
    return st.tuples(comma, st.lists(items, min_size=1, max_size=4)).map(lambda x: x[0].join(x[1]))


_times = st.sampled_from(CLOCKS)
_time_ranges = st.tuples(_times, _times).map("-".join)
_words = st.sampled_from([n for n in NAMES if n])
_GROUP_OF = {"ADDR": ("ADDR1", "ADDR2"), "PORT": ("PORT1", "PORT2"), "NAME": ("NAMES1", "Names2")}


def _number_forms(pool: tuple[int, ...]) -> dict[str, st.SearchStrategy[str]]:
    single = st.sampled_from(pool).map(str)
    forms = dict.fromkeys(("EQ", "NE", "LT", "LE", "GT", "GE"), single)
    forms |= dict.fromkeys(("RANGE", "NRANGE"), _number_ranges(pool))
    return forms | dict.fromkeys(("LIST", "NLIST"), _listed(number_lines(pool)))


def _text_forms(words: st.SearchStrategy[str]) -> dict[str, st.SearchStrategy[str]]:
    forms = dict.fromkeys(("EQ", "NE"), words)
    forms |= dict.fromkeys(("LIST", "NLIST"), _listed(words))
    return forms | dict.fromkeys(("LIKE", "NLIKE"), st.sampled_from(PATTERNS))


def _grouped(
    forms: dict[str, st.SearchStrategy[str]], kind: str
) -> dict[str, st.SearchStrategy[str]]:
    return forms | dict.fromkeys(("GRP", "NGRP"), st.sampled_from(_GROUP_OF[kind]))


_address_forms = _grouped(
    dict.fromkeys(("EQ", "NE"), st.one_of(address_lines, _hosts))
    | {"LIST": _listed(st.one_of(address_lines, address_lines, _hosts))}
    | {"NLIST": _listed(address_lines)},
    "ADDR",
)
_port_forms = _grouped(_number_forms(PORTS), "PORT")
_name_forms = _grouped(_text_forms(_words), "NAME")
_FORMS: dict[str, dict[str, st.SearchStrategy[str]]] = {
    **dict.fromkeys(("LCLADDR", "BNDADDR", "RMTADDR"), _address_forms),
    **dict.fromkeys(("LCLPORT", "BNDPORT", "RMTPORT"), _port_forms),
    "BACKLOG": _number_forms(tuple(b for b in BACKLOGS if b >= 0)),
    **dict.fromkeys(("USER", "JOB", "GRPPRF"), _name_forms),
    "PGM": _text_forms(st.sampled_from(PROGRAMS)),
    "TIME": dict.fromkeys(("LT", "LE", "GT", "GE"), _times)
    | dict.fromkeys(("RANGE", "NRANGE"), _time_ranges),
    "DAY": dict.fromkeys(("EQ", "NE"), st.sampled_from(DAYS))
    | dict.fromkeys(("LIST", "NLIST"), _listed(st.sampled_from(DAYS))),
}
#: Every field with every operator it knows.
ASKED = tuple((field, op) for field, forms in _FORMS.items() for op in forms)
_FIELDS_OF = {s: tuple(f for f in _FORMS if server_has(s, f)) for s in Server}


@st.composite
def conditions(
    draw: st.DrawFn, server: Server, *, malformed: bool = True, only: tuple[str, ...] = ()
) -> Condition:
    """Draw one condition that the server may have; now and then a wrong one.

    ``only`` names the fields to ask about, where it matters.
    """
    seq = draw(st.integers(1, 60))
    connector = draw(st.sampled_from(Connector))
    if malformed and draw(st.integers(0, 39)) == 39:
        return Condition(seq, connector, *draw(st.sampled_from(MALFORMED)))
    misplaced = malformed and draw(st.integers(0, 79)) == 79
    fields = tuple(_FORMS) if misplaced else only or _FIELDS_OF[server]
    field = draw(st.sampled_from(fields))
    op = draw(st.sampled_from(tuple(_FORMS[field])))
    value = draw(_FORMS[field][op])
    return Condition(seq, connector, Field(field), Operator(op), value)


# ------------------------------------------------------------------------- rule sets and calls

_flags = st.sampled_from(Flag)
_mostly = st.sampled_from((True, True, True, False))


@st.composite
def rules(
    draw: st.DrawFn, server: Server, *, malformed: bool = True, only: tuple[str, ...] = ()
) -> Rule:
    """Draw a rule of up to five conditions, most often of one to three."""
    drawn = draw(
        st.lists(
            conditions(server, malformed=malformed, only=only),
            max_size=5,
            unique_by=lambda c: c.seq,
        )
    )
    return Rule(
        seq=draw(st.integers(1, DEFAULT_SEQUENCE - 1)),
        name=None,
        authority=draw(_flags),
        audit=draw(_flags),
        message=draw(_flags),
        capture=draw(_flags),
        active=draw(_mostly),
        test=draw(_mostly),
        conditions=tuple(sorted(drawn, key=lambda c: c.seq)),
    )


@st.composite
def default_rules(draw: st.DrawFn) -> Rule:
    """Draw a sound default rule."""
    return Rule(
        DEFAULT_SEQUENCE,
        draw(st.sampled_from((None, "Default"))),
        draw(st.sampled_from((Flag.YES, Flag.NO))),
        audit=draw(_flags),
        message=draw(_flags),
        capture=draw(_flags),
        active=True,
        test=True,
    )


#: Lines that overlap, many of the same size, so that ties are met.
_GROUP_LINES = (
    "0.0.0.0/0", "::ffff:0:0/96", "10.0.0.0/30", "10.0.0.0-10.0.0.3", "10.0.0.0/31", "10.0.0.1",
    "10.0.0.0-10.0.0.1", "10.0.0.1-10.0.0.2", "::ffff:10.0.0.2", "10.0.0.2/32", "::/0", "::/127",
    "2001:db8::/64", "2001:db8::1-2001:db8::2", "2001:db8::2", "2001:db8::2/128",
)  # fmt: skip


def group_sets() -> st.SearchStrategy[Groups]:
    """Draw the contents of the six groups that generated conditions name."""
    lines = st.lists(st.sampled_from(_GROUP_LINES) | address_lines, max_size=5).map(tuple)
    address_group = st.builds(AddressGroup, include=lines, exclude=lines)
    generic = st.one_of(_words, st.sampled_from(("QPG*", "al*", "*", "Q*")))
    kinds = (("ADDR", address_group), ("NAME", _tuples(generic)), ("PORT", _tuples(number_lines())))
    return st.builds(
        lambda *three: Groups(*map(MappingProxyType, three)),
        *(st.fixed_dictionaries(dict.fromkeys(_GROUP_OF[kind], one)) for kind, one in kinds),
    )


def _tuples(items: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(items, max_size=4).map(tuple)


configs = st.builds(
    Config,
    audit=st.booleans(),
    message=st.booleans(),
    capture=st.booleans(),
    fail=st.sampled_from(FailMode),
)


def _maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """A value, or one time in eight a missing field."""
    return st.integers(0, 7).flatmap(lambda n: values if n else st.none())


@st.composite
def _moments(draw: st.DrawFn) -> datetime:
    """A second before, at or after a time that rules name, on any day of a week."""
    clock = draw(st.sampled_from(CLOCKS))
    day = datetime.fromisoformat(f"2026-11-{draw(st.integers(16, 22))}T{clock}:00")
    near = timedelta(seconds=draw(st.sampled_from((-1, 0, 1, 59))))
    return day + near + timedelta(microseconds=draw(st.sampled_from((0, 999_999))))


#: The pool, and neighbours of its members that are in no list of it.
_NUMBERS = st.sampled_from((*ADDRESSES, *map(parse_address, ("10.0.0.0", "10.0.0.3", "::1"))))
_CALL_VALUES: dict[str, st.SearchStrategy[object]] = {
    **dict.fromkeys(("LCLADDR", "BNDADDR", "RMTADDR"), _NUMBERS),
    **dict.fromkeys(("LCLPORT", "BNDPORT", "RMTPORT"), st.sampled_from((*PORTS, 21, 24))),
    "BACKLOG": st.sampled_from(BACKLOGS),
    **dict.fromkeys(("USER", "JOB"), st.sampled_from((*NAMES, "QPGMRX", "STRASSE"))),
    "GRPPRF": st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
    "PGM": st.sampled_from((*PROGRAMS, "/usr")),
    "TIME": _moments(),
}


@st.composite
def calls(draw: st.DrawFn, server: Server) -> Call:
    """Draw a call of the server's fields, any of which may be missing."""
    names = {"GRPPRF": "groups", "TIME": "at"}
    values = {
        names.get(field, field.lower()): draw(_maybe(value))
        for field, value in _CALL_VALUES.items()
        if server_has(server, field)
    }
    return Call(server, **values)  # type: ignore[arg-type]


class Scene(NamedTuple):
    """A rule set with what it needs to decide, and calls to decide."""

    ruleset: RuleSet
    resolved: Resolved
    calls: tuple[Call, ...]


@st.composite
def scenes(
    draw: st.DrawFn, *, max_rules: int = 6, max_calls: int = 10, only: tuple[str, ...] = ()
) -> Scene:
    """Draw one server's rules, other servers as shipped, and calls of that server."""
    server = draw(st.sampled_from(Server))
    own_rules = rules(server, only=only)
    drawn = draw(st.lists(own_rules, max_size=max_rules, unique_by=lambda r: r.seq))
    ordered = tuple(sorted(drawn, key=lambda r: r.seq))
    own = ServerRules(draw(_mostly), (*ordered, draw(default_rules())))
    ruleset = RuleSet(
        config=draw(configs),
        groups=draw(group_sets()),
        servers=MappingProxyType({s: own if s is server else ServerRules() for s in Server}),
    )
    addresses = st.frozensets(st.sampled_from(ADDRESSES), min_size=1, max_size=3)
    resolved = draw(st.fixed_dictionaries({HOSTS[0].lower(): addresses}))
    one_or_more = st.lists(calls(server), min_size=max_calls // 2, max_size=max_calls)
    return Scene(ruleset, resolved, tuple(draw(one_or_more)))


@st.composite
def field_scenes(draw: st.DrawFn, field: str) -> Scene:
    """Draw one enforced rule that asks about one field only, and calls that carry it.

    Small and quick, so that every operator and boundary of the field is met often.
    """
    server = draw(st.sampled_from([s for s in Server if server_has(s, field)]))
    one = conditions(server, malformed=False, only=(field,))
    asked = draw(st.lists(one, min_size=1, max_size=2, unique_by=lambda c: c.seq))
    ordered = tuple(sorted(asked, key=lambda c: c.seq))
    own = Rule(10, None, Flag.NO, active=True, conditions=ordered)
    key = {"GRPPRF": "groups", "TIME": "at", "DAY": "at"}.get(field, field.lower())
    values = _CALL_VALUES["TIME" if key == "at" else field]
    given = draw(st.lists(values, min_size=4, max_size=8))
    rules_of_server = ServerRules(True, (own, shipped_default()))
    ruleset = RuleSet(
        groups=draw(group_sets()) if any(c.op.endswith("GRP") for c in asked) else Groups(),
        servers=MappingProxyType({**RuleSet().servers, server: rules_of_server}),
    )
    resolved = {HOSTS[0].lower(): frozenset(draw(st.sets(st.sampled_from(ADDRESSES), min_size=1)))}
    calls_made = (Call(server, **{key: v}) for v in (*given, None))  # type: ignore[arg-type]
    return Scene(ruleset, resolved, tuple(calls_made))


# ------------------------------------------------------------------- rule sets for round trips

_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
#: Words that YAML readers take for something else, and texts that break naive quoting.
TRICKY = (
    "NO", "yes", "on", "Off", "true", "null", "~", "010", "0x1F", "1e3", "17:00", "1_000", ".inf",
    "- a", "a: b # c", "[x]", "{x}", "&a", "*a", "!t", "|", ">", "%x", "@x", "`x`", "'", '"', '""',
    "\\", "\\n", "#", " a", "a ", "a,b", "?", ":", "-", "=", "<<", "a\u00a0b", "\ufeff", "\ufffe",
    "\U0001f600", "\U0010ffff", "\ue000", "\u200b", "é", "e\u0301", "a'b\"c", "---", "...",
    "2026-11-21", "${X}", "{{x}}", "%s", "N", "y", "Règle d'accès", "a  b", "\\ud83d\\ude00",
)  # fmt: skip
_characters = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters=_BIDI)
_any_text = st.one_of(st.sampled_from(TRICKY), st.text(_characters, min_size=1, max_size=50))
rule_names = _any_text.filter(lambda t: bool(t.strip()) and len(t) <= 50)
_ends_trimmed = rule_names.map(str.strip)


@st.composite
def _named_rules(draw: st.DrawFn, server: Server) -> Rule:
    base = draw(rules(server, malformed=False))
    texts = draw(st.lists(rule_names, max_size=2))
    free = tuple(
        Condition(100 + n, Connector.AND, Field.PGM, Operator.LIKE, text)
        for n, text in enumerate(texts)
    )
    return Rule(
        base.seq,
        draw(st.none() | rule_names),
        base.authority,
        base.audit,
        base.message,
        base.capture,
        base.active,
        base.test,
        base.conditions + free,
    )


@st.composite
def named_rule_sets(draw: st.DrawFn) -> RuleSet:
    """Draw a sound rule set of all three servers with names of every kind."""
    asked = draw(group_sets())
    more = draw(st.dictionaries(_ends_trimmed, _tuples(st.just("A*")), max_size=2))
    servers = {}
    for server in Server:
        drawn = draw(st.lists(_named_rules(server), max_size=2, unique_by=lambda r: r.seq))
        ordered = sorted(drawn, key=lambda r: r.seq)
        servers[server] = ServerRules(draw(st.booleans()), (*ordered, draw(default_rules())))
    return RuleSet(
        draw(configs),
        Groups(
            asked.addresses,
            MappingProxyType({**more, **asked.names}),
            asked.ports,
        ),
        MappingProxyType(servers),
    )
