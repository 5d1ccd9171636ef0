import math

import numpy as np
import pytest

from emgmon.dsp.crosstalk import PairWatch
from emgmon.dsp.site import misplaced
from emgmon.model import Placement

FS = 1000.0
GLUTE, HAMSTRING, BACK = (
    Placement(muscle, "left") for muscle in ("gluteus_maximus", "biceps_femoris", "erector_spinae")
)


def two_muscles(seconds, seed):
    rng = np.random.default_rng(seed)
    n = seconds * 1000
    f_hz = np.fft.rfftfreq(n, 1 / FS)
    shape = f_hz**2 / ((f_hz**2 + 60.0**2) * (f_hz**2 + 120.0**2))
    both = [np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * shape, n) for _ in range(2)]
    return [50.0 * one / one.std() for one in both]


def watched(first, second, one_clock=False):
    watch = PairWatch(FS, one_clock)
    return [watch.add(first[a : a + 1000], second[a : a + 1000], 2.0, 2.0) for a in range(0, len(first), 1000)]


def test_muscles_that_work_together_do_not_correlate():
    highest = [np.nanmax(watched(*two_muscles(30, seed))) for seed in range(8)]
    assert max(highest) < 0.25


@pytest.mark.parametrize("late", [0, 6])
def test_a_bridge_is_found_at_the_lag_of_two_clocks_too(late):
    first, second = two_muscles(10, 1)
    bridged = second + 1.0 * np.roll(first, late)
    assert watched(first, bridged)[-1] > 0.6
    assert (watched(first, bridged, one_clock=True)[-1] > 0.6) == (late == 0)


def test_a_quarter_of_the_neighbour_is_amber_crosstalk():
    first, second = two_muscles(10, 2)
    assert 0.3 < watched(first, second + 0.4 * first)[-1] < 0.6


def test_rest_gaps_and_few_seconds_say_nothing():
    first, second = two_muscles(10, 3)
    assert all(math.isnan(value) for value in watched(first, 0.05 * second))
    assert all(math.isnan(value) for value in watched(first, second)[:3])
    assert all(math.isnan(value) for value in watched(np.full(5000, np.nan), second[:5000]))
    assert math.isnan(PairWatch(FS).add(np.empty(0), np.empty(0), 1.0, 1.0))


def test_sites_as_they_should_be_and_exchanged():
    right = {"G": {GLUTE: 1.0, HAMSTRING: 0.4, BACK: 0.3}, "H": {GLUTE: 0.2, HAMSTRING: 1.0, BACK: 0.1}}
    assert misplaced(right) == {}
    exchanged = {"G": {GLUTE: 1.0, HAMSTRING: 5.0}, "H": {GLUTE: 2.5, HAMSTRING: 1.0}}
    assert misplaced(exchanged) == {GLUTE: 2, HAMSTRING: 2}
    once = {"G": {GLUTE: 1.0, HAMSTRING: 1.2, BACK: 0.1}, "H": {GLUTE: 0.1, HAMSTRING: 1.0, BACK: math.nan}}
    assert misplaced(once) == {GLUTE: 1, HAMSTRING: 1}
    other_side = Placement("biceps_femoris", "right")
    assert misplaced({"G": {GLUTE: 1.0, other_side: 3.0}}) == {}
    assert misplaced({}) == {}
