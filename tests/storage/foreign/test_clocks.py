"""Rows with times come to lie on an even grid: exact, jittered, in bursts, with holes, and repeated."""

import numpy as np
import pytest

from emgmon.errors import ImportFailed
from emgmon.storage.foreign.checks import clipped_share, looks_like_envelope
from emgmon.storage.foreign.clocks import counted, on_clock, repeats

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("fs_hz", [50.0, 148.148, 285.714, 1000.0, 2000.0, 1259.259])
@pytest.mark.parametrize("decimals", [3, 6])
def test_rounded_times_give_the_rate_and_no_hole(fs_hz, decimals):
    grid = on_clock("x", np.round(np.arange(20_000) / fs_hz, decimals), None)
    assert grid.fs_hz == pytest.approx(fs_hz, rel=1e-5)
    assert int(grid.index[-1]) == 19_999


@pytest.mark.parametrize("burst", [1, 4, 10])
@pytest.mark.parametrize("hole", [0, 60])
def test_bursts_of_equal_stamps_with_jitter(burst, hole):
    true = np.arange(5000)
    true[2500:] += hole
    arrived = (true - true % burst + burst) / 100.0
    time_s = np.maximum.accumulate(arrived + np.repeat(RNG.exponential(0.003, 5000 // burst), burst))
    grid = on_clock("x", time_s, None)
    assert grid.fs_hz == pytest.approx(100.0, rel=1e-3)
    assert abs(int(grid.index[-1]) - int(true[-1])) <= 1
    fitted_s = grid.start_s + grid.index / grid.fs_hz
    assert np.percentile(np.abs(fitted_s - true / 100.0 - np.median(fitted_s - true / 100.0)), 99) < 0.012


def test_exact_times_keep_single_holes():
    index = np.delete(np.arange(10_000), RNG.choice(9_998, 700, replace=False) + 1)
    grid = on_clock("x", 3.0 + index / 1000.0 + RNG.normal(0, 5e-5, len(index)), 1000.0)
    np.testing.assert_array_equal(grid.index, index)
    assert (grid.fs_hz, grid.start_s) == (1000.0, pytest.approx(3.0, abs=1e-3))


@pytest.mark.parametrize(
    "time_s", [[], [1.0], [1.0, 1.0], [0.0, np.nan], [0.0, 1.0, 0.5], [0.0, 1e-9], [0.0, 0.001, 1e9]]
)
def test_times_that_cannot_be_are_refused(time_s):
    with pytest.raises(ImportFailed):
        on_clock("x", np.array(time_s), None)


@pytest.mark.parametrize("modulus", [16, 200, 256, 1 << 20])
def test_a_counter_that_wraps(modulus):
    index = np.delete(np.arange(5000), range(1000, 1007))
    np.testing.assert_array_equal(counted((index % modulus).astype(float)), index)


@pytest.mark.parametrize("column", [[1.0, 1, 1, 1], [0, 1, 2, 0.5], [np.nan, 1, 2], [3, 2, 1, 0]])
def test_what_is_no_counter(column):
    assert counted(np.array(column)) is None


def test_rows_repeated_evenly_are_found_with_the_true_rate():
    samples = np.repeat(RNG.normal(size=(2000, 2)), 5, axis=0)
    found = repeats(samples, 1000.0, 0.0, np.arange(10_000), None)
    assert found.grid.fs_hz == pytest.approx(200.0)
    assert (len(found.rows), found.share) == (2000, pytest.approx(0.8))


@pytest.mark.parametrize("scale", [0.4, 5.0, 100.0])
def test_coarse_rest_of_one_channel_is_not_repeated(scale):
    samples = np.round(RNG.normal(0, scale, (10_000, 1)))
    assert repeats(samples, 1000.0, 0.0, np.arange(10_000), None) is None


def test_clipping_is_told_and_peaks_are_not():
    raw = RNG.normal(0, 100, 10_000)
    assert clipped_share(raw) == 0.0
    assert clipped_share(np.clip(raw, -150, 150)) > 0.01
    assert clipped_share(np.round(raw / 60)) == 0.0


def test_an_envelope_is_told_from_raw_emg():
    time_s = np.arange(20_000) / 1000
    active = 1 + np.sin(2 * np.pi * 0.5 * time_s)
    raw = active * RNG.normal(0, 100, 20_000)
    smooth = np.convolve(np.abs(raw), np.ones(200) / 200, "same")
    assert looks_like_envelope(smooth, 1000.0)
    assert not looks_like_envelope(raw, 1000.0)
    assert not looks_like_envelope(np.abs(raw), 1000.0)
    assert not looks_like_envelope(2048 + raw / 4, 1000.0)
