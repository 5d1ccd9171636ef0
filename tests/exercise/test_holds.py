"""Holds drawn by hand: where they begin and end, what breaks them, and which pose is the exercise's."""

import numpy as np
import pytest

from emgmon.exercise.boundaries import TICK_S
from emgmon.exercise.holds import Worn, find_holds


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
