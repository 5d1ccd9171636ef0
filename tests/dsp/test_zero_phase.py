"""Smoothing without delay."""

import numpy as np
import pytest
from scipy import signal

from emgmon.dsp.zero_phase import smoothed


@pytest.mark.parametrize("n", [2, 5, 16, 300])
@pytest.mark.parametrize(("cutoff_hz", "fs_hz"), [(5.0, 100.0), (4.99, 50.0)])
def test_it_is_scipys_filter_both_ways(n, cutoff_hz, fs_hz):
    course, pad = np.random.default_rng(n).standard_normal(n), min(15, n - 1)
    sos = signal.butter(2, cutoff_hz, fs=fs_hz, output="sos")
    expected = signal.sosfiltfilt(sos, course, padlen=pad)
    np.testing.assert_allclose(smoothed(course, cutoff_hz, fs_hz, pad), expected, rtol=0.0, atol=1e-12)


def test_several_courses_at_once_are_as_each_alone():
    courses = np.random.default_rng(0).standard_normal((6, 200))
    together = smoothed(courses, 5.0, 50.0)
    assert all(np.array_equal(row, smoothed(course, 5.0, 50.0)) for row, course in zip(together, courses, strict=True))


def test_a_straight_line_stays_straight():
    line = np.linspace(-3.0, 7.0, 80)
    np.testing.assert_allclose(smoothed(line, 5.0, 50.0), line, rtol=0.0, atol=5e-3)
