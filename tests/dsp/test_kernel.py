"""The compiled loops and what they replace give the same bits; without numba the chain runs all the same."""

import math
import sys
from itertools import pairwise

import numpy as np
import pytest

from emgmon.dsp import compiled
from emgmon.dsp.canceller import MainsCanceller
from emgmon.dsp.contact import _counts, facts_of_windows
from emgmon.dsp.filters import ERECTOR_SPINAE, BandPass
from emgmon.dsp.mains import Hum, MainsWatch, line_rms
from emgmon.dsp.recent import Recent
from emgmon.dsp.seconds import _bands, _levels
from emgmon.dsp.shape import median_frequency_hz, power_of, shapes_of, spectrum_of
from emgmon.pipeline.chain import Chain

FS = 1000.0


@pytest.fixture
def loops():
    pytest.importorskip("numba")
    return compiled.kernel()


@pytest.fixture
def plainly(monkeypatch):
    """Call something as if numba were not installed."""

    def call(act):
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, "numba", None)
            patched.delitem(sys.modules, "emgmon.dsp.kernel", raising=False)
            compiled.forget()
            assert compiled.kernel() is None
            result = act()
        compiled.forget()
        return result

    return call


def wild(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(n) * np.exp(4.0 * rng.standard_normal(n))


def session(seed, hum_uv=0.0, seconds=24):
    """Rest and bursts of muscle, beats of a heart, a gap, a second without signal, hum on top."""
    rng = np.random.default_rng(seed)
    n = int(seconds * FS)
    time_s = np.arange(n) / FS
    samples = 2.0 * rng.standard_normal(n) + 300.0
    samples += 80.0 * (np.sin(2 * np.pi * time_s / 4.0) > 0.3) * np.convolve(rng.standard_normal(n), np.ones(3), "same")
    samples[:: int(0.9 * FS)] += 150.0
    samples += hum_uv * np.sin(2 * np.pi * 50.1 * time_s)
    samples[15_000:15_040] = np.nan
    samples[18_000:19_000] = 7.0
    samples[21_500] = 1e300
    return np.round(samples / 0.195) * 0.195


def run(samples, cuts, **kinds):
    chain = Chain(FS, "uv", **kinds)
    chain.know(6000, "noise", 2.0)
    parts = [chain(samples[a:b]) for a, b in pairwise([0, *cuts, len(samples)])]
    judged = [
        (item.stop, item.verdict, [(r.first, r.samples.tobytes()) for r in item.revised])
        for _filtered, found in parts
        for item in found
    ]
    return np.concatenate([filtered for filtered, _found in parts]).tobytes(), judged, chain.mains_since


@pytest.mark.parametrize("kinds", [{}, {"settings": ERECTOR_SPINAE}], ids=["thigh", "back"])
@pytest.mark.parametrize("hum_uv", [0.0, 20.0])
def test_the_chain_gives_the_same_bits_with_and_without(loops, plainly, kinds, hum_uv):
    assert loops is not None
    samples = session(3, hum_uv)
    expected = plainly(lambda: run(samples, [], **kinds))
    for cuts in ([], range(20, len(samples), 20), sorted(np.random.default_rng(1).integers(0, len(samples), 30))):
        assert run(samples, cuts, **kinds) == expected


def test_without_numba_any_cut_gives_the_same_bits_too(plainly):
    samples = session(4, 20.0)
    whole, cut = plainly(lambda: (run(samples, []), run(samples, range(333, len(samples), 333))))
    assert whole == cut


@pytest.mark.parametrize("n", [*range(1, 20), 50, 127, 128, 129, 250, 481, 999, 1000, 1926, 4000, 20_000])
def test_sums_are_those_of_numpy(loops, n):
    values = wild(n, n)
    assert loops.sum_of(values, 0, n) == values.sum()


def test_facts_of_windows_are_the_same(loops):
    for step in (1.0, 1e-3, 200.0):
        samples = np.round(wild(250 * 9) / step) * step
        np.testing.assert_array_equal(loops.facts_of(samples, 250), facts_of_windows(samples, 250))


def test_levels_and_bands_and_lines_are_the_same(loops, plainly):
    samples, power = wild(250 * 9), wild(7 * 501).reshape(7, 501) ** 2
    power[3] = 0.0
    np.testing.assert_array_equal(loops.levels_of(samples, 250), _levels(samples, 250))
    np.testing.assert_array_equal(loops.bands_of(power, 2, 20), _bands(power, 2, 20))
    bins = tuple(range(50, 500, 50))
    np.testing.assert_array_equal(loops.lines_of(power, np.array(bins)), plainly(lambda: line_rms(power, bins)))


@pytest.mark.parametrize("fs_hz", [1000.0, 1926.0, 2000.0])
def test_shapes_and_median_frequencies_are_the_same(loops, plainly, fs_hz):
    assert loops is not None
    power = wild(20 * 964).reshape(20, 964) ** 2
    power[3] = 0.0
    for act in (lambda: shapes_of(power, 1.0, fs_hz), lambda: median_frequency_hz(power, 1.0)):
        np.testing.assert_array_equal(act(), plainly(act))


def test_quantiles_of_late_are_those_of_the_sorted_past():
    values = np.round(np.random.default_rng(0).normal(0.0, 3.0, 200)).tolist()
    tenths, medians = Recent(24), Recent(24)
    for k, value in enumerate(values):
        before, late = sorted(values[max(0, k - 24) : k]), sorted(values[max(0, k - 23) : k + 1])
        other = medians.saved()
        assert tenths.tenth(value) == late[len(late) // 10]
        assert medians.median(value) == other.median(value) == (float(np.median(before)) if before else math.inf)


def test_counts_at_extremes_are_the_same(loops):
    windows = np.round(wild(5 * 1000)).reshape(5, 1000)
    windows[2, 900:] = np.nan
    where, extremes = np.array([0, 2, 4]), np.array([1.0, 0.0, -1.0])
    args = windows, where, extremes, np.array([3.0, 2.0, 0.5])
    np.testing.assert_array_equal(loops.counts_of(*args), _counts(*args))


def test_powers_of_spectra_are_the_same(loops, plainly):
    assert loops is not None
    spectra = spectrum_of(wild(3 * 1000).reshape(3, 1000))
    ours = power_of(spectra, 1000, np.empty(spectra.shape))
    np.testing.assert_array_equal(ours, plainly(lambda: power_of(spectra, 1000, np.empty(spectra.shape))))
    np.testing.assert_array_equal(ours, power_of(spectra, 1000))


@pytest.mark.parametrize("fs_hz", [110.0, 250.0, 350.0, 1000.0])
def test_lines_of_the_mains_are_the_same(loops, plainly, fs_hz):
    assert loops is not None
    size = round(fs_hz)
    spectra = spectrum_of(wild(20 * size).reshape(20, size))

    def seen():
        watch = MainsWatch(fs_hz, size)
        lines = watch.lines(spectra)
        for k in range(20):
            watch.take(lines, k, relaxed=k % 3 > 0)
        over = [watch.prominence_db(lines, k) for k in range(20)]
        return [lines.tops, lines.near, lines.told, over, [watch.hole_hz()]]

    for ours, theirs in zip(seen(), plainly(seen), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_level_with_a_gap_is_nan_in_both(loops):
    samples = wild(250 * 6)
    samples[700] = np.nan
    ours, theirs = loops.levels_of(samples, 250), _levels(samples, 250)
    assert np.isnan(ours).sum() == np.isnan(theirs).sum() > 0
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("settings", [None, ERECTOR_SPINAE], ids=["thigh", "back"])
def test_the_band_pass_is_scipys(loops, plainly, settings):
    assert loops is not None
    samples = wild(3000)

    def filtered():
        band_pass = BandPass(FS) if settings is None else BandPass(FS, settings)
        return np.concatenate([band_pass(samples[:1234]), band_pass(samples[1234:])])

    np.testing.assert_array_equal(filtered(), plainly(filtered))


@pytest.mark.parametrize("fs_hz", [250.0, 1926.0, 4000.0])
def test_the_mains_canceller_gives_the_same_bits_in_any_cut(loops, plainly, fs_hz):
    assert loops is not None
    rng = np.random.default_rng(0)
    samples = rng.normal(0.0, 3.0, 3000) + 20.0 * np.sin(2 * np.pi * 60.1 / fs_hz * np.arange(3000))
    samples[1500:1510] = np.nan
    samples[2000:2200] += 200.0

    def cancelled(cuts):
        canceller = MainsCanceller(fs_hz)
        canceller.tune(Hum(60.0, 14.0, 30.0), samples[:1000])
        cleaned = [canceller(samples[a:b]) for a, b in pairwise([1000, *cuts, 3000])]
        return np.concatenate(cleaned).tobytes(), canceller.f0_hz

    expected = plainly(lambda: cancelled([]))
    assert cancelled([]) == cancelled(range(1007, 3000, 7)) == expected
    assert plainly(lambda: cancelled(range(1333, 3000, 333))) == expected


def test_a_chunk_that_holds_no_voltage_is_refused(loops):
    band_pass, kept = BandPass(FS), np.zeros((3, 250))
    assert band_pass.chunk(loops, np.ones(20), kept, 0) is None  # a fresh start
    band_pass(np.ones(300))
    assert band_pass.chunk(loops, np.ones(20), kept, 100) is not None
    for bad in (math.nan, math.inf, -1e12):
        assert band_pass.chunk(loops, np.append(np.ones(19), bad), kept, 120) is None
    assert not kept[:, 120:].any()
    assert kept[0, 100:120].all()


def test_until_somebody_has_loaded_them_there_are_none(loops):
    assert loops is not None
    compiled.forget()
    assert compiled.defer()
    assert compiled.kernel() is None
    assert not compiled.defer()
    compiled.load()
    assert compiled.kernel() is loops


@pytest.mark.parametrize("cuts", [[], range(20, 9000, 20)], ids=["whole", "chunks"])
def test_samples_that_are_short_or_strided_or_may_not_be_written_are_taken(loops, plainly, cuts):
    assert loops is not None
    samples = np.random.default_rng(0).normal(0.0, 30.0, (9000, 2)).astype(np.float32)[:, 1]
    fixed = samples.astype(np.float64)
    fixed.flags.writeable = False
    expected = plainly(lambda: run(samples, []))
    assert run(samples, cuts) == expected
    assert run(fixed, cuts) == expected
