"""Spectra at the top of each rep, and what drifts over a set."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from emgmon.metrics.base import Stretch
from emgmon.metrics.fatigue import finsm5, finsm5_change, mdf, mdf_change, mnf, top_window_s
from emgmon.metrics.spectrum import log_finsm5, mean_hz, median_hz, spectrum
from emgmon.model import Rep

GL = "gluteus_maximus/left"
REP = Rep(1, 1.0, 2.0, 4.0, 5.0)


def band(low_hz, high_hz, fs_hz=1000.0, seconds=6.0, seed=2):
    """Noise between two frequencies."""
    samples = np.random.default_rng(seed).standard_normal(round(seconds * fs_hz))
    sos = signal.butter(6, (low_hz, high_hz), "bandpass", fs=fs_hz, output="sos")
    return Stretch(np.arange(len(samples)) / fs_hz, 50.0 * signal.sosfiltfilt(sos, samples), fs_hz)


@pytest.mark.parametrize(("low_hz", "high_hz"), [(40, 120), (60, 180)])
def test_median_and_mean_frequency_of_a_flat_band_are_its_middle(low_hz, high_hz):
    found = spectrum(band(low_hz, high_hz, seconds=60.0).samples, 1000.0)
    assert median_hz(found) == pytest.approx((low_hz + high_hz) / 2, abs=3.0)
    assert mean_hz(found) == pytest.approx((low_hz + high_hz) / 2, abs=3.0)


def test_median_frequency_matches_a_spectrum_by_scipy():
    samples = band(30, 200).samples
    frequency_hz, density = signal.welch(samples, 1000.0, "hann", 500, detrend=False)
    kept = (frequency_hz >= 20) & (frequency_hz <= 450)
    total = np.cumsum(density[kept])
    assert median_hz(spectrum(samples, 1000.0)) == pytest.approx(
        float(np.interp(total[-1] / 2, total - density[kept] / 2, frequency_hz[kept])), rel=1e-9
    )


def test_the_fatigue_index_rises_as_power_moves_down_and_forgets_gain():
    high, low = (band(20 + f, 100 + f).samples for f in (40, 0))
    assert log_finsm5(spectrum(low, 1000.0)) > log_finsm5(spectrum(high, 1000.0)) + 0.5
    assert log_finsm5(spectrum(7.0 * low, 1000.0)) == pytest.approx(log_finsm5(spectrum(low, 1000.0)))


def test_pieces_with_lost_samples_are_left_out():
    samples = band(40, 120).samples
    holed = samples.copy()
    holed[100:400] = np.nan
    assert median_hz(spectrum(holed, 1000.0)) == pytest.approx(median_hz(spectrum(samples, 1000.0)), abs=4.0)
    assert spectrum(np.full(2000, np.nan), 1000.0) is None
    assert spectrum(np.zeros(2000), 1000.0) is None
    assert spectrum(samples[:400], 1000.0) is None


def test_the_top_is_within_a_tenth_of_the_range():
    time_s = np.arange(0.0, 6.0, 0.02)
    angle_deg = np.interp(time_s, [1.0, 2.0, 4.0, 5.0], [0.0, 30.0, 30.0, 0.0])
    start_s, stop_s = top_window_s(time_s, angle_deg, REP)
    assert start_s == pytest.approx(1.9, abs=0.021)
    assert stop_s == pytest.approx(4.1, abs=0.021)
    peaked = np.interp(time_s, [1.0, 3.0, 5.0], [0.0, 30.0, 0.0])
    start_s, stop_s = top_window_s(time_s, peaked, REP)
    assert stop_s - start_s == pytest.approx(0.4, abs=0.05)
    assert all(map(math.isnan, top_window_s(time_s, np.full(len(time_s), np.nan), REP)))
    assert all(map(math.isnan, top_window_s(time_s[:10], peaked[:10], REP)))


def test_a_channel_that_may_not_have_a_spectrum_says_why(make):
    good = make({"GL": 40}, noise=1.0, filtered={"GL": band(40, 120)})
    (found,) = mdf(good)
    assert found.value == pytest.approx(80.0, abs=8.0)
    assert found.flag == ""
    reasons = {
        "sensor sends no raw signal": make({"GL": 40}, noise=1.0, filtered={"GL": band(40, 120)._replace(raw=False)}),
        "sensor too slow for spectra": make({"GL": 40}, noise=1.0, filtered={"GL": band(30, 80, 250.0)}),
        "noise not known": make({"GL": 40}, noise=math.nan, filtered={"GL": band(40, 120)}),
        "signal too weak for a spectrum": make({"GL": 40}, noise=10.0, filtered={"GL": band(40, 120)}),
        "signal lost": make(
            {"GL": 40}, noise=1.0, filtered={"GL": band(40, 120)._replace(samples=np.full(6000, np.nan))}
        ),
        "top too short for a spectrum": replace(good, top_s=(2.0, 2.3)),
        "no top of the movement": replace(good, top_s=(math.nan, math.nan)),
    }
    for reason, signals in reasons.items():
        for metric in (mdf, mnf, finsm5):
            (value,) = metric(signals)
            assert math.isnan(value.value)
            assert value.flag == reason
    assert mdf(make({"GL": 40})) == []


@pytest.mark.parametrize(("over_db", "given"), [(14.5, False), (15.5, True)])
def test_fifteen_decibels_are_enough(make, over_db, given):
    stretch = band(40, 120)
    rms = float(np.sqrt(np.mean(stretch.samples[1900:4100] ** 2)))
    (found,) = mdf(make({"GL": 40}, noise=rms / 10 ** (over_db / 20), filtered={"GL": stretch}))
    assert math.isfinite(found.value) == given


def test_a_falling_frequency_is_found_and_one_wild_rep_does_not_hide_it(done):
    course = [100.0 * math.exp(-0.02 * k) for k in range(10)]
    course[6] = 160.0
    reps = [done(k, {("mdf", "hold", GL): value}) for k, value in enumerate(course, 1)]
    (found,) = mdf_change(reps)
    assert found.slope == pytest.approx(-0.02, abs=0.002)
    assert found.slope_high < 0.0
    assert found.mean == pytest.approx(-0.02 * 8)
    rising = [done(k, {("finsm5", "hold", GL): -30 + 0.1 * k}) for k in range(1, 9)]
    assert finsm5_change(rising)[0].slope == pytest.approx(0.1)


def test_without_the_first_two_reps_there_is_no_change(done):
    reps = [done(k, {("mdf", "hold", GL): 90.0 - k}) for k in range(1, 9)]
    assert mdf_change(reps) != []
    assert mdf_change([done(1, {}), *reps[1:]]) == []
    assert mdf_change(reps[:4]) == []


def test_the_line_through_pairs_matches_scipy():
    from scipy import stats  # noqa: PLC0415 - slow to import, only here

    from emgmon.metrics.estimates import theil_sen  # noqa: PLC0415

    rng = np.random.default_rng(4)
    for n in (5, 8, 12, 20):
        index, value = np.sort(rng.choice(40, n, replace=False)).astype(float), rng.standard_normal(n)
        expected = stats.theilslopes(value, index)
        assert theil_sen(index, value) == pytest.approx((expected.slope, expected.low_slope, expected.high_slope))
