"""The character set that a content type names, for those that applications read forms in.

An application may decode a form, and the query beside it, as its ``charset`` says; what is read
as UTF-8 alone would then be judged as other text than it sees. Only sets of this list are
followed, so that a client's name for one reaches no codec registry, which keeps every name.
"""

from __future__ import annotations

import re

#: ``charset*=utf-8''x`` too (RFC 8187), which some readers know.
_PARAMETER = re.compile(
    r";\s*charset(?:\s*=\s*[\"']?|\*\s*=\s*\"?[\w-]*'[\w-]*')([\w.:-]{1,40})", re.IGNORECASE
)
UTF8 = "utf-8"

#: Names, with neither case nor signs, and the codec of each.
_CODECS = (
    {"utf8": UTF8, "usascii": UTF8, "ascii": UTF8, "latin1": "latin-1", "utf7": "utf-7"}
    | {f"iso8859{n}": f"iso8859-{n}" for n in (*range(1, 12), *range(13, 17))}
    | {f"{lead}{n}": f"cp{n}" for n in range(1250, 1259) for lead in ("windows", "cp")}
    | {
        f"{lead}{n}": f"cp{int(n):03}"
        for n in ("037", "37", "273", "500", "1026", "1140")
        for lead in ("ibm", "cp", "ebcdiccp")
    }
    | {
        f"utf{size}{end}": f"utf-{size}{end and '-'}{end}"
        for size in (16, 32)
        for end in ("", "le", "be")
    }
    | {
        "shiftjis": "shift_jis",
        "sjis": "shift_jis",
        "windows31j": "cp932",
        "eucjp": "euc_jp",
        "iso2022jp": "iso2022_jp",
        "gb2312": "gbk",
        "gbk": "gbk",
        "gb18030": "gb18030",
        "big5": "big5",
        "euckr": "euc_kr",
        "koi8r": "koi8-r",
        "koi8u": "koi8-u",
    }
)


def charset_of(content_type: str | None) -> str | None:
    """Return the codec that a content type asks for, UTF-8 without; ``None`` if it is unknown.

    Of two names one reader takes the first and another the last. UTF-8 is tried in any case, so
    the other one counts; two others are as good as none that is known.
    """
    named = _PARAMETER.findall(content_type or "")
    asked = {_CODECS.get(re.sub(r"[^a-z0-9]", "", name.lower())) for name in named} - {UTF8}
    if not asked:
        return UTF8
    return asked.pop() if len(asked) == 1 else None
