import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emgmon.dsp.quality import QualityWatch
from emgmon.dsp.seconds import Seconds
from emgmon.dsp.shape import (
    median_frequency_hz,
    motion,
    normalities,
    normality,
    power_of,
    shape_of,
    shapes_of,
    spectrum_of,
)
from emgmon.dsp.verdict_names import EVEN, FIRST


def emg(n, fs_hz, seed=0, top_hz=480.0):
    """Noise of 1 with the spectrum of surface EMG, cut off as an amplifier does."""
    f_hz = np.fft.rfftfreq(n, 1 / fs_hz)
    power = 120.0**4 * f_hz**2 / ((f_hz**2 + 60.0**2) * (f_hz**2 + 120.0**2) ** 2) * (f_hz < top_hz)
    noise = np.fft.irfft(np.fft.rfft(np.random.default_rng(seed).standard_normal(n)) * np.sqrt(power), n)
    return noise / noise.std()


def mean_shape(samples, fs_hz):
    size = round(fs_hz)
    powers = [power_of(spectrum_of(samples[a : a + size]), size) for a in range(0, len(samples) - size + 1, size // 4)]
    return shape_of(np.mean(powers, axis=0), 1.0, fs_hz)


@pytest.mark.parametrize("seed", range(4))
def test_clean_emg_is_within_all_four_limits_at_2000_hz(seed):
    found = mean_shape(emg(3500, 2000.0, seed) + 0.01 * np.random.default_rng(seed).standard_normal(3500), 2000.0)
    assert found.motion_db >= 12
    assert found.noise_db >= 15
    assert found.drop_db >= 30
    assert found.deformation <= 1.4


def test_each_disturbance_shows_in_its_ratio():
    time_s = np.arange(3500) / 2000.0
    clean, rng = emg(3500, 2000.0), np.random.default_rng(1)
    moved = mean_shape(clean + 1.0 * np.sin(2 * np.pi * 4 * time_s), 2000.0)
    noisy = mean_shape(clean + 0.4 * rng.standard_normal(3500), 2000.0)
    both = mean_shape(clean + 1.0 * np.sin(2 * np.pi * 4 * time_s) + 0.4 * rng.standard_normal(3500), 2000.0)
    assert moved.motion_db < 12
    assert noisy.noise_db < 15
    assert noisy.drop_db < 30
    assert both.deformation > 1.4


def test_a_band_that_ends_at_450_hz_has_no_part_of_noise_alone():
    """Even clean EMG stays above the limits' noise there; so the two ratios are not given."""
    found = mean_shape(emg(1750, 1000.0), 1000.0)
    assert found.noise_db == found.drop_db == math.inf
    assert math.isfinite(found.deformation)


def test_normal_noise_lies_on_the_line_and_spikes_do_not():
    rng = np.random.default_rng(2)
    normal = rng.standard_normal(1000)
    assert normality(normal) > 0.995
    spiky = normal.copy()
    spiky[::40] += 12.0
    assert normality(spiky) < 0.96
    assert normality(np.sin(np.arange(1000))) < 0.985
    assert math.isnan(normality(np.ones(100)))
    assert math.isnan(normality(np.arange(5.0)))


def test_power_adds_up_and_motion_and_median_are_where_they_are():
    samples = np.sqrt(2) * (
        3.0 * np.sin(2 * np.pi * 10 * np.arange(1000) / 1000) + np.sin(0.4 * np.pi * np.arange(1000))
    )
    power = power_of(spectrum_of(samples), 1000)
    assert power.sum() == pytest.approx(10.0, rel=0.02)
    low_rms, share = motion(power, 1.0)
    assert low_rms == pytest.approx(3.0, rel=0.02)
    assert share == pytest.approx(0.9, rel=0.02)
    assert median_frequency_hz(power, 1.0) == pytest.approx(200.0, abs=1.5)


def looked_at(samples, size):
    """Columns of what is found of a channel whose windows come so many at once."""
    quality, found = QualityWatch(1000.0, "uv", noise=2.0), []
    signals = np.stack([samples] * 3)
    for first in range(0, len(samples) // 250 - 3, size):
        seen = Seconds(signals[:, 250 * first : 250 * (first + size + 3)], 250, 1000.0, quality.bins)
        quality.look(seen, 0, seen.n, 1, cancelling=False)
        columns = [list(column) for column in quality._out]
        judged = [verdict.code for verdict in quality.judge(seen, 0, seen.n)]
        found += zip(columns[FIRST], columns[EVEN], judged, strict=True)
    return [(first >= 0.0, first >= 0.0 and even > 0.0, code) for first, even, code in found]


def at_work(strength):
    """Muscle that works from second 4 on, as strongly as given, with a second of rest at 9."""
    samples = np.random.default_rng(1).normal(0.0, 2.0, 14_000)
    samples[4000:] += 60.0 * strength * emg(10_000, 1000.0)
    samples[9000:10_000] = np.random.default_rng(2).normal(0.0, 2.0, 1000)
    return samples


@pytest.mark.parametrize("size", [1, 3, 100])
def test_only_windows_in_a_row_are_judged_together(size):
    """The first that works ends at 4.25 s, and the last before the rest begins in 8.75 s; so is it after the rest."""
    found = looked_at(at_work(np.ones(10_000)), size)
    judged = [k for k, (together, _even, _code) in enumerate(found) if together]
    assert judged == [*range(16, 36), *range(40, len(found))]
    assert found == looked_at(at_work(np.ones(10_000)), 7)


def test_muscle_that_swells_is_not_judged_by_its_distribution():
    swells = 0.1 + np.abs(np.sin(np.pi * np.arange(10_000) / 1000.0)) ** 8
    found = looked_at(at_work(swells), 100)
    assert sum(together for together, _even, _code in found) > 20
    assert not any(even for _together, even, _code in found)
    assert "NORM" not in {code for _together, _even, code in found}


def test_many_normalities_are_those_of_each():
    rows = np.stack([emg(500, 1000.0, seed) for seed in range(40)])
    np.testing.assert_array_equal(normalities(rows), [normality(row) for row in rows])


def test_many_shapes_are_those_of_each():
    power = power_of(spectrum_of(np.stack([emg(2000, 2000.0, seed) for seed in range(20)])), 2000)
    power[3] = 0.0
    found = shapes_of(power, 1.0, 2000.0)
    assert shape_of(power[3], 1.0, 2000.0) is None
    assert np.isnan(found[3]).all()
    for row, each in zip(np.delete(found, 3, axis=0), np.delete(power, 3, axis=0), strict=True):
        assert tuple(row) == shape_of(each, 1.0, 2000.0)


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, st.integers(64, 300), elements=st.floats(-1e12, 1e12)), st.sampled_from([64.0, 200.0, 2000.0])
)
def test_totality(samples, fs_hz):
    power = power_of(spectrum_of(samples), len(samples))
    found = shape_of(power, fs_hz / len(samples), fs_hz)
    assert found is None or not any(math.isnan(value) for value in found)
    assert math.isnan(normality(samples)) or -1.001 <= normality(samples) <= 1.001
