from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgmon.dsp.envelope import HopPower, moving_rms, rms


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 999), max_size=8), st.sampled_from([200.0, 1000.0, 1116.0]))
def test_chunking_hops_are_the_same_bits_for_any_split(seed, cuts, fs_hz):
    samples = np.random.default_rng(seed).normal(0, 50, 999)
    samples[100:107] = np.nan
    whole, _lead = HopPower(fs_hz)(samples)
    pieces, step = [], HopPower(fs_hz)
    edges = [0, *sorted(cuts), len(samples)]
    at = 0
    for a, b in pairwise(edges):
        power, lead = step(samples[a:b])
        assert lead == (a - at * step.hop if len(samples[a:b]) or lead else lead)
        at += len(power)
        pieces.append(power)
    np.testing.assert_array_equal(whole, np.concatenate(pieces))


def test_hop_is_the_mean_square_and_nan_when_mostly_lost():
    samples = np.full(30, 3.0)
    samples[10:14] = np.nan
    samples[20:26] = np.nan
    power, _lead = HopPower(1000.0)(samples)
    np.testing.assert_array_equal(power, [9.0, 9.0, np.nan])


def test_rms_subtracts_noise_exactly():
    assert rms(np.full(10, 25.0), 3.0) == pytest.approx(4.0)
    assert rms(np.full(10, 25.0), np.nan) == 5.0
    assert rms(np.full(10, 4.0), 3.0) == 0.0
    assert np.isnan(rms(np.array([1.0, np.nan, np.nan]), 0.0))
    assert np.isnan(rms(np.empty(0), 0.0))


def test_moving_rms_is_rms_of_each_window():
    power = np.random.default_rng(0).uniform(1, 9, 40)
    power[7:20] = np.nan
    moving = moving_rms(power, 12, 0.5)
    np.testing.assert_allclose(moving, [rms(power[k : k + 12], 0.5) for k in range(29)])
    assert moving_rms(power[:5], 12, 0.0).shape == (0,)
