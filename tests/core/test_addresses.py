"""Addresses: one number axis, canonical texts only, CIDR and ranges (contract 3.8, 3.9)."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.addresses import (
    AXIS_END,
    V6_BASE,
    Host,
    Span,
    format_address,
    format_range,
    from_v4,
    from_v6,
    is_v6,
    parse_address,
    parse_span,
    parse_span_or_host,
)
from epm.errors import ConditionError
from epm.text import refuse_controls

MAPPED = 0xFFFF << 32
v4_numbers = st.integers(0, 2**32 - 1) | st.sampled_from((0, 1, 2**31, 2**32 - 1))
v6_numbers = (
    st.integers(0, 2**128 - 1)
    | st.integers(0, 2**33)  # compatible and near the mapped block
    | st.sampled_from((MAPPED - 1, MAPPED + 2**32, 2**128 - 1))
).filter(lambda n: n >> 32 != 0xFFFF)
axis_numbers = v4_numbers.map(from_v4) | v6_numbers.map(from_v6)


# ------------------------------------------------------------------------------- one address


@given(axis_numbers)
def test_a_formatted_address_reads_back_as_itself(number: int) -> None:
    assert parse_address(format_address(number)) == number


@given(v6_numbers)
def test_every_spelling_of_an_ipv6_address_is_the_same_number(number: int) -> None:
    address = ipaddress.IPv6Address(number)
    spellings = {str(address), address.exploded, str(address).upper(), f"{address}%eth0"}
    assert {parse_address(x) for x in spellings} == {from_v6(number)}


@given(v4_numbers)
def test_an_ipv4_mapped_address_is_its_ipv4_address(number: int) -> None:
    dotted = str(ipaddress.IPv4Address(number))
    hexadecimal = str(ipaddress.IPv6Address(MAPPED + number))
    exploded = ipaddress.IPv6Address(MAPPED + number).exploded
    for text in (f"::ffff:{dotted}", f"::FFFF:{dotted}", hexadecimal, exploded):
        assert parse_address(text) == number, text


@given(v4_numbers, v6_numbers)
def test_every_ipv6_address_is_above_every_ipv4_address(low: int, high: int) -> None:
    assert from_v4(low) < from_v6(high) <= AXIS_END
    assert not is_v6(from_v4(low))
    assert is_v6(from_v6(high))


def test_the_ends_of_the_axis() -> None:
    assert parse_address("0.0.0.0") == 0
    assert parse_address("255.255.255.255") == V6_BASE - 1
    assert parse_address("::") == V6_BASE
    assert parse_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == AXIS_END


@pytest.mark.parametrize("text", ["::fffe:a00:1", "::1:ffff:a00:1", "::10.0.0.1", "::ffff:0:a00:1"])
def test_addresses_beside_the_mapped_block_stay_ipv6(text: str) -> None:
    assert is_v6(parse_address(text))


@pytest.mark.parametrize(
    "text", ["fe80::1%eth0", "fe80::1%1", "fe80::1%en0.100", "fe80::1%br-lan", "FE80::1%wg_0"]
)
def test_a_zone_is_dropped(text: str) -> None:
    assert parse_address(text) == parse_address("fe80::1")


#: Texts that other parsers take for some machine, often for different ones.
NOT_CANONICAL = [
    "010.0.0.1",
    "012.0.0.1",
    "10.0.0.01",
    "0xa.0.0.1",
    "0x0a000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "10.1",
    "10.0.1",
    "167772161",
    "10.0.0.1 ",
    " 10.0.0.1",
    "10.0.0.1\n",
    "\uff11\uff10.0.0.1",
    "10.0.0.\uff11",
    "10\u30020\u30020\u30021",
    "10.0.0.256",
    "10.0.0.-1",
    "10.0.0.+1",
    "10.0.0",
    "10.0.0.1.",
    "10..0.1",
    "10.0.0.1.1",
    "1e1.0.0.1",
    "10.0.0.1%eth0",
    "[::1]",
    "::1::",
    ":::",
    "::12345",
    "::g",
    "::ffff:010.0.0.1",
    "::ffff:10.1",
    "::ffff:0xa.0.0.1",
    "::\uff11",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "fe80::1%",
    "fe80::1%a%b",
    "fe80::1%a b",
    "fe80::1%\x1b[2J",
    "fe80::1%a\n",
    "",
    " ",
    ".",
    ":",
    "True",
]


@pytest.mark.parametrize("text", NOT_CANONICAL)
def test_a_text_that_is_not_canonical_is_no_address(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_address(text)


@given(st.text(st.sampled_from("0123456789.:abfx%-/ \u0661\uff10"), max_size=20))
def test_no_text_is_taken_that_the_standard_library_refuses(text: str) -> None:
    try:
        number = parse_address(text)
    except ConditionError:
        return
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    expected = from_v4(int(mapped or address)) if mapped or address.version == 4 else None
    assert number == (from_v6(int(address)) if expected is None else expected)


# ------------------------------------------------------------------------------ CIDR and range


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("10.0.0.0/8", "10.0.0.0", "10.255.255.255"),
        ("10.9.8.7/8", "10.0.0.0", "10.255.255.255"),
        ("10.0.0.1/32", "10.0.0.1", "10.0.0.1"),
        ("10.0.0.1/31", "10.0.0.0", "10.0.0.1"),
        ("0.0.0.0/0", "0.0.0.0", "255.255.255.255"),
        ("10.1.2.3/0", "0.0.0.0", "255.255.255.255"),
        ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::1/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("::1/128", "::1", "::1"),
        ("fe80::1%eth0/127", "fe80::", "fe80::1"),
        ("::ffff:10.1.2.3/104", "10.0.0.0", "10.255.255.255"),
        ("::ffff:10.1.2.3/128", "10.1.2.3", "10.1.2.3"),
        ("::ffff:0:0/96", "0.0.0.0", "255.255.255.255"),
        ("10.0.0.1-10.0.0.9", "10.0.0.1", "10.0.0.9"),
        ("10.0.0.1-10.0.0.1", "10.0.0.1", "10.0.0.1"),
        ("::1-::ff", "::1", "::ff"),
        ("::ffff:10.0.0.1-10.0.0.9", "10.0.0.1", "10.0.0.9"),
        ("10.0.0.1", "10.0.0.1", "10.0.0.1"),
    ],
)
def test_what_a_cidr_or_range_holds(text: str, low: str, high: str) -> None:
    expected = Span(parse_address(low), parse_address(high))
    assert parse_span(text) == parse_span_or_host(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/08",
        "10.0.0.0/ 8",
        "10.0.0.0/\uff18",
        "10.0.0.0/8_",
        "10.0.0.0/0008",
        "10.0.0.0/",
        "10.0.0.0/8/8",
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/0.255.255.255",
        "/8",
        "10.0/16",
        "host.example/8",
        "fe80::1/64%eth0",
        "::ffff:10.0.0.0/80",
        "::ffff:0.0.0.0/95",
        "::ffff:10.0.0.0/129",
        "10.0.0.9-10.0.0.1",
        "::2-::1",
        "10.0.0.1-::2",
        "::1-10.0.0.2",
        "::fffe:0:0-::ffff:0:1",
        "10.0.0.1-10.0.0.2-10.0.0.3",
        "10.0.0.0/8-10.0.0.1",
        "10.0.0.1 - 10.0.0.9",
        "-10.0.0.1",
    ],
)
def test_a_malformed_cidr_or_range_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_span(text)
    with pytest.raises(ConditionError):
        parse_span_or_host(text)


def test_half_a_range_is_no_span() -> None:
    for text in ("10.0.0.1-9", "10.0.0.1-", "10.0.0.1-foo"):
        with pytest.raises(ConditionError):
            parse_span(text)


@given(v4_numbers, st.integers(0, 32))
def test_an_ipv4_cidr_is_the_standard_librarys_network(number: int, prefix: int) -> None:
    text = f"{ipaddress.IPv4Address(number)}/{prefix}"
    network = ipaddress.ip_network(text, strict=False)
    span = parse_span(text)
    assert span.size == network.num_addresses
    assert (span.low, span.high) == (int(network[0]), int(network[-1]))
    assert parse_span(f"::ffff:{ipaddress.IPv4Address(number)}/{prefix + 96}") == span


@given(v6_numbers, st.integers(0, 128))
def test_an_ipv6_cidr_is_the_standard_librarys_network(number: int, prefix: int) -> None:
    text = f"{ipaddress.IPv6Address(number)}/{prefix}"
    network = ipaddress.ip_network(text, strict=False)
    span = parse_span(text)
    assert span.size == network.num_addresses
    assert (span.low - V6_BASE, span.high - V6_BASE) == (int(network[0]), int(network[-1]))


@given(axis_numbers, axis_numbers)
def test_a_formatted_range_reads_back_as_itself(a: int, b: int) -> None:
    if is_v6(a) != is_v6(b):
        return
    span = Span(min(a, b), max(a, b))
    assert parse_span(format_range(span)) == span


# -------------------------------------------------------------------------------- host names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("db.example", "db.example"),
        ("DB.Example", "db.example"),
        ("db.example.", "db.example"),
        ("localhost", "localhost"),
        ("a-b", "a-b"),
        ("a_b.c", "a_b.c"),
        ("10.0.0.1-foo", "10.0.0.1-foo"),
        ("10.0.0.1.example", "10.0.0.1.example"),
        ("1e3", "1e3"),
        ("0x7f.example", "0x7f.example"),
        ("xn--caf-dma.example", "xn--caf-dma.example"),
        ("a" * 63, "a" * 63),
    ],
)
def test_a_host_name_is_kept_in_lower_case(text: str, name: str) -> None:
    assert parse_span_or_host(text) == Host(name)


@pytest.mark.parametrize(
    "text",
    [
        *NOT_CANONICAL[:20],
        "host.1",
        "host.1.",
        "host.0x1f",
        "0x",
        "HOST.0X1F",
        "a.0xyz",
        "foo-10.0.0.1",
        "1",
    ],
)
def test_a_last_label_that_is_numeric_or_begins_with_0x_must_be_an_address(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_span_or_host(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "a..",
        "-a",
        "a-",
        "a.-b",
        "a b",
        "a*",
        "café.example",
        "a\x1b.b",
        "a" * 64,
        ".".join(["a" * 63] * 4),
        "a.²",
        "host%eth0",
    ],
)
def test_a_malformed_host_name_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_span_or_host(text)


def test_a_host_name_of_253_characters_is_the_longest() -> None:
    longest = ".".join(["a" * 63] * 3 + ["b" * 61])
    assert len(longest) == 253
    assert parse_span_or_host(longest) == Host(longest)
    with pytest.raises(ConditionError):
        parse_span_or_host(f"{longest}b")


@given(st.text(max_size=30))
def test_what_is_taken_holds_nothing_that_a_terminal_would_run(text: str) -> None:
    try:
        parse_span_or_host(text)
    except ConditionError:
        return
    assert refuse_controls(text, "value") == text
