"""Holds drawn by hand: where they begin and end, what breaks them, and which pose is the exercise's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.exercise.boundaries import TICK_S
from emgmon.exercise.holds import BREAK_S, LEAST_S, STEADY_DEG, STEADY_S, HoldClock, Worn, find_holds


def course(*parts):
    """Angle each tick of (seconds, degrees) parts; a part moves to its angle in the first second."""
    angle = [np.zeros(1)]
    for length_s, deg in parts:
        n, before = round(length_s / TICK_S), angle[-1][-1]
        move = np.clip(np.arange(n) * TICK_S, 0.0, 1.0)
        angle.append(before + (deg - before) * (10 * move**3 - 15 * move**4 + 6 * move**5))
    return np.concatenate(angle)


def holds(angle, range_deg=6.0):
    tilt = np.radians(angle)
    up = np.column_stack([np.sin(tilt), np.zeros(len(tilt)), np.cos(tilt)])
    return find_holds(np.arange(len(angle)) * TICK_S, [Worn(up, np.array([0.0, 0.0, 1.0]), range_deg)])


def test_a_hold_lasts_from_stillness_to_stillness():
    found = holds(course((5, 0), (21, 14), (5, 0)))
    assert found.left_rest
    ((start_s, stop_s),) = found.spans_s
    assert start_s == pytest.approx(6.0, abs=0.06)
    assert stop_s == pytest.approx(26.0, abs=0.06)


@pytest.mark.parametrize(("break_s", "holds_found"), [(0.8, 1), (2.0, 2)])
def test_a_break_below_a_second_belongs_to_the_hold(break_s, holds_found):
    angle = course((5, 0), (31, 14), (5, 0))
    inside = slice(round(20 / TICK_S), round((20 + break_s) / TICK_S))
    angle[inside] += 8.0 * np.sin(np.linspace(0.0, 2 * np.pi * break_s / 0.8, inside.stop - inside.start))
    assert len(holds(angle).spans_s) == holds_found


def test_a_slow_sag_ends_no_hold_but_rest_between_does():
    sag = course((5, 0), (31, 14), (5, 0), (31, 14), (5, 0))
    sag[round(6 / TICK_S) : round(36 / TICK_S)] -= np.linspace(0.0, 6.0, round(30 / TICK_S))
    assert len(holds(sag).spans_s) == 2


def test_another_pose_is_no_hold_of_this_exercise():
    assert len(holds(course((5, 0), (21, 14), (8, 60), (15, 14), (3, 0))).spans_s) == 2


def test_who_is_in_the_pose_from_the_start_is_told_so():
    found = holds(course((30, 0)))
    assert not found.left_rest
    assert found.spans_s[0] == pytest.approx((0.0, 30.0), abs=0.3)


def test_who_never_is_still_holds_nothing():
    assert holds(20.0 * np.sin(np.arange(1500) * TICK_S * 2.0)).spans_s == ()


def test_lost_samples_end_a_hold():
    angle = course((5, 0), (31, 14), (5, 0))
    angle[round(20 / TICK_S) : round(23 / TICK_S)] = np.nan
    assert len(holds(angle).spans_s) == 2


def test_who_sways_in_the_pose_still_holds_it():
    """A sensor that stays far from rest says so, however much another one near its rest moves; it alone would not."""
    time_s = np.arange(30 / TICK_S) * TICK_S
    leg = np.radians(course((5, 0), (20, 40), (5, 0))[1:])
    trunk = np.radians(np.where((time_s > 6) & (time_s < 25), 4.0 * np.sin(2 * np.pi * 0.5 * time_s), 0.0))
    rest = np.array([0.0, 0.0, 1.0])
    worn = [
        Worn(np.column_stack([np.sin(a), 0 * a, np.cos(a)]), rest, range_deg)
        for a, range_deg in ((leg, 15.0), (trunk, 8.0))
    ]
    ((start_s, stop_s),) = find_holds(time_s, worn).spans_s
    assert (start_s, stop_s) == (pytest.approx(6.0, abs=1.5), pytest.approx(25.0, abs=1.5))
    assert find_holds(time_s, worn[1:]).spans_s != ((start_s, stop_s),)


def told_by_arrays(ups, ranges_deg):
    """Return what `HoldClock` says at each tick, from the whole course and its definition; ups (ticks, sensors, 3)."""
    width, pose, since_s, last_s, free, holds, said = round(STEADY_S / TICK_S), None, 0.0, 0.0, 0, 0, []
    for k, up in enumerate(ups):
        t_s = k * TICK_S
        if pose is not None:
            apart = np.degrees(np.arctan2(np.linalg.norm(np.cross(up, pose), axis=1), np.sum(up * pose, axis=1)))
            if (apart < ranges_deg).all():
                last_s = t_s
            elif t_s - last_s > BREAK_S:
                holds, pose, free = holds + (last_s - since_s >= LEAST_S), None, k + 1
        elif k + 1 - free >= width:
            window = ups[k + 1 - width : k + 1]
            if (np.linalg.norm(np.ptp(window, axis=0), axis=1) < np.radians(STEADY_DEG)).all():
                pose, since_s, last_s = window.mean(axis=0), t_s - STEADY_S, t_s
        said.append((pose is not None, holds))
    return said


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.2, 6.0), st.floats(-20.0, 20.0)), min_size=1, max_size=6),
    st.floats(0.0, 1.5),
    st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 80)), max_size=3),
    st.integers(0, 3),
)
def test_the_clock_says_what_its_definition_says(parts, noise_deg, lost, seed):
    angle = course(*parts)
    rng = np.random.default_rng(seed)
    tilt = np.radians(angle[:, None] * [1.0, 0.3] + noise_deg * rng.standard_normal((len(angle), 2)))
    ups = np.stack([np.sin(tilt), 0.0 * tilt, np.cos(tilt)], axis=2)
    for first, n in lost:
        ups[first : first + n, seed % 2] = np.nan
    clock, said = HoldClock((6.0, 10.0)), []
    for k, up in enumerate(ups.tolist()):
        clock.feed(k * TICK_S, up)
        said.append((clock.holding, clock.holds))
    assert said == told_by_arrays(ups, np.array([6.0, 10.0]))
