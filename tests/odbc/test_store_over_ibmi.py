"""The store's own scenarios, through ``ibmi://``: the dialect, pyodbc, unixODBC, a real driver.

They are the tests of :mod:`tests.db`, run again with this folder's ``store`` and ``url``. Behind
the driver is PostgreSQL, so what this proves is the plumbing; see ``docs/store.md``.
"""

# ruff: noqa: F401 - imported to be collected here, with the fixtures that they use

from __future__ import annotations

import pytest

from tests.db.test_activity import (
    activity,
    test_equal_calls_share_a_row_whatever_their_time,
    test_messages_come_back_newest_first_page_by_page,
    test_only_so_many_are_kept_and_the_oldest_go,
    test_programs_that_capture_at_the_same_time_lose_no_count,
)
from tests.db.test_activity_lists import (
    lists,
    test_a_list_is_paged_down_and_up_again_without_a_gap,
)
from tests.db.test_history import (
    chained,
    test_a_change_says_who_when_where_what_and_why,
    test_changes_wait_for_the_journal_until_they_are_marked,
    test_labels_that_no_column_takes_are_cut_and_still_chained,
)
from tests.db.test_pages import (
    test_revisions_are_paged_both_ways,
    test_the_changes_of_a_revision_are_in_their_order_and_paged_both_ways,
    test_the_users_of_a_group_are_the_rules_that_name_it,
    test_usage_is_that_of_the_rules_as_they_are_now,
)
from tests.db.test_schema import (
    test_a_failed_migration_changes_nothing,
    test_a_newer_schema_is_refused_and_left_alone,
    test_down_and_up_again_on_a_filled_store_keeps_the_rules,
)
from tests.db.test_store import (
    hundred,
    test_a_reader_in_the_middle_of_saves_never_sees_half_of_one,
    test_a_saved_rule_set_comes_back_exactly,
    test_a_subset_by_description_ignores_case_and_takes_every_character_as_it_is,
    test_a_targeted_edit_conflicts_just_the_same,
    test_a_writer_who_saw_an_older_revision_is_told_by_whom_it_was_changed,
    test_an_outline_tells_of_a_system_without_its_rules,
    test_every_revision_can_be_loaded_as_it_was,
    test_nobodys_edit_is_lost_when_four_edit_at_once,
    test_pages_go_forward_and_backward_by_sequence,
    test_targeted_edits_change_just_what_they_name,
    test_the_clock_is_the_callers_and_kept_in_utc,
)

pytestmark = pytest.mark.real
