"""The placement of electrodes, told by what each session shows of its channels."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.metrics.placement import FREQUENCY, LEVEL, NOISE, RATIO, Shown, placements
from firmware_sim.cohort import draw_weeks
from firmware_sim.placing import SLIPS, WORN, placings

BICEPS, GLUTE = "biceps_femoris/left", "gluteus_maximus/left"
USUAL = {
    (LEVEL, GLUTE, "light"): 40.0,
    (LEVEL, BICEPS, "light"): 60.0,
    (FREQUENCY, BICEPS, "bridge"): 85.0,
    (NOISE, BICEPS, ""): 2.0,
    (RATIO, BICEPS, "curl"): 1.2,
}
PATTERN = {(f"{muscle}/{side}", "bridge"): 10.0 * (k + 1) for k, (muscle, side) in enumerate(WORN)}


def shown(signs=None, pattern=None):
    return Shown({**USUAL, **(signs or {})}, PATTERN if pattern is None else pattern)


def last(*, before=8, signs=None, pattern=None):
    return placements([shown()] * before + [shown(signs, pattern)])[-1]


def word(**changes):
    return last(**changes).word


def test_a_day_like_all_others_is_the_same():
    assert last() == ("same", ())


@pytest.mark.parametrize(
    ("sign", "factor"),
    [((LEVEL, BICEPS, "light"), 2.9), ((FREQUENCY, BICEPS, "bridge"), 1.68), ((RATIO, BICEPS, "curl"), 4.0)],
)
def test_one_sign_far_enough_is_red_either_way_and_named(sign, factor):
    for far in (factor, 1.0 / factor):
        found = last(before=4, signs={sign: USUAL[sign] * far})
        assert found.word == "red"
        assert found.why == (f"Biceps femoris, left: {sign[0]} ×{far:.2g}",)
        assert word(before=4, signs={sign: USUAL[sign] * far**0.3}) == "same"


def test_signs_of_one_channel_add_up():
    level = {(LEVEL, BICEPS, "light"): 60.0 * 0.47}
    frequency = {(FREQUENCY, BICEPS, "bridge"): 85.0 * 1.41}
    assert {word(before=4, signs=level), word(before=4, signs=frequency)} == {"same"}
    found = last(before=4, signs=level | frequency)
    assert found.word in {"amber", "red"}
    assert found.why == ("Biceps femoris, left: level ×0.47, median frequency ×1.4",)


def test_the_first_days_are_not_judged():
    far = Shown({key: 3.0 * value for key, value in USUAL.items()}, {})
    assert [found.word for found in placements([shown(), far, shown()])] == ["", "", ""]
    assert placements([]) == []


def test_a_red_day_does_not_move_what_is_usual():
    far = shown({(LEVEL, BICEPS, "light"): 200.0})
    words = [found.word for found in placements([shown()] * 3 + [far] * 6 + [shown()])]
    assert words == ["", "", ""] + ["red"] * 6 + ["same"]


def test_a_task_that_is_new_or_was_not_taken_says_nothing():
    new = Shown({(LEVEL, "erector_spinae/left", "light"): 9.0}, {})
    assert [found.word for found in placements([*[shown()] * 3, new, Shown({}, {})])][-2:] == ["", ""]


def test_exchanged_channels_are_told_by_the_pattern():
    a, b = min(PATTERN), sorted(PATTERN, key=PATTERN.get)[-2]
    swapped = {**PATTERN, a: PATTERN[b], b: PATTERN[a]}
    found = last(pattern=swapped)
    assert found.word == "red"
    assert found.why == ("Biceps femoris, left and Semitendinosus, right may have been exchanged",)
    twice = {key: 2.0 * value for key, value in PATTERN.items()}
    assert word(pattern=twice) == "same"
    assert word(pattern=dict(list(swapped.items())[:3])) == "same"


def test_who_scatters_more_is_judged_by_their_own_scatter():
    sign = (FREQUENCY, BICEPS, "bridge")
    even = [shown({sign: 85.0}) for _ in range(12)]
    wild = [shown({sign: 85.0 * (1.14 if k % 2 else 0.88)}) for k in range(12)]
    far = shown({sign: 85.0 * 1.6})
    order = ("same", "amber", "red")
    first, second = (order.index(placements([*days, far])[-1].word) for days in (even, wild))
    assert first > second


def shown_of(day):
    signs = {(LEVEL, f"{m}/{s}", "light"): level for (m, s), level in day.task_uv.items()}
    signs |= {(FREQUENCY, f"{m}/{s}", "bridge"): hz for (m, s), hz in day.mdf_hz.items()}
    signs |= {(NOISE, f"{m}/{s}", ""): uv for (m, s), uv in day.noise_uv.items()}
    return Shown(signs, {(f"{m}/{s}", str(k)): uv for ((m, s), k), uv in day.exercise_uv.items()})


def told(slip, people=60):
    """Share of virtual people whose last day is red, and whose last day is red or amber."""
    found = []
    for seed in range(people):
        days = placings(draw_weeks(seed, "steady", 9), slip)
        found.append(placements([shown_of(day) for day in days])[-1].word)
    return found.count("red") / people, 1.0 - found.count("same") / people


@pytest.mark.slow
def test_slips_are_told_and_other_days_are_left_alone():
    shares = {slip: told(slip) for slip in SLIPS}
    assert shares["none"][0] <= 0.04
    assert shares["none"][1] <= 0.10
    assert shares["moved"][1] >= 0.55
    assert shares["loose"][1] >= 0.45
    assert shares["exchanged"][0] >= 0.85


keys = st.tuples(st.sampled_from((LEVEL, FREQUENCY, NOISE, RATIO)), st.sampled_from((BICEPS, GLUTE, "x")), st.just("a"))
days = st.builds(
    Shown,
    st.dictionaries(keys, st.floats(), max_size=4),
    st.dictionaries(st.tuples(st.sampled_from("abcdef"), st.sampled_from("xy")), st.floats(), max_size=8),
)


@given(st.lists(days, max_size=12), st.floats(0.01, 100.0))
def test_any_signs_give_words_and_a_gain_of_all_days_changes_none(many, gain):
    assert {found.word for found in placements(many)} <= {"", "same", "amber", "red"}
    sane = [
        Shown(*({key: 1.0 + abs(math.sin(v)) for key, v in each.items() if math.isfinite(v)} for each in day))
        for day in many
    ]
    louder = [Shown(*({key: gain * v for key, v in each.items()} for each in day)) for day in sane]
    assert [each.word for each in placements(sane)] == [each.word for each in placements(louder)]
