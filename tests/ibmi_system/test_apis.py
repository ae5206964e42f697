"""System APIs: receivers byte for byte where their layouts are documented, errors as asked for."""

import math
import struct

import pytest

from simulators.ibmi.programs.image import image
from simulators.ibmi.storage import encode_text
from simulators.xmlservice.host import ProgramFaultError


def number(value):
    return bytearray(value.to_bytes(4, "big", signed=True))


def text(value, length):
    return bytearray(encode_text(value, length))


def error_code():
    return bytearray(image(("10i0", 16), ("10i0", 0), ("7a", ""), ("1a", "")))


def told(error):
    return bytes(error[8:15]).decode("cp037") if int.from_bytes(error[4:8], "big") else ""


def receive(world, api, size, *more, function=None, library="QSYS"):
    """Call an API whose first parameters are receiver and length; return the receiver's bytes."""
    receiver, error = bytearray(size), error_code()
    world.job.call(library, api, function, [receiver, number(size), *more, error])
    assert told(error) == ""
    return bytes(receiver)


def refused(world, api, *more, function=None, size=64):
    error = error_code()
    world.job.call("QSYS", api, function, [bytearray(size), number(size), *more, error])
    return told(error)


def shown(raw):
    return raw.decode("cp037").rstrip()


def integer(raw, at):
    return int.from_bytes(raw[at : at + 4], "big", signed=True)


def test_qwcrsval_gives_a_table_of_values(world):
    names = text("QCCSID", 10) + text("QCENTURY", 10) + text("QUSRLIBL", 10)
    made = receive(world, "QWCRSVAL", 400, number(3), names)
    count, *offsets = (integer(made, at) for at in (0, 4, 8, 12))
    assert count == 3
    assert offsets[0] == 16
    assert all(offset % 4 == 0 for offset in offsets)
    first, second, third = (made[offset:] for offset in offsets)
    assert first[:20] == image(("10a", "QCCSID"), ("2a", "B"), ("10i0", 4), ("10i0", 37))
    assert second[:17] == image(("10a", "QCENTURY"), ("2a", "C"), ("10i0", 1), ("1a", "1"))
    assert integer(third, 12) == 250
    assert third[16:36] == encode_text("QGPL      QTEMP     ")


def test_qwcrsval_cuts_at_the_receiver_and_refuses_names(world):
    assert receive(world, "QWCRSVAL", 8, number(1), text("QCCSID", 10)) == image(
        ("10i0", 1), ("10i0", 8)
    )
    assert refused(world, "QWCRSVAL", number(1), text("QNOVAL", 10)) == "CPF1028"
    assert refused(world, "QWCRSVAL", number(0), text("QCCSID", 10)) == "CPF1860"


def test_an_error_code_without_bytes_lets_the_program_end(world):
    p = [bytearray(64), number(64), number(1), text("QNOVAL", 10), bytearray()]
    with pytest.raises(ProgramFaultError) as raised:
        world.job.call("QSYS", "QWCRSVAL", None, p)
    assert raised.value.message_id == "CPF1028"
    p[3] = text("QCCSID", 10)
    world.job.call("QSYS", "QWCRSVAL", None, p)
    assert integer(p[0], 0) == 1


@pytest.mark.parametrize(("form", "size"), [("SSTS0100", 80), ("SSTS0200", 148)])
def test_qwcrssts_tells_sizes_name_and_jobs(world, form, size):
    made = receive(world, "QWCRSSTS", 200, text(form, 8), text("*NO", 10))
    assert (integer(made, 0), integer(made, 4)) == (size, size)
    assert shown(made[16:24]) == "EPMSIM"
    assert integer(made, 48 if form == "SSTS0100" else 36) == 1
    assert refused(world, "QWCRSSTS", text("SSTS0900", 8), text("*NO", 10)) == "CPF3C21"


def test_qwcrjbst_finds_a_job_by_its_number(world):
    number_ = world.job.number
    made = receive(world, "QWCRJBST", 60, text(number_, 6), text("JOBS0100", 8))
    assert shown(made[8:18]) == "*ACTIVE"
    assert shown(made[34:60]).endswith(number_)
    assert shown(receive(world, "QWCRJBST", 60, text("999999", 6), text("JOBS0100", 8))[8:]) == ""


def test_qusrjobi_0200_begins_its_fields_behind_the_job_type(world):
    made = receive(world, "QUSRJOBI", 225, text("JOBI0200", 8), text("*", 26), text("", 16))
    assert integer(made, 4) == 225
    assert integer(made, 72) == 20
    assert shown(made[107:111]) == "RUN"
    assert shown(made[180:190]) == "*BASE"


def test_qsyrusri_tells_status_and_password(world):
    enabled = receive(world, "QSYRUSRI", 94, text("USRI0100", 8), text("EPMADM", 10))
    assert shown(enabled[8:18]) == "EPMADM"
    assert shown(enabled[36:46]) == "*ENABLED"
    assert shown(enabled[54:55]) == "N"
    system = receive(world, "QSYRUSRI", 94, text("USRI0100", 8), text("QSYS", 10))
    assert shown(system[54:55]) == "Y"
    assert refused(world, "QSYRUSRI", text("USRI0100", 8), text("NOBODY", 10)) == "CPF2204"
    assert refused(world, "QSYRUSRI", text("USRI0900", 8), text("EPMADM", 10)) == "CPF3C21"


def test_qsyrusri_needs_authority_to_the_profile(world):
    other = world.as_user("EPMUSER")
    assert refused(other, "QSYRUSRI", text("USRI0100", 8), text("EPMADM", 10)) == "CPF9802"


@pytest.mark.parametrize(
    ("user", "authority", "flags"),
    [
        ("*PUBLIC", "*USE", "NYNNYNNN"),
        ("EPMADM", "*ALL", "NYYYYYYY"),
        ("EPMUSER", "*USE", "NYNNYNNN"),
    ],
)
def test_qsyrusra_tells_a_users_authority(world, user, authority, flags):
    name = text("ZZCALL", 10) + text("XMLSERVICE", 10)
    made = receive(
        world, "QSYRUSRA", 200, text("USRA0100", 8), text(user, 10), name, text("*PGM", 10)
    )
    assert shown(made[8:18]) == authority
    assert shown(made[18:26]) == flags
    assert shown(made[80:81]) == "Y"


def test_qsyrtvua_lists_who_may_use_an_object(world):
    receiver, feedback, error = bytearray(200), bytearray(55), error_code()
    path = "/QSYS.LIB/XMLSERVICE.LIB/ZZCALL.PGM"
    more = [feedback, number(55), text("RTUA0100", 8), text(path, len(path)), number(len(path))]
    world.job.call("QSYS", "QSYRTVUA", None, [receiver, number(200), *more, error])
    assert told(error) == ""
    assert [integer(feedback, at) for at in (8, 12, 16, 20)] == [104, 104, 2, 52]
    assert shown(bytes(feedback[24:34])) == "QSYS"
    assert shown(bytes(receiver[:22])) == "QSYS      0*RWX      N"[:22].rstrip()
    assert shown(bytes(receiver[52:66])) == "*PUBLIC   0*RX"
    more[3], more[4] = text("/no", 3), number(3)
    world.job.call("QSYS", "QSYRTVUA", None, [receiver, number(200), *more, error])
    assert told(error) == "CPFA0A9"


@pytest.mark.parametrize(
    ("api", "form", "name", "size"),
    [
        ("QCDRCMDI", "CMDI0100", "CRTLIB    *LIBL", 350),
        ("QCLRPGMI", "PGMI0100", "ZZCALL    XMLSERVICE", 536),
        ("QBNRSPGM", "SPGI0100", "ZZSRV     XMLSERVICE", 434),
    ],
)
def test_descriptions_have_their_documented_size_and_name(world, api, form, name, size):
    made = receive(world, api, 600, text(form, 8), text(name, 20))
    assert integer(made, 4) == size
    assert shown(made[8:18]) == name[:10].strip()
    assert refused(world, api, text(form, 8), text("NOSUCH    *LIBL", 20)) == "CPF9801"
    assert refused(world, api, text("XXXX0100", 8), text(name, 20)) == "CPF3C21"


def test_qszrtvpr_knows_the_operating_system(world):
    wanted = image(("7a", "*OPSYS"), ("6a", "*CUR"), ("4a", "0000"), ("10a", "*CODE"))
    made = receive(world, "QSZRTVPR", 108, text("PRDR0100", 8), bytearray(wanted))
    assert shown(made[12:25]) == "5770SS1V7R5M0"
    other = bytearray(image(("7a", "5770XX1"), ("6a", "*ONLY"), ("4a", "0000"), ("10a", "*CODE")))
    assert refused(world, "QSZRTVPR", text("PRDR0100", 8), other) == "CPF0C4A"


def test_qszsltpr_lists_products(world):
    given = bytearray(
        image(
            *(("10i0", 1), ("10a", "*ALL"), ("1a", "1"), ("1a", "1"), ("10a", "*ALL")),
            *(("10a", "*INSTLD"), ("10i0", 0)),
        )
    )
    receiver, counts, error = bytearray(400), bytearray(12), error_code()
    p = [receiver, given, text("PRDS0200", 8), bytearray(18), counts, error]
    world.job.call("QSYS", "QSZSLTPR", None, p)
    assert [integer(counts, at) for at in (0, 4, 8)] == [1, 2, 197]
    assert shown(bytes(receiver[:18])) == "5770SS10000 V7R5M0"
    assert bytes(receiver[197:]) == bytes(203)


def test_qpzrtvfx_finds_no_fix(world):
    given = bytearray(image(("7a", "SI12345"), ("7a", "*ONLY"), ("6a", ""), ("30a", "")))
    assert refused(world, "QPZRTVFX", given, text("PTFR0100", 8)) == "CPF6602"


def test_qtocnetsts_knows_the_loopback(world):
    made = receive(world, "QTOCNETSTS", 752, text("TCPA0300", 8), function="QtocRtvTCPA")
    assert integer(made, 4) == 752
    assert shown(made[176:240]) == "epmsim"
    request = bytearray(image(("10i0", 1), ("10i0", 0x7F000001)))
    made = receive(
        world, "QTOCNETSTS", 600, text("NIFD0100", 8), request, function="QtocRtvNetIfcDta"
    )
    assert shown(made[8:23]) == "127.0.0.1"
    assert shown(made[48:58]) == "*LOOPBACK"
    assert shown(made[96:111]) == "255.0.0.0"
    other = bytearray(image(("10i0", 1), ("10i0", 0x0A000001)))
    assert (
        refused(world, "QTOCNETSTS", text("NIFD0100", 8), other, function="QtocRtvNetIfcDta")
        == "TCP84C6"
    )


@pytest.mark.parametrize(
    ("function", "given", "result"),
    [("cos", [0.0], 1.0), ("pow", [2.0, 10.0], 1024.0), ("sqrt", [-1.0], math.nan)],
)
def test_qc2util2_computes(world, function, given, result):
    p = [bytearray(struct.pack(">d", value)) for value in given]
    (made,) = struct.unpack(">d", world.job.call("QSYS", "QC2UTIL2", function, p))
    assert made == result or (math.isnan(made) and math.isnan(result))


def change_list(world, current, libraries, count=None):
    error = error_code()
    names = bytearray(b"".join(encode_text(name, 11) for name in libraries) or bytes(11))
    same = text("*SAME", 11)
    size = number(len(libraries) if count is None else count)
    world.job.call("QSYS", "QLICHGLL", None, [text(current, 11), same, same, names, size, error])
    return told(error)


def test_qlichgll_replaces_the_user_part_and_the_current_library(world):
    assert change_list(world, "XMLSERVICE", ["QIWS", "QGPL"]) == ""
    assert world.job.state.user_libraries == ["QIWS", "QGPL"]
    assert world.job.state.current_library == "XMLSERVICE"
    assert change_list(world, "*CRTDFT", [], -1) == ""
    assert world.job.state.user_libraries == ["QIWS", "QGPL"]
    assert world.job.state.current_library is None


@pytest.mark.parametrize(
    ("current", "libraries", "message"),
    [
        ("*SAME", ["NOLIB"], "CPF9810"),
        ("NOLIB", ["QGPL"], "CPF9810"),
        ("*SAME", ["QGPL", "QGPL"], "CPF2184"),
    ],
)
def test_qlichgll_refused_changes_nothing(world, current, libraries, message):
    before = list(world.job.state.user_libraries)
    assert change_list(world, current, libraries) == message
    assert world.job.state.user_libraries == before


def test_qclrdtaq_removes_every_entry(world):
    world.ok("CRTDTAQ DTAQ(QGPL/Q) MAXLEN(10)")
    send = [text("Q", 10), text("QGPL", 10), bytearray(b"\x00\x00\x3f"), text("abc", 3)]
    world.job.call("QSYS", "QSNDDTAQ", None, send)
    queue = world.system.state.object("QGPL", "Q", "*DTAQ").data
    assert len(queue.entries) == 1
    world.job.call("QSYS", "QCLRDTAQ", None, [text("Q", 10), text("QGPL", 10)])
    assert not queue.entries


def test_rtvobjd_returns_a_description(world):
    made = world.ok("RTVOBJD OBJ(XMLSERVICE/ZZCALL) OBJTYPE(*PGM) RTNLIB(?) OBJATR(?) USECOUNT(?N)")
    assert made.returned == {"RTNLIB": "XMLSERVICE", "OBJATR": "RPGLE", "USECOUNT": "0"}
    outcome = world.job.command("RTVOBJD OBJ(QGPL/NO) OBJTYPE(*PGM) RTNLIB(?)")
    assert outcome.messages[-1].id == "CPF9801"


@pytest.mark.parametrize("command", ["WRKSYSSTS", "WRKACTJOB"])
def test_listings_say_where_they_end(world, command):
    assert "E N D  O F  L I S T I N G" in world.ok(command).output[-1]


def test_a_procedure_may_have_a_result_set(world):
    statement = world.job.sql().prepare("call qsys2.tcpip_info()")
    statement.execute(())
    (row,) = statement.fetch(5)
    assert row[1] == "EPMSIM"
    assert [column.name for column in statement.columns][:2] == [
        "COLLECTED_TIME",
        "LOCAL_HOST_NAME",
    ]


def test_statistics_begin_with_the_table(world):
    cursor = world.job.sql().catalogue("statistics", [None, "QIWS", "QCUSTCDT", "all"])
    first = cursor.fetch(1)[0]
    assert first[1:3] == ["QIWS", "QCUSTCDT"]
    assert first[6] == "0"
    assert int(first[10]) > 5


def test_a_blob_parameter_is_hex(world):
    sql = world.job.sql()
    sql.prepare("create table qtemp/b (p blob(100), t char(3) for bit data)").execute(())
    sql.prepare("insert into qtemp/b values(?, ?)").execute(("C1FF", "abc"))
    found = sql.prepare("select * from qtemp/b")
    found.execute(())
    assert found.fetch(1) == [[b"\xc1\xff", b"\x81\x82\x83"]]


def test_a_catalogue_pattern_is_never_slow(world):
    name = "A" * 100
    sql = world.job.sql()
    sql.prepare(f"create table qgpl/{name} (n integer)").execute(())
    cursor = sql.catalogue("tables", [None, "QGPL", "%A" * 60 + "B", None])
    assert cursor.fetch(9) == []
    assert len(sql.catalogue("tables", [None, "QGPL", "A%A_%", None]).fetch(9)) == 1
