"""How alike reps are: spread of levels and likeness of curves."""

import dataclasses
import math

import numpy as np
import pytest

from emgmon.metrics.consistency import likeness, spread, stretched
from emgmon.model import Curve, Placement, Rep

KEY = ("level", "hold", "gluteus_maximus/left")
PLACE = Placement("gluteus_maximus", "left")


def curve_of(course, start_s=-0.3, length_s=3.6):
    time_s = start_s + 0.02 * np.arange(int(length_s / 0.02))
    return Curve(PLACE, start_s, 0.02, tuple(course(time_s).tolist()))


def test_spread_is_that_of_the_logarithms(done):
    levels = [0.4, 0.5, 0.6, 0.5, 0.4, 0.55]
    (found,) = spread([done(k, {KEY: level}) for k, level in enumerate(levels, 1)])
    assert found.mean == pytest.approx(np.std(np.log(levels), ddof=1))
    assert found.low < found.mean < found.high
    doubled = spread([done(k, {KEY: 2 * level}) for k, level in enumerate(levels, 1)])[0]
    assert doubled.mean == pytest.approx(found.mean)


def test_spread_leaves_out_bounds_and_needs_five(done):
    levels = [0.4, 0.5, 0.6, 0.5, 0.4]
    reps = [done(k, {KEY: level}) for k, level in enumerate(levels, 1)]
    assert spread([*reps, done(6, {KEY: 0.01}, flag="<=")])[0].n == 5
    assert spread(reps[:4]) == []
    assert spread([*reps, *(done(k, {}) for k in range(6, 11))]) == []


@pytest.mark.slow
def test_the_interval_of_a_spread_covers_it(done):
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(1500):
        (found,) = spread([done(k, {KEY: math.exp(0.12 * rng.normal())}) for k in range(1, 11)])
        hits += found.low <= 0.12 <= found.high
    assert 0.93 <= hits / 1500 <= 0.97


def test_reps_of_one_course_are_alike_whatever_their_size_and_length(done):
    reps = []
    for k, (size, pace) in enumerate([(1, 1), (2, 1.2), (0.5, 0.9), (1, 1.1), (3, 1)], 1):
        end_s = 3.0 * pace
        course = curve_of(lambda t, s=size, e=end_s: s * (1.1 + np.sin(np.pi * t / e)), length_s=end_s + 0.6)
        rep = done(k, {}, curves=(course,))
        reps.append(type(rep)(Rep(k, 0.0, 1.0, 2.0, end_s), (), (course,), True, "unknown"))
    (found,) = likeness(reps)
    assert found.mean == pytest.approx(1.0, abs=0.01)
    turned = curve_of(lambda t: 1.1 - np.sin(np.pi * t / 3.0))
    assert likeness([*reps[:4], done(5, {}, curves=(turned,))])[0].mean < 0.3


def test_noise_has_no_likeness(done):
    rng = np.random.default_rng(3)
    reps = [done(k, {}, curves=(curve_of(lambda t: rng.random(len(t))),)) for k in range(1, 13)]
    assert abs(likeness(reps)[0].mean) < 0.15


def test_a_curve_with_a_hole_or_without_change_has_no_course():
    whole = curve_of(np.cos)
    (course,) = stretched([whole], 0.0, 3.0).values()
    assert course.shape == (101,)
    assert course[50] == pytest.approx(math.cos(1.5), abs=0.02)
    assert stretched([curve_of(lambda t: np.where(t < 1.0, np.nan, t))], 0.0, 3.0) == {}
    assert stretched([curve_of(np.ones_like)], 0.0, 3.0) == {}
    assert stretched([Curve(PLACE, 0.0, 0.02, ())], 0.0, 3.0) == {}


def test_curves_of_one_rep_are_stretched_together_as_each_alone():
    other = dataclasses.replace(curve_of(np.sin), placement=Placement("gluteus_maximus", "right"))
    longer = dataclasses.replace(curve_of(np.cos, length_s=3.8), placement=Placement("erector_spinae", "left"))
    curves = [longer, curve_of(np.cos), other]
    together = stretched(curves, 0.0, 3.0)
    assert list(together) == [curve.placement for curve in curves]
    for curve in curves:
        assert np.array_equal(together[curve.placement], stretched([curve], 0.0, 3.0)[curve.placement])
