from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from emgmon.dsp.filters import ERECTOR_SPINAE, BandPass, BandPassSettings, design

FS = 1000.0


def in_pieces(step, samples, cuts):
    edges = [0, *sorted(c % (len(samples) + 1) for c in cuts), len(samples)]
    return np.concatenate([step(samples[a:b]) for a, b in pairwise(edges)])


@settings(max_examples=40)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(0, 3000), max_size=8),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 60)), max_size=4),
)
def test_chunking_any_split_gives_the_same_bits_with_gaps_too(seed, cuts, gaps):
    samples = np.random.default_rng(seed).normal(0, 50, 2000)
    for start, length in gaps:
        samples[start : start + length] = np.nan
    whole, pieces = BandPass(FS)(samples), in_pieces(BandPass(FS), samples, cuts)
    np.testing.assert_array_equal(whole, pieces)


def test_equals_scipy_on_the_whole_signal():
    samples = np.random.default_rng(0).normal(0, 50, 5000)
    sos = design(BandPassSettings(), FS)
    expected, _ = signal.sosfilt(sos, samples, zi=signal.sosfilt_zi(sos) * samples[0])
    np.testing.assert_allclose(BandPass(FS)(samples)[150:], expected[150:], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("chosen", "frequency_hz", "low", "high"),
    [
        (BandPassSettings(), 1, 0, 0.01),
        (BandPassSettings(), 20, 0.68, 0.73),
        (BandPassSettings(), 100, 0.97, 1.01),
        (BandPassSettings(), 450, 0.68, 0.73),
        (ERECTOR_SPINAE, 5, 0, 0.002),
        (ERECTOR_SPINAE, 30, 0.68, 0.73),
    ],
)
def test_corners_are_where_the_settings_say(chosen, frequency_hz, low, high):
    _w, response = signal.freqz_sos(design(chosen, FS), worN=[frequency_hz], fs=FS)
    assert low <= abs(response[0]) <= high


def test_upper_edge_follows_a_low_rate():
    _w, response = signal.freqz_sos(design(BandPassSettings(), 200.0), worN=[90.0], fs=200.0)
    assert abs(response[0]) == pytest.approx(0.707, abs=0.02)


def test_delay_is_that_of_a_burst():
    time_s = np.arange(2000) / FS
    burst = np.sin(2 * np.pi * 120 * time_s) * np.exp(-((time_s - 1) ** 2) / (2 * 0.05**2))
    band_pass = BandPass(FS, ERECTOR_SPINAE)
    out = np.nan_to_num(band_pass(burst))
    centre = [float((x**2 @ time_s) / (x @ x)) for x in (burst, out)]
    assert centre[1] - centre[0] == pytest.approx(band_pass.delay_s, abs=2e-4)


def test_a_long_gap_restarts_and_masks_a_short_one_does_not():
    samples = np.random.default_rng(1).normal(0, 50, 3000)
    samples[1000:1008] = np.nan
    samples[2000:2050] = np.nan
    out = BandPass(FS)(samples)
    lost = np.flatnonzero(np.isnan(out)).tolist()
    assert lost == [*range(150), *range(1000, 1008), *range(2000, 2200)]


def test_totality_inf_and_constant_and_empty():
    assert BandPass(FS)(np.empty(0)).shape == (0,)
    assert np.isnan(BandPass(FS)(np.full(10, np.inf))).all()
    assert np.abs(np.nan_to_num(BandPass(FS)(np.full(1000, 1e6)))).max() < 1e-3
