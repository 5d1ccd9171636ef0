"""When a muscle is active: centre of activity and peak of known courses."""

import math

import numpy as np
import pytest

from emgmon.metrics.course import centroid, time_to_peak


def test_an_even_lift_has_its_centre_in_the_middle_and_a_ramp_at_two_thirds(make):
    signals = make({"GL": 40, "HL": lambda t: 40.0 * np.clip(t - 1.0, 0.0, 1.0)}, references=None)
    even, ramp = (value.value for value in centroid(signals))
    assert even == pytest.approx(50.0)
    assert ramp == pytest.approx(66.7, abs=0.7)


def test_a_centre_does_not_change_with_gain_or_reference(make):
    course = {"GL": lambda t: 10.0 + 30.0 * np.sin(t) ** 2}
    (plain,) = centroid(make(course, references=None))
    (scaled,) = centroid(make({"GL": lambda t: 7.0 * course["GL"](t)}))
    assert plain.value == pytest.approx(scaled.value)


def test_a_cycle_without_a_lift_has_no_centre_and_silence_neither(make):
    assert centroid(make({"GL": 40}, phases=("act",))) == []
    (silent,) = centroid(make({"GL": 0.0}, references=None))
    assert math.isnan(silent.value)
    assert silent.flag == "no activity above the noise"


def test_time_to_peak_is_the_middle_of_the_strongest_half_second(make):
    (found,) = time_to_peak(make({"GL": lambda t: 10.0 + 50.0 * np.exp(-(((t - 3.2) / 0.3) ** 2))}))
    assert found.value == pytest.approx(2.2, abs=0.01)
