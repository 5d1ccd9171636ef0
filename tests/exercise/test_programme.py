"""Stages open by rules, what a person chose goes before them, and every history gives a plan."""

import datetime as dt
import math
from dataclasses import replace
from importlib import resources

import pytest
from histories import FIRST, past
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.errors import CatalogueError
from emgmon.exercise.catalogue import packaged
from emgmon.exercise.programme import CHOICES, DONE_KEY, STAGE_KEY, Chosen, plan
from emgmon.exercise.programme_table import packaged_programme, parse_programme

START = FIRST.date()
GOOD = {"hold_s": 3.0, "reps": 12, "reps_valid": 11, "pain": 1.0}
PROGRAMME = packaged_programme()


def day(number):
    return START + dt.timedelta(days=number)


def bridges(days, exercise="bridge_2leg", **changes):
    return [past(number, {"sdi": 0.1}, exercise=exercise, **{**GOOD, **changes}) for number in days]


def planned(history, number, choices=()):
    return plan(PROGRAMME, packaged(), history, choices, day(number))


def state(found):
    return {seen.stage.id: seen.open for seen in found.stages}


def test_the_first_day_begins_with_what_needs_no_rule():
    found = planned([], 0)
    assert [phase for phase, _items in found.phases] == ["inhibit", "lengthen", "activate"]
    assert state(found) == {stage.id: not stage.after for stage in PROGRAMME.stages}
    assert found.screen_due == "first"
    assert found.phases[2][1][0].exercise.id == "bridge_2leg"


def test_two_good_sessions_of_three_open_the_next_stages():
    assert not state(planned(bridges([0]), 2))["one_leg"]
    good = bridges([0, 4])
    assert state(planned(good, 6))["one_leg"]
    assert state(planned(good, 6))["stand"]
    assert [phase for phase, _items in planned(good, 6).phases] == ["inhibit", "lengthen", "activate", "integrate"]


@pytest.mark.parametrize(
    "spoilt",
    [{"hold_s": 1.0}, {"hold_s": 6.0}, {"hold_s": math.nan}, {"reps_valid": 9}, {"pain": 3.0}, {"exercise": "clam"}],
)
def test_a_session_below_target_does_not_count(spoilt):
    assert not state(planned([*bridges([0]), *bridges([4], **spoilt)], 6))["one_leg"]


def test_pain_that_was_not_told_is_no_reason_to_hold_back():
    assert state(planned(bridges([0, 4], pain=math.nan), 6))["one_leg"]


def test_only_the_last_three_sessions_count_and_sets_of_one_session_are_one():
    poor = {"hold_s": 1.0}
    assert not state(planned([*bridges([0, 2]), *bridges([4, 6], **poor)], 8))["one_leg"]
    twice = [*bridges([0]), *bridges([0], index=2)]
    assert not state(planned(twice, 2))["one_leg"]


def test_what_the_person_chose_goes_before_the_rules():
    key = STAGE_KEY + "one_leg"
    for choice, is_open in (("open", True), ("hold", False), ("skip", False), ("rules", False)):
        assert state(planned([], 0, [Chosen("2026-01-01T00:00:00", key, choice)]))["one_leg"] is is_open
    assert not state(planned(bridges([0, 4]), 6, [Chosen("2026-01-01", key, "hold")]))["one_leg"]
    newest = [Chosen("2026-01-02", key, "rules"), Chosen("2026-01-01", key, "open")]
    assert not state(planned([], 0, newest))["one_leg"]


def test_skipping_a_stage_frees_those_behind_it():
    skipped = [Chosen("2026-01-01", STAGE_KEY + "bridge", "skip")]
    assert state(planned([], 0, skipped))["one_leg"]


def test_the_day_after_a_training_only_rolling_and_stretching_are_proposed():
    assert planned(bridges([0]), 1).rests
    assert [phase for phase, _items in planned(bridges([0]), 1).phases] == ["inhibit", "lengthen"]
    assert not planned(bridges([0]), 2).rests
    again = planned(bridges([0, 1]), 1)
    assert not again.rests
    assert next(item for item in again.phases[2][1] if item.exercise.id == "bridge_2leg").done_today


def test_a_timer_that_ran_is_done_today():
    ran = [Chosen(f"{day(0).isoformat()}T08:00:00+00:00", DONE_KEY, "smr_tfl")]
    first = planned([], 0, ran).phases[0][1][0]
    assert (first.exercise.id, first.done_today, first.last) == ("smr_tfl", True, day(0).isoformat())
    assert not planned([], 1, ran).rests


def test_the_screen_is_due_after_two_to_four_weeks():
    screen = bridges([0], "overhead_squat")
    assert [planned(screen, number).screen_due for number in (1, 13, 14, 27, 28)] == ["", "", "may", "may", "due"]


def test_tension_and_pain_stand_beside_the_index():
    told = [replace(item, tension=5.0) for item in bridges([0])]
    assert planned(told, 2).log[0][2:] == (0.1, 5.0, 1.0)
    assert planned(bridges([0], pain=math.nan), 2).log == ()


def test_what_comes_after_the_day_is_left_aside():
    assert not state(planned(bridges([0, 4]), 3))["one_leg"]


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            past,
            st.floats(0, 60),
            st.just({"sdi": 0.0}),
            exercise=st.sampled_from([*packaged(), "unknown"]),
            hold_s=st.floats(),
            pain=st.floats(),
            reps_valid=st.integers(0, 40),
            started_utc=st.sampled_from(["", "yesterday", "2026-09-10T10:00:00", "2026-09-12"]),
        ),
        max_size=12,
    ),
    st.lists(
        st.builds(
            Chosen,
            st.sampled_from(["", "2026-09-10T00:00:00", "x"]),
            st.sampled_from([DONE_KEY, *(STAGE_KEY + stage.id for stage in PROGRAMME.stages), "other"]),
            st.sampled_from([*CHOICES, "smr_tfl", "unknown", ""]),
        ),
        max_size=8,
    ),
)
def test_any_history_and_any_choices_give_a_plan(history, choices):
    found = planned(history, 12, choices)
    assert [phase for phase, _items in found.phases] == [
        phase for phase in ("inhibit", "lengthen", "activate", "integrate") if phase in dict(found.phases)
    ]


def test_every_exercise_of_the_programme_is_in_a_stage_of_its_phase():
    for stage in PROGRAMME.stages:
        for name in stage.exercises:
            assert stage.phase in {packaged()[name].phase, packaged()[name].also}
    assert all(rule.reason for rule in PROGRAMME.rules.values())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('exercises = ["smr_tfl"', 'exercises = ["sit_up"'),
        ('after = ["bridge_on_target"]', 'after = ["nothing"]'),
        ('phase = "inhibit"', 'phase = "crunch"'),
        ('needs = ["count", "calm"]', 'needs = ["luck"]'),
        ("sessions = 2", "sessions = 4"),
        ("sessions = 2", "session = 2"),
        ("rest_days = 1", "rest_days = []"),
        ("[screen]", "[screens]"),
        ("[rhythm]", "[rhythm"),
    ],
)
def test_a_table_that_does_not_fit_is_named(old, new):
    text = resources.files("emgmon.exercise").joinpath("programme.toml").read_text("utf-8")
    assert old in text
    with pytest.raises(CatalogueError, match="mine"):
        parse_programme(text.replace(old, new), "mine.toml", packaged())
