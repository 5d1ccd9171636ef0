"""The three questions: words at their thresholds, what each needs, and how often each errs."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.exercise.reference_bands import bands_of, packaged_bands
from emgmon.metrics.questions import CHANGE_LN, SIDE_LN, Held, Past, answers, changed, held, pasts_of, unusual, word_of
from emgmon.metrics.questions import sides as sides_of
from emgmon.model import Estimate, Exceeded, Placement, Reference, SetSummary

PLACES = [
    Placement(muscle, side)
    for muscle in ("gluteus_maximus", "biceps_femoris", "erector_spinae")
    for side in ("left", "right")
]
CLASSES = dict.fromkeys(PLACES, "A")
NAN = (math.nan,) * 7


def estimate(mean, error=0.07, *, metric="sdi", phase="hold", where="both", n=10, freedom=1e6, at_least=0):
    return Estimate(
        metric, phase, where, "ln", n, mean, *NAN[:2], *NAN, error=error, freedom=freedom, at_least=at_least
    )


def a_set(*estimates, kind="T1", exercise="bridge_2leg"):
    references = tuple(Reference(place, kind, 200.0, "uv") for place in PLACES) if kind != "T4" else ()
    return SetSummary(1, exercise, exercise, 0.0, 60.0, 12, None, (), estimates, references, ())


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.0, "no sign"),
        (math.nextafter(0.20, 0), "no sign"),
        (0.20, "uncertain"),
        (math.nextafter(0.80, 0), "uncertain"),
        (0.80, "leaning"),
        (math.nextafter(0.95, 0), "leaning"),
        (0.95, "clear in this measurement"),
        (1.0, "clear in this measurement"),
        (math.nan, ""),
    ],
)
def test_words_at_their_thresholds(probability, word):
    assert word_of(probability) == word


def test_unusual_by_hand():
    """Mean +0.23, spread 0.62 (grade B); se² = 0.07² + 1.5·(0.19² + 0.15²)."""
    found = unusual(a_set(estimate(1.40)), CLASSES)
    error = math.sqrt(0.07**2 + 1.5 * (0.19**2 + 0.15**2))
    assert error == pytest.approx(0.30, abs=0.01)
    assert found.error == pytest.approx(error)
    assert found.limit == pytest.approx(0.85)
    assert found.probability == pytest.approx(0.5 * (1 + math.erf((1.40 - 0.85) / error / math.sqrt(2))), abs=1e-5)
    assert found.word == "clear in this measurement"
    assert unusual(a_set(estimate(0.23)), CLASSES).word == "no sign"
    assert unusual(a_set(estimate(0.85)), CLASSES).word == "uncertain"
    low, high = math.exp(0.23 - 0.62), math.exp(0.23 + 0.62)
    assert f"68 % within ×{low:.2f} to ×{high:.2f}" in found.used[1]
    assert "grade B, n = 30" in found.used[1]
    assert found.lacked == ()


@pytest.mark.parametrize(
    ("summary", "classes", "lacked"),
    [
        (a_set(estimate(1.4), kind="T2"), CLASSES, "maximal references"),
        (a_set(estimate(1.4), kind="T4"), CLASSES, "maximal references"),
        (a_set(estimate(1.4)), CLASSES | {PLACES[0]: "D"}, "class A to C (gluteus_maximus/left is not)"),
        (a_set(estimate(1.4)), {}, "class A to C"),
        (a_set(estimate(1.4), exercise="walking"), CLASSES, "published groups for this exercise"),
        (a_set(estimate(1.4, phase="act"), exercise="hip_thrust_load"), CLASSES, "grade A or B"),
        (a_set(estimate(1.4), exercise="bridge_1leg_k90"), CLASSES, "which leg worked"),
        (a_set(), CLASSES, "index of all three groups"),
        (a_set(estimate(1.4, phase="act")), CLASSES, "index of all three groups"),
        (a_set(estimate(1.4, math.nan)), CLASSES, "index of all three groups"),
        (a_set(estimate(1.4, metric="log_ratio_h")), CLASSES, "index of all three groups"),
        (
            replace(a_set(estimate(1.4)), exceeded=(Exceeded(PLACES[0], 300.0, 200.0, "uv", (1, 2)),)),
            CLASSES,
            "a reference that was maximal",
        ),
        (
            replace(a_set(), references=(Reference(PLACES[0], "T1", 200.0, "uv", origin="earlier"),)),
            CLASSES,
            "reference of this session",
        ),
    ],
)
def test_unusual_is_not_asked_without_what_it_needs(summary, classes, lacked):
    found = unusual(summary, classes)
    assert (found.word, found.direction) == ("", 0)
    assert math.isnan(found.probability)
    assert any(lacked in what for what in found.lacked)


@pytest.mark.parametrize("band", [band for band in packaged_bands() if not band.usable], ids=lambda band: band.id)
def test_a_weakly_known_group_is_never_held_against_anybody(band):
    for exercise in band.exercises:
        usable = [other.phase for other in bands_of(exercise) if other.usable]
        summary = a_set(*(estimate(9.0, phase=phase) for phase in ("con", "hold", "ecc", "act")), exercise=exercise)
        found = unusual(summary, CLASSES, "left" if band.one_leg else "")
        assert found.word == "" or found.phase in usable
        assert band.phase not in usable


def test_one_leg_is_answered_for_the_leg_that_worked():
    summary = a_set(estimate(2.0, where="left"), estimate(-2.0, where="right"), exercise="bridge_1leg_k90")
    assert unusual(summary, CLASSES, "left").word == "clear in this measurement"
    assert unusual(summary, CLASSES, "right").word == "no sign"
    assert "knee 90°" in unusual(summary, CLASSES, "right").used[1]


def past(value, day, *, kind="T1", error=0.07, metric="sdi", phase="hold", exercise="bridge_2leg"):
    return Past(day, exercise, kind, metric, phase, "both", value, error, 1e6)


def test_two_sets_of_a_day_by_hand():
    found = changed(a_set(estimate(0.6), kind="T4"), [past(0.2, "today", kind="T4")], "today")
    assert found.value == pytest.approx(0.4)
    assert found.error == pytest.approx(0.07 * math.sqrt(2))
    assert found.probability == pytest.approx(
        0.5 * (1 + math.erf((0.4 - CHANGE_LN) / found.error / math.sqrt(2))), abs=1e-5
    )
    assert (found.direction, found.word) == (1, "clear in this measurement")
    fall = changed(a_set(estimate(-0.2), kind="T4"), [past(0.2, "today", kind="T4")], "today")
    assert (fall.direction, fall.word) == (-1, "clear in this measurement")
    assert fall.probability == pytest.approx(found.probability)


def test_the_first_set_of_the_day_is_the_baseline():
    earlier = [past(0.2, "today"), past(9.0, "today")]
    assert changed(a_set(estimate(0.25)), earlier, "today").word == "no sign"


def test_three_days_are_a_baseline_and_two_are_not():
    earlier = [past(value, day) for value, day in ((0.1, "a"), (0.2, "b"), (0.3, "c"))]
    found = changed(a_set(estimate(0.2)), earlier, "d")
    day = 1.5 * 0.19**2
    assert found.value == pytest.approx(0.0)
    assert found.error == pytest.approx(math.sqrt(0.07**2 + 0.07**2 / 3 + day + day / 3))
    assert found.word == "uncertain"
    few = changed(a_set(estimate(0.2)), earlier[:2], "d")
    assert few.word == ""
    assert few.lacked == ("an earlier set of the same day, or 3 earlier days",)
    submaximal = changed(a_set(estimate(0.2), kind="T2"), [item._replace(kind="T2") for item in earlier], "d")
    assert submaximal.error < found.error


def test_a_day_of_many_sets_counts_once():
    days = [past(0.0, "a"), past(0.0, "b"), past(0.9, "c"), past(0.9, "c"), past(0.9, "c")]
    assert changed(a_set(estimate(0.3)), days, "d").value == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("earlier", "kind", "lacked"),
    [
        ([], "T1", "an earlier set of the same day, or 3 earlier days"),
        ([past(0.0, "today", kind="T2")], "T1", "a baseline with the same kind of reference"),
        ([past(0.0, day, kind="T4") for day in "abcd"], "T4", "without references, days cannot be compared"),
        ([past(0.0, "today", exercise="walking")], "T1", "an earlier set of the same day"),
        ([past(0.0, "today", metric="log_ratio_h")], "T1", "an earlier set of the same day"),
        ([past(0.0, "today", phase="act")], "T1", "an earlier set of the same day"),
    ],
)
def test_a_change_is_not_asked_without_a_like_baseline(earlier, kind, lacked):
    found = changed(a_set(estimate(0.5), kind=kind), earlier, "today")
    assert found.word == ""
    assert any(lacked in what for what in found.lacked)
    assert changed(a_set(kind=kind), earlier, "today").lacked == ("an index in enough reps",)


def test_a_partial_index_has_its_own_baseline():
    first = a_set(estimate(0.1, metric="log_ratio_h"), kind="T4")
    second = a_set(estimate(0.9, metric="log_ratio_h"), kind="T4")
    found = changed(second, pasts_of(first, "today"), "today")
    assert (found.metric, found.word) == ("log_ratio_h", "clear in this measurement")


def test_sides_by_hand():
    found = sides_of(a_set(estimate(1.0, 0.05, metric="sdi_difference")))
    error = math.sqrt(0.05**2 + 2 * 1.5 * (0.19**2 + 0.15**2))
    assert found.error == pytest.approx(error)
    assert found.probability == pytest.approx(0.5 * (1 + math.erf((1.0 - SIDE_LN) / error / math.sqrt(2))), abs=1e-5)
    assert found.direction == 1
    turned = sides_of(a_set(estimate(-1.0, 0.05, metric="sdi_difference")))
    assert (turned.direction, turned.probability) == (-1, pytest.approx(found.probability))
    assert sides_of(a_set(estimate(1.0, metric="sdi_difference"), kind="T4")).lacked == ("references for both sides",)
    assert sides_of(a_set()).lacked == ("the index of both sides in enough reps",)
    assert sides_of(a_set(estimate(1.0, 0.05, metric="sdi_difference"), kind="T2")).probability > found.probability


def test_the_answers_stand_apart():
    summary = a_set(estimate(1.4), estimate(0.0, metric="sdi_difference"))
    found = answers(summary, CLASSES, [past(0.0, "today")], day="today")
    assert [item.question for item in found] == ["N", "C", "A"]
    alone = (unusual(summary, CLASSES), changed(summary, [past(0.0, "today")], "today"), sides_of(summary))
    assert found == alone
    without = answers(replace(summary, references=()), CLASSES, [past(0.0, "today", kind="T4")], day="today")
    assert [bool(item.word) for item in without] == [False, True, False]


def test_a_lower_bound_is_said_to_be_one():
    assert unusual(a_set(estimate(1.4, at_least=6)), CLASSES).censored
    assert not unusual(a_set(estimate(1.4, at_least=4)), CLASSES).censored


def test_nothing_known_is_never_called_a_change():
    """With a huge error almost all of what is possible lies beyond the limit, on either side."""
    found = changed(a_set(estimate(0.1, 50.0)), [past(0.0, "today")], "today")
    assert found.word == "uncertain"


def test_no_sign_needs_both_sides_to_be_improbable():
    """Error 0.21 around no change: 14 % lie beyond ×1.25 upwards and 14 % downwards."""
    one = a_set(estimate(0.0, 0.15))
    found = changed(one, [past(0.0, "today", error=0.15)], "today")
    assert found.probability < 0.20
    assert found.word == "uncertain"
    sharper = changed(a_set(estimate(0.0, 0.10)), [past(0.0, "today", error=0.10)], "today")
    assert sharper.word == "no sign"


@given(value=st.floats(-20, 20), error=st.floats(0, 50), freedom=st.floats(1, 1e6), other=st.floats(-5, 5))
def test_any_estimate_has_an_answer(value, error, freedom, other):
    summary = a_set(
        estimate(value, error, freedom=freedom), estimate(other, error, metric="sdi_difference", freedom=freedom)
    )
    for found in answers(summary, CLASSES, [past(other, "today", error=error)], day="today"):
        assert 0.0 <= found.probability <= 1.0
        assert found.word
        assert math.isfinite(found.error)


@given(st.floats(-3, 3), st.floats(0.01, 2), st.floats(2, 50), st.floats(-1, 1))
def test_a_higher_index_is_never_less_unusual(value, error, freedom, limit):
    number = Held(value, error, freedom)
    assert number.above(limit) <= number._replace(value=value + 0.1).above(limit)
    assert number.above(limit) + Held(-value, error, freedom).above(-limit) == pytest.approx(1.0)


def test_errors_add_in_squares_and_few_reps_weigh_on_the_freedom():
    found = held(1.0, (0.3, 4.0), (0.4, math.inf))
    assert found.error == pytest.approx(0.5)
    assert found.freedom == pytest.approx(0.5**4 / (0.3**4 / 4))
    assert held(1.0, (0.3, math.inf)).freedom == math.inf


@pytest.mark.slow
@pytest.mark.parametrize(("shift", "percent"), [(0, 4.7), (1, 22), (2, 54), (3, 84)])
def test_how_often_unusual_is_clear(shift, percent):
    """People spread around a mean that lies `shift` spreads above the published one of loaded squats (0.56)."""
    assert 100 * how_often_clear(shift) == pytest.approx(percent, abs=2.0)


def how_often_clear(shift, runs=20000, seed=8):
    """Share of simulated people in whom N is clear in one session."""
    (band,) = bands_of("squat_load")
    mean, spread = band.indices["sdi"]
    rng = np.random.default_rng(seed)
    error = math.sqrt(0.07**2 + 1.5 * (0.19**2 + 0.15**2))
    people = mean + spread * (shift + rng.standard_normal(runs)) + error * rng.standard_normal(runs)
    sets = (a_set(estimate(value, phase="act"), exercise="squat_load") for value in people)
    return np.mean([unusual(one, CLASSES).word == "clear in this measurement" for one in sets])
