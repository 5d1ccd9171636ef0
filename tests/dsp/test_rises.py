"""Medians of posteriors, and starts that are placed together: the numbers of one alone."""

import math

import numpy as np
import pytest

from emgmon.dsp import rises
from emgmon.dsp.onset import rise_near, start_times


def channel(seed, level, start=1750):
    rng = np.random.default_rng(seed)
    samples = rng.standard_normal(3400)
    samples[start:] *= level
    return samples


def test_the_median_lies_where_half_of_the_posterior_is():
    density = np.random.default_rng(0).random((9, 40)).astype(np.float32)
    density[0, 5:] = 0.0  # a flat end
    density[1] = 0.0
    density[1, 17] = 1.0  # all at one place
    density[2, 0] = 1e6  # all at the first
    median_s, spread_s = rises._medians(density, 0.002)
    for row, found, spread in zip(density, median_s, spread_s, strict=True):
        share = np.cumsum(row, dtype=np.float64)
        grid_s = np.arange(1, 41) * 0.002
        low, middle, high = np.interp((0.16, 0.5, 0.84), share / share[-1], grid_s) - 0.001
        assert found == pytest.approx(middle, abs=1e-12)
        assert spread == pytest.approx(math.hypot(0.75 * (high - low), 0.002 / math.sqrt(12.0)))


def test_starts_placed_together_are_those_placed_alone():
    found = [rise_near(channel(seed, level), 1000.0, 1.75) for seed, level in ((1, 3.0), (2, 8.0), (3, 20.0), (4, 8.0))]
    asked = [(rise, snr_db) for _onset, rise in found for snr_db in (math.nan, 8.0)]
    alone = [start_times([item])[0] for item in asked]
    np.testing.assert_allclose(start_times(asked), alone, rtol=0.0, atol=1e-6)
    assert all(abs(at_s - 1.75) < 0.05 for at_s, _sigma_s in alone)


def test_the_detection_filter_whitens_noise_of_its_own_colour():
    rng = np.random.default_rng(5)
    samples = np.convolve([1.0, 0.9], rng.standard_normal(20_000))[:-1]
    calm = rises.spectrum(samples, np.arange(0, 19_000, 64), 128)
    taps, worth = rises.detection_filter(calm, 2.0 * calm)
    seen = rises.through(samples, taps)[200:]
    assert abs(np.corrcoef(seen[1:], seen[:-1])[0, 1]) < 0.1
    assert 0.8 < worth <= 1.0 + 1e-9
