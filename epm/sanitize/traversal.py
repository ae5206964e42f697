"""Path traversal: where a value leads when it is resolved as a path.

Read as an operating system and as a web server would: both slashes separate, parameters behind
a semicolon fall away, dots in disguise are dots. A value is an attack when it climbs out where
no honest relative path does, when dots or slashes had to be decoded to be seen, or when it names
what only a server's own files are called. ``../images/logo.png`` alone is none of these.
"""

from __future__ import annotations

import re

from epm.sanitize.path_names import ASSET, OWN_NAME, SENSITIVE, TARGET, is_own_file
from epm.sanitize.values import Evidence

_POSSIBLE = re.compile(
    r"\.\.|[/\\]|%2e|0x2[ef]|\x00|::\$|"
    r"\b(?:php|file|phar|zip|data|expect|glob|jar|netdoc|ogg|rar):|"
    r"\.(?:ht|env|git|svn|ini|conf)|web-inf|meta-inf"
)
#: A percent sign before a slash: left over by what decoded the rest.
_BARE_PERCENT = re.compile(r"%(?=[/\\])")
_HEX = re.compile(r"0x(2e|2f|5c)")
_CONTROLS = re.compile(r"[\x01-\x1f\x7f]")
_STEP = re.compile(r"\.\.(?:;[^/\\\s]{0,16})?[\x00-\x1f]*[/\\]+")
#: Spellings that only evade a filter or a proxy; runs of dots are looked at once, not at each dot.
_TRICK = re.compile(
    r"\.\.;[^/\\\s]{0,20}[/\\]|(?:^|[/\\])\.{4,}+[/\\]{1,4}|(?<!\.)\.{3,}+[/\\]{2}|"
    r"(?<!\.)\.{3}[/\\]\.{3}[/\\]|\.\.[/\\]\.[/\\]{1,2}(?=\.)|\.\.\\/|\.\.//+\.\.|"
    r"\.\.\\\\+\.\.|\.\./\\|[/\\]\.\\\.\.|(?:\./){3,}|(?:\.\\){3,}|(?:\./){2,}etc"
)
_SCHEME = re.compile(
    r"\s*(?:url:)?(?:(?:php|phar|zip|expect|glob|ogg|rar|ssh2|zlib|compress\.zlib|netdoc|"
    r"compress\.bzip2|jar:(?:file|https?)|gopher|dict|file|local_file):[/\\]{1,4}\S|"
    r"php:(?:filter|input|fd|//)|file:[\w/\\.]|netdoc:|data://text/plain[;,])"
)
_UNC = re.compile(
    r"[\\/]{2,4}(?:[?.][\\/]+(?:[a-z]:|globalroot|unc|volume|pipe|physicaldrive)|"
    r"[^\\/\s]{1,255}[\\/]+(?:[a-z]\$|admin\$|ipc\$|print\$)|"
    r"(?:localhost|127\.0\.0\.1|::1|0\.0\.0\.0)[\\/])"
)
#: The default stream of a file by its full name: served as text by servers that compare endings.
_STREAM = re.compile(r"\S+\.(?:asp|aspx|php|jsp|cfm|config|ini)::\$(?:data|index_allocation)")
#: Dots, encoded or not, and where a slash would stand one that is malformed or longer than UTF-8
#: may be: what decodes it wrongly reads a slash.
_BROKEN_STEP = re.compile(
    r"(?:(?:\.|%(?:25)*(?:2e|u002e|c0%(?:25)*ae)|0x2e){2}[?\x00-\x1f]{0,2}"
    r"(?:%c[01]%[^.%/\\]{2}|%(?![0-9a-f]{2}|u[0-9a-f]{4})[^\s%]{2}(?:%\w{2})?)){2}"
)
_DRIVE = re.compile(r"[a-z]:[/\\]")
_ETC = re.compile(r"[/\\]+etc[/\\]+[\w.]")
_HOME = re.compile(r"~\w{0,32}(?=[/\\])|%(?:systemroot|windir)%")
_NOWHERE = re.compile(r"/(?:\./)+")
_PATH = re.compile(r"[\w./\\:-]*+")
_PLAIN_TAIL = re.compile(r"[\w@. +-]*(?:[/\\][\w@. +-]*)*")
_WORDS = re.compile(r"[^\s\"'<>()\[\]{},=&?|`*]+")
_NOT_PATH = re.compile(r"[\s\"'<>()=&?|`*,]")
_SLASHES = re.compile(r"[/\\]+")
_CODE = re.compile(r"[\w$]\(")
#: A plain word before or behind a path, as in a sentence or a command.
_SPOKEN = re.compile(r"^[a-z]+ |\w [a-z]+$")

#: Steps up that an honest path to an asset has at most, and one to anything else.
_ASSET_STEPS, _STEPS, _STEPS_IN_TEXT = 6, 2, 4


def evidence(text: str, *, disguised: bool = False) -> Evidence:
    """Judge one form of a value; ``text`` is in lower case.

    Args:
        text: the form, NUL characters kept.
        disguised: whether it is a decoded form in which dots or slashes appeared that the
            value itself did not show.
    """
    if _POSSIBLE.search(text) is None:
        return Evidence.NONE
    if "%" in text and _BROKEN_STEP.search(text) is not None:
        return Evidence.STRONG
    shown = _HEX.sub(lambda m: chr(int(m[1], 16)), text)
    hidden = disguised or (shown != text and ".." in shown)
    path = _CONTROLS.sub("", shown).strip()
    if "%" in path and ".." in path:
        path = _BARE_PERCENT.sub("", path)
    return Evidence.STRONG if _attacks(path, hidden) else Evidence.NONE


def _attacks(text: str, disguised: bool) -> bool:
    if "\x00" in text:
        if _ends_early(text):
            return True
        text = text.replace("\x00", "")
    if _SCHEME.match(text) or _UNC.match(text) or _STREAM.fullmatch(text):
        return True
    is_path = _NOT_PATH.search(text) is None
    climbs = _STEP.search(text) is not None
    if climbs and disguised:
        return True
    if (climbs or is_path) and _TRICK.search(text) and (".." in text or "etc" in text):
        return True
    if is_path or _is_one_path(text):
        return _path_attacks(_placed(_NOWHERE.sub("/", text)))
    return any(_word_attacks(word) for word in _WORDS.findall(text) if ".." in word)


def _is_one_path(text: str) -> bool:
    """Whether a value with other signs than a path's is still one: in quotes, as a parameter.

    Code in brackets is none, nor is a word behind a path: ``/etc/hosts explained``.
    """
    if _DRIVE.match(text):
        return True
    if "<" in text:
        return False  # markup: its links are paths, it is none
    return _CODE.search(text) is None and _SPOKEN.search(text) is None and text.count(" ") <= 1


def _ends_early(text: str) -> bool:
    """Whether a NUL cuts a path short: what checks its end sees another name than what opens."""
    head, _, rest = text.partition("\x00")
    pathlike = _PATH.fullmatch(head) is not None and any(c in head for c in "./\\")
    return pathlike and _PATH.fullmatch(rest.replace("\x00", "")) is not None


def _path_attacks(path: str) -> bool:
    """Whether a value that is one path leads out or names a server's own file."""
    if SENSITIVE.match(path.lstrip("/\\.")):
        return True
    if _ETC.match(path) or (_looks_absolute(path) and SENSITIVE.search(path)):
        return True
    if OWN_NAME.fullmatch(path.strip("/\\")):
        return True
    if (path[:1] in ("/", "\\", ".") or path[1:2] == ":") and is_own_file(path):
        return True
    return any(_climbs(word) for word in _WORDS.findall(path) if ".." in word)


def _placed(path: str) -> str:
    """Return the path with what a shell would put in front of it, roughly."""
    match = _HOME.match(path)
    if match is None:
        return path
    return ("" if match[0][0] == "~" else "c:/windows") + path[match.end() :]


def _looks_absolute(path: str) -> bool:
    return path[:1] in ("/", "\\", ".") or path[1:2] == ":" or ".." in path or "=/" in path


def _climbs(path: str) -> bool:
    """Whether the path climbs as no honest relative path does."""
    steps = len(_STEP.findall(path))
    if steps == 0:
        return path in ("/..", "\\..", "/..;", "..;")
    tail = path[path.rfind("..") + 2 :].lstrip("/\\;")
    if SENSITIVE.match(tail) or is_own_file(tail) or TARGET.fullmatch(tail):
        return True
    lowest = _lowest(path)
    if path.endswith("..") and path.startswith(".."):
        return steps > 1  # a folder or two up, and there it stays
    if not tail or _PLAIN_TAIL.fullmatch(tail) is None or path[:1] in "/\\":
        return lowest < 0
    if steps > _STEPS:
        return ASSET.fullmatch(tail) is None or steps > _ASSET_STEPS
    return False


def _word_attacks(word: str) -> bool:
    """Whether a path within other text is an attack: by where it leads, or how far it climbs."""
    steps = len(_STEP.findall(word))
    leads = steps > 0 and SENSITIVE.search("/" + word.lstrip("./\\")) is not None
    return leads or steps > _STEPS_IN_TEXT


def _lowest(path: str) -> int:
    """Return the lowest level that resolving the path reaches, 0 being where it starts."""
    lowest = level = 0
    for part in _SLASHES.split(path):
        name = part.partition(";")[0].strip()
        if name == "..":
            level -= 1
            lowest = min(lowest, level)
        elif name not in ("", "."):
            level += 1
    return lowest
