"""The C sources: no character of the compiler's, the layouts of the Python side, both platforms."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from epm.model import Field, Server
from exitprograms.ile import building, layout
from exitprograms.ile.abi import COUNTERS

SOURCES = building.sources()
HEADER = SOURCES["epm_image.h"]
DEFINES = {
    name: int(value, 0)
    for name, value in re.findall(r"#define (EPM_\w+) +(0x[0-9A-Fa-f]+|\d+)\b", HEADER)
}
WORD = re.compile(
    r"/\* (.*) \*/\nstatic const epm_u8 (epm_t_\w+)\[(\d+)\] = \{([^}]*)\};", re.MULTILINE
)


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_no_source_holds_a_character_or_string_literal(name: str) -> None:
    code = re.sub(r'#include "[\w.]+"', "", without_comments(SOURCES[name]))
    assert "'" not in code
    assert '"' not in code
    assert SOURCES[name].isascii()


@pytest.mark.parametrize(
    ("name", "codec"), [("epm_words.h", "ascii"), ("epm_ibmi_words.h", "cp037")]
)
def test_every_word_is_what_its_comment_says(name: str, codec: str) -> None:
    words = WORD.findall(SOURCES[name])
    assert len(words) == SOURCES[name].count("epm_u8 epm_t_") > 14
    for comment, word, length, values in words:
        raw = bytes(int(v, 16) for v in re.findall(r"0x\w\w", values))
        assert raw == comment.encode(codec), word
        assert len(raw) == int(length)


def test_the_table_of_ccsid_37_is_the_code_page() -> None:
    table = SOURCES["epm_words.h"].split("epm_ascii_to_37[128] = {")[1].split("}")[0]
    values = bytes(int(v, 16) for v in re.findall(r"0x\w\w", table))
    assert values == bytes(range(128)).decode("ascii").encode("cp037")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EPM_IMAGE_VERSION", layout.VERSION),
        ("EPM_HEADER_SIZE", layout.HEADER.size),
        ("EPM_CONFIG_SIZE", layout.CONFIG.size),
        ("EPM_CHARSET_SIZE", layout.CHARSET.size),
        ("EPM_SERVER_SIZE", layout.SERVER.size),
        ("EPM_RULE_SIZE", layout.RULE.size),
        ("EPM_DIM_SIZE", layout.DIMENSION.size),
        ("EPM_NAME_SIZE", layout.NAME.size),
        ("EPM_SET_SIZE", layout.TEST_SET.size),
        ("EPM_TEST_SIZE", layout.TEST.size),
        ("EPM_ATOM_SIZE", layout.ATOM.size),
        ("EPM_ROW_SIZE", layout.ROW.size),
        ("EPM_CONTROL_SIZE", layout.CONTROL.size),
        ("EPM_CHUNK_SIZE", layout.CHUNK_SIZE),
        ("EPM_CHUNK_BITS", layout.CHUNK_BITS),
        ("EPM_CHUNK_SHIFT", layout.CHUNK_SHIFT),
        ("EPM_POOL_MASK", layout.POOL_MASK),
        ("EPM_MAX_CHUNKS", layout.MAX_CHUNKS),
        ("EPM_MAX_BOXES", layout.MAX_BOXES),
        ("EPM_SPACE_SIZE", layout.MAX_SPACE),
        ("EPM_H_HEADER_CRC", layout.HEADER_CRC_AT),
        ("EPM_P_CRC", layout.CONTROL_CRC_AT),
        ("EPM_ANY_RUN", layout.ANY_RUN),
        ("EPM_ANY_ONE", layout.ANY_ONE),
        ("EPM_SINGLE_BYTE", layout.SINGLE_BYTE),
        ("EPM_UTF8", layout.UTF8),
        *((f"EPM_{kind.name}", kind.value) for kind in layout.Kind),
        *((f"EPM_{kind.name}", kind.value) for kind in layout.Atom),
        *((f"EPM_F_{field.value}", number) for number, field in enumerate(Field)),
        ("EPM_FIELD_COUNT", len(Field)),
    ],
)
def test_both_sides_have_the_same_number(name: str, value: int) -> None:
    assert DEFINES[name] == value


def test_servers_and_counters_are_numbered_alike() -> None:
    numbers = dict(re.findall(r"#define EPM_(LISTEN|CONNECT|ACCEPT) (\d)", SOURCES["epm_call.h"]))
    assert [numbers[s.name] for s in layout.SERVERS] == ["0", "1", "2"]
    assert set(layout.SERVERS) == set(Server)
    counted = re.findall(r"#define EPM_COUNT_(\w+) (\d)", SOURCES["epm_platform.h"])
    assert [(n.lower(), int(v)) for n, v in counted] == [(n, i) for i, n in enumerate(COUNTERS)]


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("defines", [(), ("-D__ILEC400__", "-Wno-unknown-pragmas")])
def test_what_runs_on_ibm_i_only_compiles_here(
    compiler: str, defines: tuple[str, ...], tmp_path: Path
) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} here")
    for name, text in building.deployed_sources().items():
        (tmp_path / name).write_text(text, "utf-8")
    # What ILE C's own headers declare of what is used.
    (tmp_path / "except.h").write_text("", "utf-8")
    (tmp_path / "mih").mkdir()
    (tmp_path / "mih" / "cmpswp.h").write_text("int _CMPSWP(int *, int *, int);\n", "utf-8")
    (tmp_path / "mih" / "syncstg.h").write_text("void _SYNCSTG(unsigned int);\n", "utf-8")
    modules = [name for name in building.deployed_sources() if name.endswith(".c")]
    command = [compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-Wno-unused-label",
               *defines, "-I.", "-fsyntax-only", *modules]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_the_decision_path_allocates_nothing_and_never_calls_itself() -> None:
    for name, text in building.deployed_sources().items():
        code = without_comments(text)
        assert not re.search(r"\b(malloc|calloc|realloc|free|alloca|strcpy|sprintf|scanf)\b", code)
        for function, body in re.findall(
            r"^[\w *]*?\b(\w+)\([^;{]*\)\n\{(.*?)^\}", code, re.M | re.S
        ):
            assert not re.search(rf"\b{function}\(", body), f"{name}: {function} calls itself"


def test_no_interface_of_the_decision_path_waits_for_a_lock_of_the_rules() -> None:
    """IBM documentation: QUSCHGUS takes *EXCLRD, which what reads by an API (*SHRNUP) waits for."""
    everything = " ".join(without_comments(text) for text in building.deployed_sources().values())
    called = set(re.findall(r"\b(Q[A-Z]{4,7})\(", everything))
    assert called == {
        "QUSPTRUS", "QSYRUSRI", "QUSRJOBI", "QWCCVTDT", "QWVRCSTK", "QJOSJRNE", "QMHSNDM",
        "QSNDDTAQ",
    }  # fmt: skip


def test_nine_is_never_an_answer() -> None:
    everything = " ".join(without_comments(t) for n, t in SOURCES.items() if "words" not in n)
    assert set(re.findall(r"#define EPM_(?:ALLOW|REJECT) (\w+)", everything)) == {
        "0xF0", "0xF1", "0x30", "0x31",
    }  # fmt: skip
    assert not re.search(r"\b0x(F9|39)\b", everything)
