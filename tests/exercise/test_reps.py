"""The rep finder on movements drawn by hand, whose boundaries are known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.exercise.bursts import find_cycles
from emgmon.exercise.reps import TICK_S, RepFinder, RepSettings, refine
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


def follow(angle, min_range_deg=15.0):
    """Feed a whole movement; returns the accepted reps and the phase at each tick."""
    finder, reps, phases = RepFinder(min_range_deg), [], []
    time_s = TICK_S * np.arange(len(angle))
    for k, (t_s, value) in enumerate(zip(time_s, angle, strict=True)):
        inside_s = finder.feed(t_s, value)
        phases.append(finder.phase)
        if inside_s is not None:
            from_tick = max(0, round((inside_s - 2.0) / TICK_S))
            found = refine(time_s[from_tick : k + 1], angle[from_tick : k + 1], inside_s, RepSettings())
            rep = finder.accept(*found) if found else None
            reps += [rep] if rep else []
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
