"""Pages of the history, and who names a group: as the whole rule set would say it."""

from __future__ import annotations

import pytest

from db.group_usage import group_usage, group_users
from db.revision_pages import Subset, change_page, revision_page
from db.store import Store
from db.values import Part
from epm import edits
from epm.model import RuleSet, Server
from tests.db.sample import LOCAL, full, save, with_rule
from tests.support.builders import groups, rule, rule_set

KINDS = {
    Part.ADDRESS_GROUP: "addresses", Part.NAME_GROUP: "names", Part.PORT_GROUP: "ports",
}  # fmt: skip
NAMED = groups(
    {"NET": (["10.0.0.0/8"], []), "WEB": (["192.0.2.0/24"], [])},
    {"OPS": ["ALICE"]},
    {"WEB": ["80"], "UNUSED": ["1"]},
)


# ------------------------------------------------------------------------------- history


def _revisions(store, count=6):
    """Revisions 2 to ``count`` + 1, each of one rule: QSOACCEPT 10, 20, 10, 20 ..."""
    ruleset = RuleSet()
    for n in range(count):
        ruleset = with_rule(ruleset, 10 + 10 * (n % 2), name=f"name {n}")
        save(store, ruleset)


def _page(store, start, count, **options):
    return [made.number for made in revision_page(store, LOCAL, start, count, **options)]


def test_revisions_are_paged_both_ways(store):
    _revisions(store)
    assert _page(store, 10**9, 3) == [7, 6, 5]
    assert _page(store, 4, 3) == [4, 3, 2]
    assert _page(store, 5, 2, newer=True) == [6, 5]
    assert _page(store, 8, 5) == _page(store, 7, 5)
    assert _page(store, 8, 5, newer=True) == []


def test_a_page_says_the_same_as_the_whole_history(store):
    _revisions(store)
    assert revision_page(store, LOCAL, 10**9, 100) == store.revisions(LOCAL)


def test_a_subset_has_the_revisions_of_one_rule_or_server_only(store):
    _revisions(store)
    ten = Subset(Server.ACCEPT, 10)
    assert _page(store, 10**9, 9, subset=ten) == [6, 4, 2]
    assert _page(store, 5, 1, subset=ten) == [4]
    assert _page(store, 3, 9, newer=True, subset=ten) == [6, 4]
    assert _page(store, 10**9, 9, subset=Subset(seq=20)) == [7, 5, 3]
    assert _page(store, 10**9, 9, subset=Subset(Server.ACCEPT)) == [7, 6, 5, 4, 3, 2]
    assert _page(store, 10**9, 9, subset=Subset(Server.LISTEN)) == []
    ruleset = store.load(LOCAL).ruleset
    save(store, edits.with_activation(ruleset, Server.LISTEN, True))  # no change of a rule
    assert _page(store, 10**9, 9, subset=Subset(Server.LISTEN)) == []
    assert _page(store, 10**9, 1) == [8]


def _places(store, revision, start, count, **options):
    return [place for place, _ in change_page(store, LOCAL, revision, start, count, **options)]


def test_the_changes_of_a_revision_are_in_their_order_and_paged_both_ways(store):
    _revisions(store, 2)
    number = save(store, full())
    save(store, RuleSet())
    everything = change_page(store, LOCAL, number, 1, 100)
    made = store.history(LOCAL, revision=number)
    assert [change for _, change in everything] == made[::-1]
    assert [place for place, _ in everything] == list(range(1, len(made) + 1))
    assert _places(store, number, 2, 3) == [2, 3, 4]
    assert _places(store, number, 4, 2, backward=True) == [3, 4]
    assert _places(store, number, 1, 5, backward=True) == [1]
    assert _places(store, number, 10**9, 2, backward=True) == [len(made) - 1, len(made)]
    assert _places(store, number, len(made) + 1, 5) == []
    assert _places(store, 1, 1, 5) == [1]
    assert _places(store, 99, 1, 5) == []


# -------------------------------------------------------------------------------- groups


def _ruleset():
    accept = rule_set(
        rule(10, "RMTADDR GRP NET", "AND LCLADDR NGRP NET"),
        rule(20, "USER GRP OPS", "OR RMTPORT GRP WEB", "OR RMTADDR GRP  WEB "),
        rule(30, "USER EQ NET", "AND RMTADDR EQ net.example"),
        groups=NAMED,
    )
    connect = rule_set(rule(10, "RMTADDR GRP NET"), rule(40, "GRPPRF NGRP OPS"),
                       server=Server.CONNECT).servers[Server.CONNECT]  # fmt: skip
    return edits.with_server(accept, Server.CONNECT, connect)


def _expected(ruleset):
    return {
        (part, name): len(edits.group_users(ruleset, kind, name))
        for part, kind in KINDS.items()
        for name in getattr(ruleset.groups, kind)
        if edits.group_users(ruleset, kind, name)
    }


def test_usage_is_that_of_the_rules_as_they_are_now(store):
    assert group_usage(store, LOCAL) == {}
    save(store, _ruleset())
    assert group_usage(store, LOCAL) == _expected(_ruleset())
    assert group_usage(store, LOCAL)[Part.ADDRESS_GROUP, "NET"] == 2
    changed = edits.change_rule(_ruleset(), Server.ACCEPT, rule(10, "RMTADDR GRP WEB"))
    save(store, changed)
    assert group_usage(store, LOCAL) == _expected(changed)
    assert group_usage(store, LOCAL)[Part.ADDRESS_GROUP, "NET"] == 1


def test_usage_is_that_of_one_system(store):
    store.create_system("OTHER", store.revisions(LOCAL)[0].who)
    save(store, _ruleset())
    assert group_usage(store, "OTHER") == {}


@pytest.mark.parametrize("part", KINDS)
def test_the_users_of_a_group_are_the_rules_that_name_it(store, part):
    ruleset = _ruleset()
    save(store, ruleset)
    for name in getattr(ruleset.groups, KINDS[part]):
        found = [
            f"{server} rule {user.seq}"
            for server in ruleset.servers
            for user in group_users(store, LOCAL, part, name, server, 1, 100)
        ]
        assert found == list(edits.group_users(ruleset, KINDS[part], name))


def test_users_are_whole_rules_paged_both_ways(sqlite_store: Store):
    rules = [rule(n, "RMTADDR GRP NET", "AND LCLPORT EQ 22") for n in range(10, 100, 10)]
    save(sqlite_store, rule_set(*rules, groups=NAMED))

    def page(start, count, **options):
        return group_users(
            sqlite_store, LOCAL, Part.ADDRESS_GROUP, "NET", Server.ACCEPT, start, count, **options
        )

    assert page(15, 2) == rules[1:3]
    assert [r.seq for r in page(35, 2, backward=True)] == [20, 30]
    assert page(95, 5) == []
