"""DSPJRN and CPYAUDJRNE: what each keyword selects, each outfile format, each type's outfile."""

import pytest

from simulators.xmlservice.host import SqlFailedError


def add(world, type_="SK", code="T", data=b"\xc1", program="*NONE"):
    state = world.system.state
    origin = world.job.state.origin(program, "QSYS")
    return state.audit_journal.append(code, type_, data, origin, state.now())


@pytest.fixture
def journal(world):
    """One J/PR at 10:00, then an entry every minute: T/SK, U/NR, T/GR, T/SK of EPMUSER."""
    for type_, code, program in (("SK", "T", "PGMA"), ("NR", "U", "PGMB"), ("GR", "T", "PGMA")):
        world.tick(minutes=1)
        add(world, type_, code, program=program)
    world.tick(minutes=1)
    add(world.as_user("EPMUSER"))
    return world


def shown(world, keywords):
    lines = world.ok(f"DSPJRN JRN(QAUDJRN) {keywords}").output[1:]
    return [int(line.split()[0]) for line in lines]


@pytest.mark.parametrize(
    ("keywords", "sequences"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("JRNCDE(T)", [2, 4, 5]),
        ("JRNCDE((T *ALLSLT) (J))", [1, 2, 4, 5]),
        ("ENTTYP(SK GR)", [2, 4, 5]),
        ("ENTTYP(*ALL) JRNCDE(*ALL)", [1, 2, 3, 4, 5]),
        ("NBRENT(2)", [1, 2]),
        ("FROMENT(3) TOENT(4)", [3, 4]),
        ("FROMENTLRG(4)", [4, 5]),
        ("FROMTIME(112126 100200)", [3, 4, 5]),
        ("FROMTIME('11/21/2026' '10:03:00')", [4, 5]),
        ("TOTIME(112126 100100)", [1, 2]),
        ("FROMTIME(*FIRST) TOTIME(*LAST)", [1, 2, 3, 4, 5]),
        ("USRPRF(EPMUSER)", [5]),
        ("PGM(PGMA)", [2, 4]),
        ("JOB(000001/EPMADM/QSQSRVR)", [2, 3, 4]),
        ("JOB(*)", [2, 3, 4]),
        ("JOB(QSQSRVR)", [2, 3, 4, 5]),
    ],
)
def test_each_keyword_selects(journal, keywords, sequences):
    assert shown(journal, keywords) == sequences


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ("JRNCDE(U) ENTTYP(SK)", "CPF7062"),
        ("FROMENT(4) TOENT(3)", "CPF7054"),
        ("FROMTIME(112226) TOTIME(112126)", "CPF7054"),
        ("FROMTIME(139999 999999)", "CPF0006"),
        ("JRNCDE(TT)", "CPF0006"),
        ("ENTTYP('S*')", "CPF0006"),
        ("OUTPUT(*OUTFILE)", "CPF0006"),
        ("OUTPUT(*FILE)", "CPF0006"),
        ("RCVRNG(A B C)", "CPF7053"),
    ],
)
def test_what_selects_nothing_or_is_no_selection(journal, keywords, message):
    assert journal.fails(f"DSPJRN JRN(QAUDJRN) {keywords}") == message


@pytest.mark.parametrize(
    ("form", "begin", "prefix"),
    [
        ("*TYPE1", "JODATE", 125),
        ("*TYPE2", "JODATE", 155),
        ("*TYPE3", "JOTSTP", 169),
        ("*TYPE4", "JOTSTP", 223),
        ("*TYPE5", "JOTSTP", 609),
    ],
)
def test_each_format_has_its_fields_and_its_length(journal, form, begin, prefix):
    journal.ok(
        f"DSPJRN JRN(QAUDJRN) ENTTYP(SK) OUTPUT(*OUTFILE) OUTFILFMT({form}) OUTFILE(QGPL/OUT)"
        " ENTDTALEN(*CALC)"
    )
    columns = journal.sql(
        "SELECT COLUMN_NAME, DATA_TYPE, LENGTH FROM QSYS2.SYSCOLUMNS"
        " WHERE TABLE_SCHEMA = 'QGPL' AND TABLE_NAME = 'OUT' ORDER BY ORDINAL_POSITION"
    )
    assert (columns[4][0], columns[-1][0]) == (begin, "JOESD")
    # The fields before the data fill the record; *TYPE4 and *TYPE5 keep the data's length there.
    known = sum(int(length) for _, _, length in columns[:-1])
    assert known + (4 if form in ("*TYPE4", "*TYPE5") else 0) == prefix
    rows = journal.sql("SELECT JOENTL, JOSEQN, JOENTT, JOUSER, HEX(JOESD) FROM QGPL.OUT")
    assert [(r[0], int(r[1]), *r[2:]) for r in rows] == [
        (str(prefix + 1), 2, "SK", "EPMADM    ", "C1"),
        (str(prefix + 1), 5, "SK", "EPMUSER   ", "C1"),
    ]


def test_an_outfile_is_replaced_or_added_to(journal):
    text = "DSPJRN JRN(QAUDJRN) ENTTYP(SK) OUTPUT(*OUTFILE) OUTFILFMT(*TYPE5) OUTFILE(QGPL/OUT)"
    journal.ok(text)
    journal.ok(text)
    assert journal.sql("SELECT COUNT(*) FROM QGPL.OUT") == [["2"]]
    journal.ok(f"{text} OUTMBR(*FIRST *ADD)")
    assert journal.sql("SELECT COUNT(*) FROM QGPL.OUT") == [["4"]]
    other = text.replace("*TYPE5", "*TYPE1")
    assert journal.fails(f"{other} OUTMBR(*FIRST *ADD)") == "CPF9898"


def test_data_longer_than_the_record_are_cut_with_a_warning(world):
    add(world, data=b"\xc1\xc2\xc3")
    outcome = world.ok(
        "DSPJRN QAUDJRN ENTTYP(SK) OUTPUT(*OUTFILE) OUTFILFMT(*TYPE5) OUTFILE(QGPL/OUT)"
        " ENTDTALEN(2)"
    )
    assert "CPF7060" in [m.id for m in outcome.messages]
    assert world.sql("SELECT HEX(JOESD), JOENTL FROM QGPL.OUT") == [["C1C2", "611"]]


def test_cpyaudjrne_copies_each_type_to_a_file_of_its_own(journal):
    journal.ok("CPYAUDJRNE ENTTYP(SK GR) OUTFILE(QGPL/AUD)")
    assert journal.sql("SELECT JOSEQN, SKTYPE FROM QGPL.AUDSK") == [
        [f"{2:020d}", "A"],
        [f"{5:020d}", "A"],
    ]
    assert journal.sql("SELECT JOENTT, HEX(JOESD) FROM QGPL.AUDGR") == [["GR", "C1"]]
    journal.ok("CPYAUDJRNE ENTTYP(SK) USRPRF(EPMUSER) JRNRCV(*CURCHAIN) FROMTIME(112126 100000)")
    assert journal.sql("SELECT JOUSPF FROM QTEMP/QAUDITSK") == [["EPMUSER   "]]
    assert journal.fails("CPYAUDJRNE ENTTYP(PW)") == "CPF7062"
    assert journal.fails("CPYAUDJRNE ENTTYP(SK) OUTFILE(QGPL/TOOLONGNAM)") == "CPF0006"
    assert journal.as_user("EPMUSER").fails("CPYAUDJRNE ENTTYP(SK)") == "CPF222E"


def test_audit_journal_sk_begins_yesterday_unless_it_is_told(world):
    base = "SELECT SEQUENCE_NUMBER FROM TABLE(SYSTOOLS.AUDIT_JOURNAL_SK({0})) X"
    add(world)
    world.tick(days=2)
    add(world)
    assert world.sql(base.format("")) == [["3"]]
    assert world.sql(base.format("STARTING_SEQUENCE => 1")) == [["2"], ["3"]]
    with pytest.raises(SqlFailedError, match="exclude each other"):
        world.sql(base.format("STARTING_SEQUENCE => 1, STARTING_TIMESTAMP => '2026-11-21'"))


def test_display_journal_has_all_its_parameters(journal):
    base = "SELECT SEQUENCE_NUMBER FROM TABLE(QSYS2.DISPLAY_JOURNAL('QSYS', 'QAUDJRN', {0})) X"
    assert journal.sql(base.format("JOB => '000001/EPMADM/QSQSRVR', PROGRAM => 'PGMB'")) == [["3"]]
    assert len(journal.sql(base.format("INCLUDE_INTERNAL => 'NO', EOF_DELAY => 0"))) == 5
    assert journal.sql(base.format("COMMIT_CYCLE => 7")) == []
    assert journal.sql(base.format("OBJECT_LIBRARY => 'QGPL', OBJECT_NAME => 'X'")) == []
    with pytest.raises(SqlFailedError, match="GENERATE_SYSLOG"):
        journal.sql(base.format("GENERATE_SYSLOG => 'RFC5424'"))
