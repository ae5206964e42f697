"""The registration table: ADDEXITPGM, RMVEXITPGM and what WRKREGINF lists."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.errors import EpmError, SettingsError
from epm.model import Server
from exitprograms.registry import (
    MAX_NUMBER,
    Registry,
    Special,
    add_exit_program,
    remove_exit_program,
)

ACCEPT = ("QIBM_QSO_ACCEPT", "ACPT0100")


def add(registry, number, program="EPM/EPMACCEPT", **options):
    return add_exit_program(registry, *ACCEPT, number, program, **options)


def numbers(registry):
    return [p.number for p in registry.programs_of(Server.ACCEPT)]


def test_it_is_shipped_with_the_three_socket_exit_points_and_no_program():
    assert [(p.name, p.format_name, p.registered, p.programs) for p in Registry()] == [
        ("QIBM_QSO_ACCEPT", "ACPT0100", True, ()),
        ("QIBM_QSO_CONNECT", "CONN0100", True, ()),
        ("QIBM_QSO_LISTEN", "LSTN0100", True, ()),
    ]


def test_adding_gives_another_table_and_leaves_the_first():
    before = Registry()
    after = add(before, 10, text="Socket rules")
    (program,) = after.programs_of(Server.ACCEPT)
    assert (program.number, program.qualified, program.text) == (
        10,
        "EPM/EPMACCEPT",
        "Socket rules",
    )
    assert numbers(before) == []


def test_programs_stand_in_the_order_of_their_calls_lowest_number_first():
    registry = Registry()
    for number in (30, 10, 20):
        registry = add(registry, number)
    assert numbers(registry) == [10, 20, 30]


def test_low_and_high_take_the_lowest_and_the_highest_free_number():
    registry = Registry()
    for number in (1, Special.LOW, Special.HIGH, Special.HIGH, 3, Special.LOW):
        registry = add(registry, number)
    assert numbers(registry) == [1, 2, 3, 4, MAX_NUMBER - 1, MAX_NUMBER]


def test_a_number_in_use_is_refused_unless_replaced():
    registry = add(Registry(), 10)
    with pytest.raises(SettingsError, match=r"number 10 is in use .* REPLACE\(\*YES\)"):
        add(registry, 10, "QGPL/OTHER")
    replaced = add(registry, 10, "QGPL/OTHER", replace_existing=True)
    assert [p.qualified for p in replaced.programs_of(Server.ACCEPT)] == ["QGPL/OTHER"]


def test_replace_adds_where_there_is_nothing_to_replace():
    assert numbers(add(Registry(), 10, replace_existing=True)) == [10]


@pytest.mark.parametrize("number", [0, -1, MAX_NUMBER + 1])
def test_a_number_out_of_range_is_refused(number):
    with pytest.raises(SettingsError, match=r"PGMNBR\("):
        add(Registry(), number)


@pytest.mark.parametrize("number", [1, MAX_NUMBER])
def test_the_ends_of_the_range_are_taken(number):
    assert numbers(add(Registry(), number)) == [number]


def test_names_are_folded_and_the_current_library_is_qgpl():
    registry = add_exit_program(Registry(), "qibm_qso_accept", "acpt0100", 1, "mypgm")
    registry = add_exit_program(registry, *ACCEPT, 2, "*CURLIB/mypgm")
    assert [p.qualified for p in registry.programs_of(Server.ACCEPT)] == ["QGPL/MYPGM"] * 2


@pytest.mark.parametrize(
    "program", ["", "/", "EPM/", "/PGM", "A/B/C", "TOOLONGNAME1", "1ABC", "AB C", "A\n"]
)
def test_a_malformed_program_name_is_refused(program):
    with pytest.raises(SettingsError, match="PGM"):
        add(Registry(), 1, program)


def test_a_text_is_at_most_50_characters_and_plain():
    assert add(Registry(), 1, text="x" * 50)
    with pytest.raises(SettingsError, match="51 characters"):
        add(Registry(), 1, text="x" * 51)
    with pytest.raises(EpmError, match="not allowed"):
        add(Registry(), 1, text="a\x1b[2Jb")


def test_a_full_exit_point_is_cpf3cd4_but_replacing_still_works():
    registry = Registry()
    limited = replace(registry.point(*ACCEPT), maximum=1)
    registry = Registry(MappingProxyType({**registry.points, ACCEPT: limited}))
    registry = add(registry, 5)
    with pytest.raises(SettingsError, match="CPF3CD4"):
        add(registry, 6)
    assert numbers(add(registry, 5, "QGPL/NEW", replace_existing=True)) == [5]


def test_an_unknown_exit_point_is_refused_or_made_unregistered():
    with pytest.raises(SettingsError, match="does not exist"):
        add_exit_program(Registry(), "MY_POINT", "FMT00100", 1, "P")
    made = add_exit_program(Registry(), "MY_POINT", "FMT00100", 1, "P", create=True)
    assert made.point("MY_POINT", "FMT00100").registered is False


def test_the_format_belongs_to_the_exit_point():
    with pytest.raises(SettingsError, match="CONN0100 does not exist"):
        add_exit_program(Registry(), "QIBM_QSO_ACCEPT", "CONN0100", 1, "P")


def test_removing_takes_one_number():
    registry = add(add(Registry(), 10), 20)
    assert numbers(remove_exit_program(registry, *ACCEPT, 10)) == [20]


def test_removing_what_is_not_there_is_refused():
    with pytest.raises(SettingsError, match="no exit program number 10"):
        remove_exit_program(Registry(), *ACCEPT, 10)
    with pytest.raises(SettingsError, match="is not registered"):
        remove_exit_program(Registry(), "NO_POINT", "FMT00100", 10)


@given(st.lists(st.integers(1, 6) | st.sampled_from(list(Special)), max_size=12))
def test_numbers_are_always_unique_and_ascending(wanted):
    registry = Registry()
    for number in wanted:
        registry = add(registry, number, replace_existing=True)
    assert numbers(registry) == sorted(set(numbers(registry)))


@given(st.lists(st.integers(1, 2**31 - 1), unique=True, min_size=1, max_size=8))
def test_removing_undoes_adding(wanted):
    registry = Registry()
    for number in wanted:
        before, registry = registry, add(registry, number)
        assert remove_exit_program(registry, *ACCEPT, number) == before
