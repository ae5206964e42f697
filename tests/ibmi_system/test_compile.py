"""Compiling: sources go to the injected compiler, what it makes becomes objects that run."""

import pytest

from simulators.ibmi.compiler import CompileFailedError
from simulators.ibmi.storage import encode_text


class TinyCompiler:
    """Compiles ``return "text"``: a program that writes that text into its first parameter."""

    def __init__(self):
        self.sources = []

    def compile(self, source):
        self.sources.append(source)
        if "return" not in source.text:
            raise CompileFailedError("line 1: no return", ["1 | ???"])
        return source

    def bind(self, name, modules, entry):
        chosen = [m for m in modules if entry in (None, m.name)]
        if not chosen:
            raise CompileFailedError(f"module {entry} not found")
        text = encode_text(chosen[0].text.split('"')[1])

        def run(context, parameters):
            parameters[0][: len(text)] = text
            return b""

        return run

    def export(self, name, modules):
        return {m.name.lower(): self.bind(name, [m], None) for m in modules}


@pytest.fixture
def compiling(make_world):
    compiler = TinyCompiler()
    world = make_world(compiler=compiler)
    world.compiler = compiler
    world.ok("CRTLIB EPM")
    world.sql("call qsys2.ifs_write_utf8('/tmp/a.c', 'return \"AB\"')")
    world.sql("call qsys2.ifs_write_utf8('/tmp/a.h', '#define X')")
    return world


def called(world, program="PGM"):
    storage = bytearray(2)
    world.job.call("EPM", program, None, [storage])
    return storage.decode("cp037")


def test_module_then_program_from_a_stream_file(compiling):
    compiling.ok("CRTCMOD MODULE(EPM/MOD) SRCSTMF('/tmp/a.c') SYSIFCOPT(*IFSIO) DEFINE('P=1')")
    compiling.ok("CRTPGM PGM(EPM/PGM) MODULE(EPM/MOD)")
    assert called(compiling) == "AB"
    (source,) = compiling.compiler.sources
    assert (source.name, source.defines, source.path) == ("MOD", ("P=1",), "/tmp/a.c")
    assert source.files["a.h"].startswith("#define X")


def test_a_source_member_is_compiled_too(compiling):
    compiling.ok("CRTSRCPF EPM/QCSRC RCDLEN(112)")
    compiling.ok("CPYFRMSTMF FROMSTMF('/tmp/a.c') TOMBR('/QSYS.LIB/EPM.LIB/QCSRC.FILE/PGM.MBR')")
    compiling.ok("CRTBNDC PGM(EPM/PGM) SRCFILE(EPM/QCSRC) SRCMBR(PGM)")
    assert called(compiling) == "AB"
    assert compiling.fails("CRTBNDC PGM(EPM/P2) SRCFILE(EPM/QCSRC) SRCMBR(NONE)") == "CPF9815"


def test_a_stream_file_is_added_to_a_member_or_replaces_it(compiling):
    compiling.ok("CRTSRCPF EPM/QCSRC RCDLEN(112)")
    copy = "CPYFRMSTMF FROMSTMF('/tmp/a.h') TOMBR('/QSYS.LIB/EPM.LIB/QCSRC.FILE/M.MBR') MBROPT({0})"
    file = compiling.system.state.object("EPM", "QCSRC", "*FILE")
    for option, lines in (("*ADD", 1), ("*ADD", 2), ("*REPLACE", 1)):
        compiling.ok(copy.format(option))
        assert file.data.members["M"] == ["#define X"] * lines
    assert compiling.fails(copy.format("*ADD").replace("QCSRC.FILE", "NONE.FILE")) == "CPF9812"


def test_a_failed_compilation_makes_no_object(compiling):
    compiling.sql("call qsys2.ifs_write_utf8('/tmp/b.c', 'nothing')")
    outcome = compiling.job.command("CRTCMOD MODULE(EPM/BAD) SRCSTMF('/tmp/b.c')")
    assert [m.id for m in outcome.messages] == ["CZM0000", "CZM0613"]
    assert "no return" in outcome.messages[0].text
    assert compiling.fails("CHKOBJ EPM/BAD *MODULE") == "CPF9801"
    assert compiling.fails("CRTCMOD MODULE(EPM/BAD) SRCSTMF('/tmp/none.c')") == "CPFA0A9"
    assert compiling.fails("CRTPGM PGM(EPM/P) MODULE(EPM/NONE)") == "CPF9801"


def test_a_program_is_replaced_and_keeps_its_authorities(compiling):
    compiling.ok("CRTBNDC PGM(EPM/PGM) SRCSTMF('/tmp/a.c')")
    compiling.ok("GRTOBJAUT EPM/PGM *PGM *PUBLIC *EXCLUDE REPLACE(*YES)")
    compiling.sql("call qsys2.ifs_write_utf8('/tmp/a.c', 'return \"CD\"', overwrite => 'REPLACE')")
    assert compiling.fails("CRTBNDC PGM(EPM/PGM) SRCSTMF('/tmp/a.c') REPLACE(*NO)") == "CPF9870"
    assert called(compiling) == "AB"
    compiling.ok("CRTBNDC PGM(EPM/PGM) SRCSTMF('/tmp/a.c')")
    assert called(compiling) == "CD"
    item = compiling.system.state.object("EPM", "PGM", "*PGM")
    assert item.public == frozenset()


def test_a_service_program_exports(compiling):
    compiling.ok("CRTCMOD MODULE(EPM/FUNC) SRCSTMF('/tmp/a.c')")
    compiling.ok("CRTSRVPGM SRVPGM(EPM/SRV) MODULE(EPM/FUNC) EXPORT(*ALL)")
    storage = bytearray(2)
    compiling.job.call("EPM", "SRV", "func", [storage])
    assert storage == encode_text("AB")


def test_without_a_compiler_it_says_so(world):
    world.sql("call qsys2.ifs_write_utf8('/tmp/a.c', 'return \"AB\"')")
    outcome = world.job.command("CRTCMOD MODULE(QGPL/M) SRCSTMF('/tmp/a.c')")
    assert outcome.messages[-1].id == "CZM0613"
    assert any("No C compiler" in m.text for m in outcome.messages)
