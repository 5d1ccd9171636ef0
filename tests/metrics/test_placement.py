"""The placement of electrodes, told by light reference tasks."""

import math

from hypothesis import given
from hypothesis import strategies as st

from emgmon.metrics.placement import placements

USUAL = {"gluteus_maximus/left": 40.0, "biceps_femoris/left": 60.0}


def with_gain(gain):
    return {**USUAL, "biceps_femoris/left": 60.0 * gain}


def test_limits_are_those_of_the_table_either_way():
    for gain, word in ((1.0, "same"), (1.55, "same"), (1.7, "amber"), (0.6, "amber"), (2.1, "red"), (0.45, "red")):
        assert placements([USUAL, USUAL, USUAL, with_gain(gain)])[-1] == word


def test_the_first_days_are_not_judged():
    assert placements([USUAL, with_gain(3.0), USUAL]) == ["", "", ""]
    assert placements([]) == []


def test_a_red_day_does_not_move_what_is_usual():
    days = [USUAL] * 3 + [with_gain(2.5)] * 6 + [USUAL]
    assert placements(days) == ["", "", ""] + ["red"] * 6 + ["same"]


def test_a_task_that_is_new_or_was_not_taken_says_nothing():
    assert placements([USUAL, USUAL, USUAL, {"erector_spinae/left": 9.0}, {}])[-2:] == ["", ""]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.floats(), max_size=3), max_size=12), st.floats(0.01, 100.0))
def test_any_levels_give_words_and_a_gain_of_all_days_changes_none(days, gain):
    words = placements(days)
    assert len(words) == len(days)
    assert set(words) <= {"", "same", "amber", "red"}
    sane = [{task: 1.0 + abs(math.sin(level)) for task, level in day.items() if math.isfinite(level)} for day in days]
    assert placements(sane) == placements([{task: gain * level for task, level in day.items()} for day in sane])
