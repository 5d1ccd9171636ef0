"""The rep finder on movements drawn by hand, whose boundaries are known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.exercise.boundaries import refine
from emgmon.exercise.bursts import find_bursts, find_cycles
from emgmon.exercise.reps import TICK_S, RepFinder, RepSettings
from emgmon.exercise.scores import hold_score
from emgmon.model import Phase


def minimum_jerk(share):
    share = np.clip(share, 0, 1)
    return 10 * share**3 - 15 * share**4 + 6 * share**5


def movement(reps, range_deg=30.0, rest_s=2.0, seed=0):
    """Excursion each tick; `reps` are (lift_s, hold_s, lower_s). Returns it and the true bounds of each rep."""
    pieces, bounds, t_s = [np.zeros(round(rest_s / TICK_S))], [], rest_s
    for lift_s, hold_s, lower_s in reps:
        bounds.append(np.cumsum([t_s, lift_s, hold_s, lower_s]))
        pieces += [
            range_deg * minimum_jerk(np.arange(round(lift_s / TICK_S)) * TICK_S / lift_s),
            np.full(round(hold_s / TICK_S), range_deg),
            range_deg * (1 - minimum_jerk(np.arange(round(lower_s / TICK_S)) * TICK_S / lower_s)),
            np.zeros(round(rest_s / TICK_S)),
        ]
        t_s = bounds[-1][-1] + rest_s
    angle = np.concatenate(pieces)
    return angle + np.random.default_rng(seed).normal(0, 0.1, len(angle)), bounds


def follow(angle, min_range_deg=15.0, **options):
    """Feed a whole movement; returns the accepted reps and the phase at each tick."""
    finder, reps, phases = RepFinder(min_range_deg, **options), [], []
    time_s = TICK_S * np.arange(len(angle))
    for k, (t_s, value) in enumerate(zip(time_s, angle, strict=True)):
        inside_s = finder.feed(t_s, value)
        phases.append(finder.phase)
        if inside_s is not None:
            from_tick = max(0, round((inside_s - 2.0) / TICK_S))
            found = refine(time_s[from_tick : k + 1], angle[from_tick : k + 1], inside_s, RepSettings())
            rep = finder.accept(*found) if found else None
            reps += [rep] if rep else []
    follow.partial = finder.partial
    return reps, phases


def test_reps_holds_and_bounds_are_found():
    angle, bounds = movement([(1.0, 2.0, 1.5), (1.2, 4.0, 1.2), (0.9, 3.0, 2.0)])
    reps, _phases = follow(angle)
    assert [rep.index for rep in reps] == [1, 2, 3]
    for rep, true in zip(reps, bounds, strict=True):
        found = np.array([rep.start_s, rep.top_s, rep.release_s, rep.end_s])
        assert np.abs(found - true).max() < 0.12
        assert rep.release_s - rep.top_s == pytest.approx(true[2] - true[1], abs=0.15)


def test_phases_come_in_order():
    _reps, phases = follow(movement([(1.0, 2.5, 1.5)])[0])
    order = [phases[0], *(b for a, b in pairwise(phases) if a is not b)]
    assert order == [Phase.REST, Phase.CON, Phase.HOLD, Phase.ECC, Phase.REST]


def test_a_rep_without_a_hold_has_none():
    reps, phases = follow(movement([(1.0, 0.0, 1.0)])[0])
    assert len(reps) == 1
    assert Phase.HOLD not in phases
    assert reps[0].release_s - reps[0].top_s < 0.3


@pytest.mark.parametrize("range_deg", [5.0, 10.0])
def test_fidgeting_is_no_rep(range_deg):
    reps, _phases = follow(movement([(0.5, 0.5, 0.5)] * 3, range_deg)[0])
    assert reps == []


def test_a_lift_that_is_never_lowered_ends_the_wait():
    angle = np.concatenate([movement([(1.0, 30.0, 1.0)])[0], movement([(1.0, 2.0, 1.0)])[0]])
    reps, _phases = follow(angle)
    assert len(reps) == 1


def test_a_squat_is_lowered_first():
    reps, phases = follow(movement([(1.0, 2.5, 1.5)])[0], first="ecc")
    order = [phases[0], *(b for a, b in pairwise(phases) if a is not b)]
    assert order == [Phase.REST, Phase.ECC, Phase.HOLD, Phase.CON, Phase.REST]
    (rep,) = reps
    assert rep.bounds_s("ecc") == (rep.start_s, rep.top_s)
    assert rep.bounds_s("con") == (rep.release_s, rep.end_s)
    assert rep.bounds_s("act") == (rep.start_s, rep.end_s)


@pytest.mark.parametrize("small_deg", [10.0, 16.0])
def test_a_partial_rep_is_told_and_not_counted(small_deg):
    """10 degrees are less than any rep; 16 are less than 60 % of the person's own 30."""
    full, small = movement([(1.0, 1.0, 1.0)] * 3)[0], movement([(1.0, 1.0, 1.0)], small_deg)[0]
    reps, _phases = follow(np.concatenate([full, small, full]))
    assert len(reps) == 6
    assert follow.partial == 1


def test_a_movement_too_large_for_the_exercise_is_not_one():
    assert follow(movement([(1.0, 1.0, 1.0)] * 2, 80.0)[0], max_range_deg=65.0)[0] == []


def test_a_pause_in_the_lift_belongs_to_it():
    half = 15.0 * minimum_jerk(np.arange(40) / 40)
    rest, hold = np.zeros(100), np.full(100, 30.0)
    angle = np.concatenate([rest, half, np.full(12, 15.0), 15.0 + half, hold, 30.0 - half, 15.0 - half, rest])
    (rep,), _phases = follow(angle)
    assert rep.start_s == pytest.approx(2.0, abs=0.1)
    assert rep.top_s == pytest.approx(3.84, abs=0.1)


@pytest.mark.parametrize("lift_s", [0.7, 1.2, 2.4])
def test_a_pause_below_a_third_of_a_second_belongs_to_any_lift(lift_s):
    """Slow halves end and begin so gently that the pause between them looks longer than it is."""
    half_n, pause_n = round(lift_s / 2 / TICK_S), 13
    half = 15.0 * minimum_jerk(np.arange(half_n) / half_n)
    rest, hold = np.zeros(100), np.full(100, 30.0)
    angle = np.concatenate([rest, half, np.full(pause_n, 15.0), 15.0 + half, hold, 30.0 - half, 15.0 - half, rest])
    (rep,), _phases = follow(angle + np.random.default_rng(0).normal(0, 0.1, len(angle)))
    assert rep.start_s == pytest.approx(2.0, abs=0.1)
    assert rep.top_s == pytest.approx(2.0 + (2 * half_n + pause_n) * TICK_S, abs=0.12)


@pytest.mark.parametrize(("hold_s", "said"), [(1.6, "short"), (1.9, "met"), (2.0, "met"), (4.0, "met"), (4.3, "long")])
def test_a_hold_is_measured_without_bias_and_judged_as_the_tolerance_says(hold_s, said):
    lengths = np.random.default_rng(0).uniform((0.8, 1.0), (2.0, 2.5), (21, 2))
    held = []
    for seed, (lift_s, lower_s) in enumerate(lengths.tolist()):
        (rep,), _phases = follow(movement([(lift_s, hold_s, lower_s)], seed=seed)[0])
        held.append(rep.release_s - rep.top_s)
    assert np.median(held) == pytest.approx(hold_s, abs=0.04)
    assert max(abs(h - hold_s) for h in held) < 0.2
    words = [hold_score(h, (2.0, 4.0)) for h in held]
    assert words.count(said) >= 0.8 * len(words)


def test_a_dip_in_the_hold_ends_nothing():
    angle, bounds = movement([(1.0, 4.0, 1.0)])
    dip = np.zeros(len(angle))
    dip[220:250] = 4.0 * np.sin(np.pi * np.arange(30) / 30)
    (rep,), phases = follow(angle - dip)
    assert rep.end_s == pytest.approx(bounds[0][3], abs=0.15)
    assert rep.release_s == pytest.approx(bounds[0][2], abs=0.2)
    assert phases[290] is Phase.HOLD


def test_reps_without_a_rest_between_them_are_all_counted():
    """Real people turn at the bottom at once."""
    angle, _bounds = movement([(1.0, 1.0, 1.2)] * 6, rest_s=0.1)
    quiet = np.zeros(100)
    reps, _phases = follow(np.concatenate([quiet, angle, quiet]))
    assert len(reps) == 6
    assert all(a.end_s <= b.start_s for a, b in pairwise(reps))


def test_a_pose_of_rest_that_moves_ends_a_rep_all_the_same():
    angle, _bounds = movement([(1.0, 1.0, 1.0)] * 4)
    away = 9.0 * minimum_jerk((np.arange(len(angle)) * TICK_S - 3.0) / 2.0)
    assert len(follow(angle + away)[0]) == 4


def test_a_gap_joins_no_two_reps():
    """Two reps, and nothing came from the hold of the first to the lift of the second."""
    angle, bounds = movement([(1.0, 3.0, 1.0)] * 4)
    torn = angle.copy()
    torn[round(bounds[1][1] / TICK_S) + 30 : round(bounds[2][0] / TICK_S) + 20] = np.nan
    reps, phases = follow(torn)
    assert [rep.start_s for rep in reps] == pytest.approx([bounds[0][0], bounds[3][0]], abs=0.2)
    assert follow.partial >= 1
    assert all(rep.end_s - rep.start_s < 6.0 for rep in reps)
    assert phases[round(bounds[1][2] / TICK_S) + 20] is Phase.REST


def test_missing_ticks_are_survived():
    angle, _bounds = movement([(1.0, 3.0, 1.5)])
    angle[180:200] = np.nan
    finder = RepFinder(15.0)
    assert any(finder.feed(TICK_S * k, value) is not None for k, value in enumerate(angle))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.8, 2.0), st.floats(0.5, 5.0), st.floats(0.8, 2.5)), min_size=1, max_size=5),
    st.floats(20, 60),
)
def test_bounds_never_overlap_and_no_rep_is_lost(reps, range_deg):
    found, _phases = follow(movement(reps, range_deg)[0])
    assert len(found) == len(reps)
    times = [t for rep in found for t in (rep.start_s, rep.top_s, rep.release_s, rep.end_s)]
    assert times == sorted(times)


AFTER = {
    Phase.REST: {Phase.REST, Phase.CON},
    Phase.CON: {Phase.CON, Phase.HOLD, Phase.ECC, Phase.REST},
    Phase.HOLD: {Phase.HOLD, Phase.ECC, Phase.REST},
    Phase.ECC: {Phase.ECC, Phase.HOLD, Phase.CON, Phase.REST},
}
"""Which phase may follow which: no hold without a way out, no way back from rest."""


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.4, 3.0), st.floats(0.0, 5.0), st.floats(0.4, 3.0)), min_size=2, max_size=6),
    st.floats(0.0, 1.5),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 60)), max_size=4),
    st.integers(0, 10_000),
)
def test_whatever_a_person_does_bounds_ascend_and_never_overlap(reps, rest_s, gaps, seed):
    """Reps of any tempo and size, without rest between them, with samples lost: some are lost, none is invented."""
    angle, _bounds = movement(reps, 30.0, rest_s + TICK_S, seed)
    angle = np.concatenate([np.zeros(100), angle * np.random.default_rng(seed).uniform(0.5, 1.2), np.zeros(200)])
    for first, length in gaps:
        angle[first : first + length] = np.nan
    found, phases = follow(angle)
    times = [t for rep in found for t in (rep.start_s, rep.top_s, rep.release_s, rep.end_s)]
    assert times == sorted(times)
    assert all(rep.end_s - rep.start_s >= RepSettings().min_s for rep in found)
    assert [rep.index for rep in found] == list(range(1, len(found) + 1))
    assert len(found) <= len(reps)
    assert all(b in AFTER[a] for a, b in pairwise(phases))


def test_cycles_of_a_rhythm():
    time_s = np.arange(0, 20, TICK_S)
    bursts = sum(np.exp(-((time_s - t) ** 2) / (2 * 0.1**2)) for t in np.arange(0.8, 20, 1.1))
    level = bursts + 0.05 * np.random.default_rng(0).random(len(time_s))
    cycles = find_cycles(time_s, level, 0.7, 2.0)
    assert len(cycles) in {16, 17}
    np.testing.assert_allclose([c.end_s - c.start_s for c in cycles], 1.1, atol=0.06)
    assert all(a.end_s == b.start_s for a, b in pairwise(cycles))


def test_no_cycles_in_noise_or_nothing():
    assert find_cycles(np.empty(0), np.empty(0), 0.7, 2.0) == []
    assert find_cycles(np.arange(0, 5, TICK_S), np.zeros(250), 0.7, 2.0) == []


def test_bursts_with_rests_between_them_are_reps_of_less_certainty():
    time_s = np.arange(0, 32, TICK_S)
    level = sum((np.abs(time_s - t) < 1.5).astype(float) for t in (4, 10, 16, 22, 28))
    level += 0.1 * np.random.default_rng(0).random(len(time_s))
    reps = find_bursts(time_s, level, 0.8, 15.0)
    assert [rep.index for rep in reps] == [1, 2, 3, 4, 5]
    assert all(rep.source == "emg" for rep in reps)
    np.testing.assert_allclose([rep.start_s for rep in reps], [2.5, 8.5, 14.5, 20.5, 26.5], atol=0.4)
    assert find_bursts(time_s, np.ones(len(time_s)), 0.8, 15.0) == []
    assert find_bursts(time_s[:20], level[:20], 0.8, 15.0) == []
