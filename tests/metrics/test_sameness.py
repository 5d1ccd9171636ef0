"""Electrodes that sit elsewhere show in the level of the same light task."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.metrics.sameness import LightLevel, sameness

LEFT, RIGHT = ("gluteus_maximus/left", "bridge"), ("gluteus_maximus/right", "bridge")


def of(*levels, task=LEFT):
    return [LightLevel(str(day), task, level) for day, level in enumerate(levels)]


@pytest.mark.parametrize(
    ("level", "word"),
    [(100, "same"), (159, "same"), (161, "amber"), (61, "same"), (59, "amber"), (201, "red"), (49, "red")],
)
def test_limits_against_the_median_of_earlier_days(level, word):
    assert sameness(of(90, 100, 110, level))["3"] == word


def test_the_first_days_cannot_be_judged():
    assert sameness(of(100, 300)) == {}
    assert set(sameness(of(100, 100, 100))) == {"2"}


def test_a_red_day_moves_nothing():
    assert sameness(of(100, 100, 500, 100, 500)) == {"2": "red", "3": "same", "4": "red"}


def test_the_worst_electrode_speaks_for_the_session():
    assert sameness([*of(100, 100, 100), *of(100, 100, 300, task=RIGHT)]) == {"2": "red"}
    assert sameness([*of(100, 100, 300, task=RIGHT), *of(100, 100, 100)]) == {"2": "red"}


def test_other_tasks_are_not_compared():
    assert sameness([*of(100, 100), *of(300, 300, task=RIGHT)]) == {}


def test_two_sets_of_a_session_count_once():
    twice = [item for item in of(100, 100) for _ in range(3)]
    assert set(sameness([*twice, LightLevel("2", LEFT, 100)])) == {"2"}


@given(st.lists(st.floats(1e-3, 1e6), max_size=12), st.floats(1e-2, 1e2))
def test_the_unit_does_not_matter(levels, factor):
    first, scaled = sameness(of(*levels)), sameness(of(*(factor * level for level in levels)))
    assert set(first) == set(scaled)
